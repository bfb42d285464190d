"""AudioSocket's messages, whole and broken."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.lines.audiosocket.messages import (
    RATES,
    HangUp,
    Identified,
    Key,
    Message,
    PeerError,
    Reader,
    Sound,
    hang_up,
    identified,
    key,
    sound,
)

CALL = uuid.UUID("12345678-1234-5678-1234-567812345678")


def messages() -> st.SearchStrategy[tuple[bytes, Message]]:
    """A message as bytes and as it is read."""
    samples = st.lists(st.integers(-32_768, 32_767), max_size=400).map(lambda s: np.array(s, np.int16))
    return st.one_of(
        st.just((hang_up(), HangUp())),
        st.uuids().map(lambda call: (identified(call), Identified(call))),
        st.sampled_from("0123456789*#ABCD").map(lambda k: (key(k), Key(k))),
        st.tuples(st.sampled_from(sorted(RATES)), samples).map(lambda s: (sound(*s), Sound(*s))),
        st.integers(0, 255).map(lambda code: (b"\xff\x00\x01" + bytes([code]), PeerError(code))),
    )


def same(one: Message, other: Message) -> bool:
    if isinstance(one, Sound) and isinstance(other, Sound):
        return one.kind == other.kind and np.array_equal(one.pcm, other.pcm)
    return one == other


@given(st.lists(messages(), max_size=8), st.data())
def test_messages_are_read_wherever_the_network_cut_them(
    sent: list[tuple[bytes, Message]], data: st.DataObject
) -> None:
    stream = b"".join(raw for raw, _ in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    reader, read = Reader(), list[Message]()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        read += reader.feed(stream[start:end])
    assert len(read) == len(sent) and reader.waiting == 0
    assert all(same(one, other) for one, (_, other) in zip(read, sent, strict=True))


@given(st.binary(max_size=300))
def test_any_bytes_are_messages_or_refused(data: bytes) -> None:
    slow, fast = Reader(), Reader()
    read = [message for at in range(len(data)) for message in slow.feed(data[at : at + 1])]
    assert len(fast.feed(data)) == len(read) and fast.fault == slow.fault
    assert slow.fault is not None or slow.waiting <= 3 + 0xFFFF


def test_every_rate_of_newer_versions_is_known() -> None:
    assert [RATES[kind] for kind in range(0x10, 0x19)] == [
        8_000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x10\x00\x03", "half a sample"),
        (b"\x01\x00\x0f", "UUID"),
        (b"\x03\x00\x02", "key"),
        (b"\x42\x00\x00", "unknown kind"),
        (b"\x00\xff\xff", "too long"),
        (b"GET / HTTP/1.1\r\n", "unknown kind"),
    ],
)
def test_a_header_that_cannot_be_is_refused_before_its_payload(data: bytes, says: str) -> None:
    reader = Reader()
    assert reader.feed(key("5") + data) == (Key("5"),)  # what came before counts
    assert reader.fault is not None and says in reader.fault
    assert reader.feed(key("5")) == ()


def test_silence_is_nothing() -> None:
    assert Reader().feed(b"\x02\x00\x00" + key("5")) == (Key("5"),)


def test_what_does_not_fit_is_not_sent() -> None:
    with pytest.raises(ValueError, match="32767 samples"):
        sound(0x10, np.zeros(40_000, np.int16))
