"""Where the line cannot pass the caller on, we call and join: whole calls over legs in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from call_parts import MemoryDialer, MemoryLeg, Talker, hold

from ivr.errors import LineError
from ivr.events import ActionFailed, BridgeEnded, Outcome, PromptStarted, Transferred, Understood
from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegRinging
from ivr.media.pcm import Pcm
from ivr.ports import CallLimits

ANSWERED = [(1.0, LegRinging()), (5.0, LegAnswered()), (25.0, LegEnded(LegCause.HUNG_UP))]


class Tap:
    def __init__(self) -> None:
        self.frames: list[tuple[Pcm, Pcm | None]] = []

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        self.frames.append((caller, desk))

    def close(self) -> None: ...


@pytest.mark.parametrize("paced", [True, False])
async def test_a_bridge_from_ringing_to_the_end(tmp_path: Path, paced: bool) -> None:
    leg, tap = MemoryLeg(ANSWERED), Tap()
    line = Talker([(3.0, 1.0), (13.0, 2.0), (14.0, "7")], accepts=False, paced=paced)
    dialer = MemoryDialer(leg)
    done = await hold(tmp_path, line, "billing please", dialer=dialer, taps=(tap,))
    ((target, context),) = dialer.dialled
    assert (target, context.reason) == ("201", "Wants billing.")
    joined, transferred = done.of(Transferred)[0]
    assert (transferred.accepted, transferred.detail) == (True, "bridged")
    ((over, ended),) = done.of(BridgeEnded)
    assert (ended.route, ended.by_caller) == ("billing", False)
    assert ended.seconds == pytest.approx(over - joined) == pytest.approx(20.0, abs=0.05)
    assert (done.ended.outcome, done.ended.detail) == (Outcome.ROUTED, "billing")
    assert leg.closed and leg.keys == ["7"]
    assert len(done.of(Understood)) == 1, "the desk does not listen to the two"
    # Both directions, bit for bit, and the same in the recording.
    at = round(joined / 0.02)
    heard = [frame for frame in line.sent[at : at + 900] if frame is not None]
    spoken = [frame for frame in leg.spoke if (frame == heard[0]).all()][0]
    first = next(n for n, frame in enumerate(leg.spoke) if frame is spoken)
    assert all((a == b).all() for a, b in zip(heard, leg.spoke[first:], strict=False))
    caller = np.concatenate([frame for frame, _ in tap.frames])
    there = np.concatenate([frame for frame in leg.heard if frame is not None])
    assert there.any() and there.tobytes() in caller.tobytes()
    assert all(right is sent for (_, right), sent in zip(tap.frames, line.sent, strict=True))


async def test_who_waits_for_an_answer_is_never_in_silence(tmp_path: Path) -> None:
    leg = MemoryLeg([(4.0, LegRinging()), (20.0, LegAnswered()), (22.0, LegEnded(LegCause.HUNG_UP))])
    line = Talker([(3.0, 1.0)], accepts=False)
    done = await hold(tmp_path, line, "billing please", dialer=MemoryDialer(leg))
    assert done.silence(4.6, done.ended.seconds) <= 1.5
    held = [event for _, event in done.of(PromptStarted) if event.name.startswith("holding")]
    assert not held, "music and ringing are enough"


@pytest.mark.parametrize(
    ("cause", "prompt"),
    [
        (LegCause.BUSY, "transfer_busy"),
        (LegCause.DECLINED, "transfer_declined"),
        (LegCause.NO_ANSWER, "transfer_unanswered"),
        (LegCause.UNREACHABLE, "transfer_failed"),
    ],
    ids=str,
)
async def test_the_caller_comes_back_with_a_sentence(tmp_path: Path, cause: LegCause, prompt: str) -> None:
    leg = MemoryLeg([(0.5, LegRinging()), (2.0, LegEnded(cause))])
    done = await hold(
        tmp_path, Talker([(3.0, 1.0)], accepts=False), "billing please", dialer=MemoryDialer(leg)
    )
    assert [event.detail for _, event in done.of(ActionFailed)] == [cause.value]
    failed = done.of(ActionFailed)[0][0]
    names = [event.name for at, event in done.of(PromptStarted) if at >= failed]
    assert names[0].startswith(f"routes.billing.{prompt}")
    assert done.ended.outcome is Outcome.HANDED_OFF and leg.closed


async def test_nobody_answers(tmp_path: Path) -> None:
    leg = MemoryLeg([(0.5, LegRinging())])
    done = await hold(
        tmp_path, Talker([(3.0, 1.0)], accepts=False), "billing please", dialer=MemoryDialer(leg)
    )
    assert [event.detail for _, event in done.of(ActionFailed)] == ["no answer"]
    assert 34.0 < done.of(ActionFailed)[0][0] < 40.0 and leg.closed


async def test_somebody_who_cannot_be_dialled(tmp_path: Path) -> None:
    dialer = MemoryDialer(LineError("the trunk is down"))
    done = await hold(tmp_path, Talker([(3.0, 1.0)], accepts=False), "billing please", dialer=dialer)
    assert done.of(ActionFailed)[0][1].detail == "the trunk is down"
    assert done.ended.outcome is Outcome.HANDED_OFF


async def test_the_caller_hangs_up_while_it_rings(tmp_path: Path) -> None:
    leg = MemoryLeg([(0.5, LegRinging())])
    line = Talker([(3.0, 1.0), (12.0, None)], accepts=False)
    done = await hold(tmp_path, line, "billing please", dialer=MemoryDialer(leg))
    assert leg.closed == 1 and not done.of(Transferred)
    assert done.ended.outcome is Outcome.ABANDONED


async def test_the_caller_hangs_up_in_the_conversation(tmp_path: Path) -> None:
    leg = MemoryLeg(ANSWERED)
    line = Talker([(3.0, 1.0), (20.0, None)], accepts=False)
    done = await hold(tmp_path, line, "billing please", dialer=MemoryDialer(leg))
    ((_, ended),) = done.of(BridgeEnded)
    assert ended.by_caller and 5.0 < ended.seconds < 15.0
    assert done.ended.outcome is Outcome.ROUTED and leg.closed


async def test_a_caller_who_leaves_before_the_leg_is_there_leaves_none_behind(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (9.0, None)], accepts=False, paced=True)
    dialer = MemoryDialer(MemoryLeg([]), wait=asyncio.Event())
    done = await hold(tmp_path, line, "billing please", dialer=dialer)
    assert dialer.dialled and done.ended.outcome is Outcome.ABANDONED


async def test_the_time_limit_lets_a_leg_that_rings_go(tmp_path: Path) -> None:
    leg = MemoryLeg([(0.5, LegRinging())])
    line = Talker([(3.0, 1.0)], accepts=False)
    done = await hold(
        tmp_path, line, "billing please", dialer=MemoryDialer(leg), limits=CallLimits(seconds=12.0)
    )
    assert leg.closed and done.ended.outcome is Outcome.HANDED_OFF


async def test_a_conversation_is_not_cut_off_by_the_limit_of_the_desk(tmp_path: Path) -> None:
    leg = MemoryLeg(ANSWERED)
    line = Talker([(3.0, 1.0)], accepts=False)
    done = await hold(
        tmp_path, line, "billing please", dialer=MemoryDialer(leg), limits=CallLimits(seconds=15.0)
    )
    assert done.of(BridgeEnded)[0][1].seconds == pytest.approx(20.0, abs=0.05)


async def test_legs_of_other_rates_are_matched(tmp_path: Path) -> None:
    leg = MemoryLeg(ANSWERED, rate=16_000)
    line = Talker([(3.0, 1.0), (13.0, 2.0)], accepts=False)
    done = await hold(tmp_path, line, "billing please", dialer=MemoryDialer(leg))
    assert {len(frame) for frame in leg.heard if frame is not None} == {320}
    assert {len(frame) for frame in line.sent if frame is not None} == {160}
    assert max(np.abs(frame).max() for frame in leg.heard if frame is not None) > 7000
    assert done.of(BridgeEnded)


async def test_without_a_dialer_a_refusal_is_final(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)], accepts=False), "billing please")
    assert done.of(ActionFailed)[0][1].detail == "busy"


async def test_a_no_while_it_rings_takes_the_caller_back(tmp_path: Path) -> None:
    leg = MemoryLeg([(0.5, LegRinging()), (25.0, LegAnswered())])
    line = Talker([(3.0, 1.0), (11.0, 1.0), (20.0, 1.0)], accepts=False)
    said = ("billing please", "no, not there", "when are you open")
    done = await hold(tmp_path, line, *said, dialer=MemoryDialer(leg))
    assert leg.closed and not done.of(Transferred)
    assert [event.heard.text for _, event in done.of(Understood)] == list(said)
    assert done.ended.outcome is Outcome.ANSWERED


async def test_other_words_while_it_rings_change_nothing(tmp_path: Path) -> None:
    leg = MemoryLeg([(0.5, LegRinging()), (9.0, LegAnswered()), (12.0, LegEnded(LegCause.HUNG_UP))])
    line = Talker([(3.0, 1.0), (11.0, 1.0)], accepts=False)
    said = ("billing please", "I wonder how long that will take")
    done = await hold(tmp_path, line, *said, dialer=MemoryDialer(leg))
    assert len(done.of(Understood)) == 2
    assert done.of(Transferred)[0][1].accepted and done.ended.outcome is Outcome.ROUTED
