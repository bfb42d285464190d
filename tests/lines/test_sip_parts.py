"""The small parts of SIP lines: packets of the pipe, pace, waits."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegRinging
from ivr.lines.line import TransferContext
from ivr.lines.sip import pipe
from ivr.lines.sip.backoff import Backoff
from ivr.lines.sip.call import refer_to
from ivr.lines.sip.events import KeyEvents
from ivr.lines.sip.flow import Rates
from ivr.lines.sip.leg import SipLeg
from ivr.lines.sip.pace import REPORT_TICKS, TICK, Pace
from ivr.lines.sip.pipe import Kind


def test_packets_survive_any_cut() -> None:
    pcm = np.arange(-160, 160, dtype=np.int16)
    data = pipe.packet(Kind.KEY, 7, key="5") + pipe.sound(1 << 31, pcm) + pipe.packet(Kind.READY, port=1)
    reader, found = pipe.Reader(), []
    for byte in data:
        found += reader.feed(bytes([byte]))
    assert [(one.kind, one.call) for one in found] == [(Kind.KEY, 7), (Kind.SOUND, 1 << 31), (Kind.READY, 0)]
    assert found[0].json() == {"key": "5"} and np.array_equal(found[1].pcm(), pcm)


@pytest.mark.parametrize(
    "data", [b"\x03\0\0\0\1\xff\xff\xff\xff", b"\xfe\0\0\0\1\0\0\0\0"], ids=["endless", "unknown"]
)
def test_a_stream_that_cannot_be_ours(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"a packet of|is not a valid Kind"):
        pipe.Reader().feed(data)


def test_deadlines_do_not_drift_and_lateness_is_told() -> None:
    pace, now = Pace(100.0), 100.0
    for number in range(REPORT_TICKS):
        now += pace.wait(now)
        assert now == pytest.approx(100.0 + TICK * (number + 1))
        now += 0.003 if number % 2 else 0.0  # every other tick begins late
        pace.began(now)
    late = pace.report()
    assert late is not None and late.ticks == REPORT_TICKS
    assert (late.p99_ms, late.most_ms) == (3.0, 3.0) and pace.report() is None


def test_after_a_long_sleep_time_goes_on_from_now() -> None:
    pace = Pace(0.0)
    assert pace.wait(60.0) == 0.0
    assert pace.wait(60.0) == pytest.approx(TICK)


def test_waits_grow_and_differ() -> None:
    waits = Backoff()
    assert [waits.failed(1.0) for _ in range(8)] == [2, 4, 8, 16, 32, 64, 120, 120]
    waits.went_well()
    assert waits.failed(0.0) == 1.0


def test_rates_fill_again_and_remember_only_so_many() -> None:
    rates = Rates(rate=10.0, burst=5.0, most=2)
    assert [rates.take("a", 0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert rates.take("a", 0.1) and not rates.take("a", 0.1)
    assert rates.take("b", 0.1) and rates.take("c", 0.1) and rates.take("a", 0.1)


def test_a_leg_tells_what_happens_and_hears_silence_until_sound_comes() -> None:
    told: list[bytes] = []
    leg = SipLeg(told.append, 5, 8000)
    leg.told(Kind.RINGING, {})
    leg.told(Kind.BEGUN, {})
    assert leg.events() == (LegRinging(), LegAnswered()) and leg.events() == ()
    assert not leg.recv().pcm.any()
    leg.told(Kind.KEY, {"key": "a"})
    assert leg.recv().keys == ("A",)
    leg.told(Kind.ENDED, {"reason": "Connection reset by peer"})
    assert leg.events() == (LegEnded(LegCause.HUNG_UP, "Connection reset by peer"),)


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("486 Busy Here", LegCause.BUSY), ("480 Nobody there", LegCause.NO_ANSWER),
     ("603 Decline", LegCause.DECLINED), ("404 Not Found", LegCause.UNREACHABLE),
     ("Network is unreachable", LegCause.UNREACHABLE)],
)  # fmt: skip
def test_why_nobody_came(reason: str, cause: LegCause) -> None:
    leg = SipLeg(lambda _: None, 5, 8000)
    leg.told(Kind.ENDED, {"reason": reason})
    assert leg.events() == (LegEnded(cause, reason),)


def test_no_caller_speaks_a_header_of_their_own_into_a_transfer() -> None:
    context = TransferContext("c", "bill\r\nX-Evil: 1&Route=<sip:evil>;lr?a=b")
    uri = refer_to("201;x=1@evil", "pbx.example.com", context)
    assert uri.startswith("sip:201%3Bx%3D1%40evil@pbx.example.com?X-IVR-Call=c&X-IVR-Reason=")
    assert not set(uri.partition("?")[2]) & set("\r\n<>@;? ") and uri.count("&") == 1
    assert refer_to("201", "2001:db8::1", TransferContext("")) == "sip:201@[2001:db8::1]"


def test_a_late_packet_of_a_key_is_not_the_key_once_more() -> None:
    keys = KeyEvents()
    assert keys.began("5", 1.0)
    keys.ended(1.1)
    assert not keys.began("5", 1.13)
    assert keys.began("6", 1.14), "another key is never a late one"
    keys.ended(1.2)
    assert keys.began("6", 1.265), "pressed twice"
    assert keys.began("6", 1.27), "an event whose end was lost"
