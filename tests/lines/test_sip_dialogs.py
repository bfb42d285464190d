"""What telephones may do to a call over SIP, with the real stack behind the gate: nothing of it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from sip_phone import KEY_CODES, Phone, dialled
from test_sip_server import at, listening

from ivr.lines.line import Line, LineClosed
from ivr.media.pcm import Pcm

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
SAID = chirp(8000, 0.4)
REST = np.zeros(160 * 12, np.int16)


@dataclass
class Desk:
    """Says the chirp again and again, and keeps what it hears."""

    heard: list[Pcm] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def __call__(self, line: Line) -> None:
        said = np.concatenate([SAID, REST])
        with contextlib.suppress(LineClosed):
            for start in range(0, 1 << 30, 160):
                received = await line.recv()
                self.heard.append(received.pcm)
                self.keys += received.keys
                begin = start % len(said)
                await line.send(said[begin : begin + 160])


@asynccontextmanager
async def desk(**about: object) -> AsyncIterator[tuple[Phone, Desk, FakeDoor]]:
    """A line with a desk, and a telephone that has not dialled yet."""
    talk = Desk()
    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server), **about) as phone:
        yield phone, talk, door
        if not phone.over.is_set():
            assert (await phone.bye()).status == 200
            if door.seats[0].task is not None:
                await door.seats[0].done()
        assert not server.seats and not server.calls and not server.gate.dialogs.of(0)


async def both_ways(phone: Phone, talk: Desk) -> tuple[bool, bool]:
    """Whether the desk hears the telephone now, and the telephone the desk."""
    before, came = len(talk.heard), len(phone.heard)
    await phone.speak(np.concatenate([REST, SAID, REST, REST]))
    new = np.concatenate([REST, REST, REST, *talk.heard[before:]])
    return likeness(SAID, new, 4) > 0.98, len(phone.heard) - came > 20


def sdp(phone: Phone, *more: str, host: str = "", media: str = "", version: int = 2) -> bytes:
    """The telephone's offer with other lines."""
    text = phone.sdp(version=version).decode().replace("a=sendrecv\r\n", "")
    if host:
        text = text.replace(f"c=IN IP4 {phone.host}", f"c={host}")
    if media:
        text = re.sub("m=audio.*", media, text, flags=re.DOTALL) + "\r\n"
    return (text + "".join(f"{line}\r\n" for line in more)).encode()


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (("m=video 40000 RTP/AVP 99", "a=rtpmap:99 H264/90000"), ["audio ", "video 0"]),
        (("m=audio 40002 RTP/AVP 8", "a=rtpmap:8 PCMA/8000"), ["audio ", "audio 0"]),
    ],
    ids=["video", "a second sound"],
)
async def test_of_several_streams_the_first_sound_is_taken(
    lines: tuple[str, ...], answered: list[str]
) -> None:
    async with desk() as (phone, talk, _):
        answer = await phone.dial(sdp(phone, *lines))
        told = re.findall("m=(.*)", answer.body.decode())
        assert [one.startswith(begins) for one, begins in zip(told, answered, strict=True)] == [True, True]
        assert await both_ways(phone, talk) == (True, True)


async def test_who_offers_nothing_gets_our_offer_and_answers_it() -> None:
    async with desk() as (phone, talk, _):
        answer = await phone.dial(b"")
        assert b"PCMU/8000" in answer.body and b"opus" in answer.body
        assert await both_ways(phone, talk) == (True, True)


async def test_a_call_that_is_on_hold_from_the_start_begins_when_it_is_resumed() -> None:
    async with desk() as (phone, talk, door):
        assert (await phone.dial(sdp(phone, host="IN IP4 0.0.0.0"))).status == 200
        assert door.seats[0].task is None
        again = await phone.ask(phone.request("INVITE", body=sdp(phone)))
        phone._aim(again.body)
        await door.call()
        assert await both_ways(phone, talk) == (True, True)


async def test_hold_in_all_its_forms_and_back() -> None:
    async with desk() as (phone, talk, _):
        await phone.dial()
        version = 2
        for lines, host, heard in (
            (("a=sendonly",), "", (False, False)),
            (("a=inactive",), "", (False, False)),
            ((), "IN IP4 0.0.0.0", (False, False)),
            (("a=recvonly",), "", (False, True)),
        ):
            offer = sdp(phone, *lines, host=host, version=version)
            assert (await phone.ask(phone.request("INVITE", body=offer))).status == 200
            assert await both_ways(phone, talk) == heard, lines or host
            offer = sdp(phone, version=version + 1)
            assert (await phone.ask(phone.request("INVITE", body=offer))).status == 200
            version += 2
        assert await both_ways(phone, talk) == (True, True)


async def test_offers_in_a_call_that_cannot_be_change_nothing() -> None:
    async with desk() as (phone, talk, _):
        await phone.dial()
        for body, kind, status in (
            (sdp(phone, media="m=audio 9 RTP/AVP 3"), "application/sdp", 488),
            (sdp(phone, host="IN IP6 2001:db8::1"), "application/sdp", 488),
            (b"<x/>", "text/xml", 415),
        ):
            assert (await phone.ask(phone.request("INVITE", body=body, kind=kind))).status == status
        small = (("Supported", "timer"), ("Session-Expires", "30"))
        refused = await phone.ask(phone.request("INVITE", body=sdp(phone), more=small))
        assert (refused.status, refused.get("Min-SE")) == (422, "90")
        assert (await phone.ask(phone.request("PRACK", more=(("RAck", "1 1 INVITE"),)))).status == 481
        assert await both_ways(phone, talk) == (True, True)


async def test_sessions_are_refreshed_by_update_and_by_invite() -> None:
    headers = (("Supported", "timer"), ("Session-Expires", "120"))
    async with desk(headers=headers) as (phone, talk, _):
        assert (await phone.dial()).get("Session-Expires") == "120;refresher=uac"
        for method, body in (("UPDATE", b""), ("UPDATE", sdp(phone)), ("INVITE", sdp(phone, version=3))):
            more = (("Supported", "timer"), ("Session-Expires", "240;refresher=uac"))
            answer = await phone.ask(phone.request(method, body=body, more=more))
            assert (answer.status, answer.get("Session-Expires")) == (200, "240;refresher=uac")
        assert await both_ways(phone, talk) == (True, True)


async def test_two_offers_at_once_and_one_before_the_first_is_acknowledged() -> None:
    async with desk() as (phone, talk, _):
        await phone.dial()
        asked = [phone.request("INVITE", body=sdp(phone, version=number)) for number in (2, 3)]
        for one in asked:
            phone.send(one)
        for one in asked:
            answer = await phone.final(one)
            assert answer.status in (200, 491, 500)
            phone.acknowledge(one, answer)
        assert (await phone.ask(phone.request("INVITE", body=sdp(phone, version=4)))).status == 200
        assert await both_ways(phone, talk) == (True, True)


async def test_keys_get_another_payload_in_the_call() -> None:
    async with desk() as (phone, talk, _):
        await phone.dial()
        await phone.speak(REST)
        await phone.press("1")
        media = f"m=audio {phone.rtp_port} RTP/AVP 0 96"
        offer = sdp(phone, "a=rtpmap:0 PCMU/8000", "a=rtpmap:96 telephone-event/8000", media=media)
        assert b"96 telephone-event" in (await phone.ask(phone.request("INVITE", body=offer))).body
        await phone.speak(REST)
        begun = phone._timestamp
        for number, end in ((1, 0), (2, 0), (3, 0), (4, 0x80), (4, 0x80)):
            event = struct.pack(">BBH", KEY_CODES.index("2"), end | 10, 160 * number)
            phone._rtp_out(96, event, begun, mark=number == 1)
            await asyncio.sleep(0.02)
        phone._timestamp += 800
        assert await both_ways(phone, talk) == (True, True)
        assert talk.keys == ["1", "2"]


async def test_copies_and_late_messages_change_nothing() -> None:
    async with desk() as (phone, talk, door):
        asked = phone.invite()
        phone.send(asked)  # a copy, before the answer
        answer = await phone.final(asked)
        phone.cancel(asked)  # too late: RFC 3261, 9.2
        # Without an ACK it comes again.
        await phone.until(lambda: sum(one.get("CSeq") == "1 INVITE" for one in phone.answers) >= 3)
        phone.answered = answer
        phone.acknowledge(asked, answer)
        phone.acknowledge(asked, answer)
        phone._aim(answer.body)
        assert await both_ways(phone, talk) == (True, True)
        bye = phone.request("BYE")
        assert (await phone.ask(bye)).status == 200
        came = len(phone.answers)
        phone.send(bye)
        await phone.until(lambda: len(phone.answers) > came)
        assert phone.answers[-1].status == 200
        phone.over.set()
        await door.seats[0].done()
        assert len(door.seats) == 1


async def test_a_server_that_ends_lets_calls_go_on_and_refuses_new_ones() -> None:
    talk = Desk()
    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        asked = phone.invite()  # not answered yet
        await server.stop_accepting()
        async with dialled(at(server)) as late:
            refused = await late.dial()
            assert (refused.status, refused.get("Retry-After")) == (503, "10")
        answer = await phone.final(asked)
        phone.acknowledge(asked, answer)
        if answer.status == 200:  # it came in first
            phone.answered = answer
            phone._aim(answer.body)
            assert await both_ways(phone, talk) == (True, True)
            assert (await phone.bye()).status == 200
            await door.seats[0].done()
        else:
            assert answer.status == 503
