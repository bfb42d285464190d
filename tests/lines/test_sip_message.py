"""SIP messages: what can be read, what cannot, and that nothing breaks the reading."""

from __future__ import annotations

import random

import pytest
from sip_texts import BAD, GOOD, request

from ivr.lines.sip.framing import Framer
from ivr.lines.sip.message import LONGEST, Malformed, address_of, params_of, parse, split, user_of


@pytest.mark.parametrize("case", GOOD)
def test_unusual_but_valid(case: str) -> None:
    message = parse(GOOD[case])
    assert parse(bytes(message)) == parse(bytes(parse(bytes(message))))


@pytest.mark.parametrize("case", BAD)
def test_malformed(case: str) -> None:
    with pytest.raises(Malformed):
        parse(BAD[case])


def test_what_stands_in_a_message() -> None:
    message = parse(request(Supported="timer, 100rel", X_Thing="a"))
    assert (message.method, message.uri, message.call_id, message.cseq) == (
        "INVITE", "sip:100@192.0.2.5", "a1@host", (1, "INVITE")
    )  # fmt: skip
    assert user_of(address_of(message.get("from"))) == "+442079460000"
    assert (message.tag("From"), message.tag("To")) == ("f1", "")
    assert message.options("Supported") == {"timer", "100rel"}
    via = message.via()
    assert (via.transport, via.host, via.port) == ("UDP", "192.0.2.10", 5060)
    assert via.params == {"branch": "z9hG4bKa", "rport": ""}
    assert bytes(message.on_top("X", "1").without("x")) == bytes(message)


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ('"a, b" <sip:x@y>, <sip:z@y;p=1,2>', ('"a, b" <sip:x@y>', "<sip:z@y;p=1,2>")),
        ('"a \\", b" <sip:x@y>,c', ('"a \\", b" <sip:x@y>', "c")),
        (" , ,", ()),
    ],
    ids=["quoted", "escaped", "empty"],
)
def test_lists(value: str, members: tuple[str, ...]) -> None:
    assert split(value) == members


def test_addresses() -> None:
    assert address_of('"<fake>" <sip:real@host>;tag=1') == "sip:real@host"
    assert params_of('"a;b" <sip:x@y;z=1>;tag=7;flag') == {"tag": "7", "flag": ""}
    assert user_of("tel:+4420;ext=1") == "+4420"
    assert user_of("sip:%2B44@h") == "+44"
    assert user_of("sip:host") == ""


def test_a_header_cannot_be_smuggled_into_the_next_message() -> None:
    with pytest.raises(Malformed):
        parse(request(Subject="a\rX-Evil: 1"))
    folded = parse(request(Subject="a\r\n b"))
    assert folded.get("Subject") == "a b"


def test_mutations_are_read_or_malformed_and_nothing_else() -> None:
    chance = random.Random(4475)
    seeds = [request(Session_Expires="1800"), *GOOD.values(), *BAD.values()]
    read = 0
    for _ in range(20_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            match chance.randrange(13) // 3:
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 30)]
                case 2:
                    data[at:at] = data[chance.randrange(len(data)) :][: chance.randint(1, 60)]
                case 3:
                    data[at:at] = chance.choice(
                        [b"\r\n", b"\0", b";;", b'"', b"<", b"%", b"\xff\xfe", b"," * 99]
                    )
                case 4:
                    del data[at:]
            data = data or bytearray(b"\r\n")
        try:
            message = parse(bytes(data))
        except Malformed:
            continue
        read += 1
        assert parse(bytes(message)).call_id == message.call_id
    assert 1_000 < read < 18_000


def test_a_stream_is_cut_at_the_lengths() -> None:
    one, two = (
        request(call_id="one"),
        request(call_id="two").replace(b"Content-Length: 0\r\n\r\n", b"l: 3\r\n\r\nabc"),
    )
    framer, found = Framer(), []
    for byte in one + b"\r\n\r\n" + two + one[:20]:
        found += framer.feed(bytes([byte]))
    assert found == [one, two] and framer.waiting


@pytest.mark.parametrize(
    "data",
    [
        b"INVITE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 999999\r\n\r\n",
        b"x" * (LONGEST + 1),
    ],
    ids=["no length", "two lengths", "too long", "no end"],
)
def test_a_stream_that_cannot_be_cut(data: bytes) -> None:
    with pytest.raises(Malformed):
        Framer().feed(data)
