"""Joining two legs, event by event."""

from __future__ import annotations

import pytest

from ivr.bridge import Bridge, BridgeEnd, Hears, Stage
from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegEvent, LegRinging


def test_from_dialling_to_the_end() -> None:
    bridge = Bridge(10.0)
    assert (bridge.stage, bridge.hears) == (Stage.DIALLING, Hears.MUSIC)
    bridge.handle(LegRinging(), 11.0)
    assert (bridge.stage, bridge.hears) == (Stage.RINGING, Hears.RINGING)
    bridge.handle(LegAnswered(), 15.0)
    assert (bridge.stage, bridge.hears) == (Stage.JOINED, Hears.OTHER)
    bridge.tick(500.0)
    assert bridge.seconds(20.0) == 5.0
    bridge.handle(LegEnded(LegCause.HUNG_UP), 75.5)
    assert bridge.end == BridgeEnd(True, LegCause.HUNG_UP, "", 60.5)


def test_ringing_with_a_sound_of_its_own_is_passed_on() -> None:
    bridge = Bridge(0.0)
    bridge.handle(LegRinging(), 1.0)
    bridge.handle(LegRinging(sound=True), 2.0)
    bridge.handle(LegRinging(), 3.0)
    assert bridge.hears is Hears.OTHER and bridge.stage is Stage.RINGING


@pytest.mark.parametrize("before", [(), (LegRinging(),)], ids=["dialling", "ringing"])
@pytest.mark.parametrize(
    ("cause", "told"),
    [(cause, cause) for cause in LegCause if cause is not LegCause.HUNG_UP]
    + [(LegCause.HUNG_UP, LegCause.DECLINED)],
)
def test_whoever_cannot_be_reached_gives_the_caller_back(
    before: tuple[LegEvent, ...], cause: LegCause, told: LegCause
) -> None:
    bridge = Bridge(0.0)
    for event in (*before, LegEnded(cause, "486")):
        bridge.handle(event, 1.0)
    assert bridge.end == BridgeEnd(False, told, "486", 0.0)


@pytest.mark.parametrize("rings", [True, False])
def test_nobody_is_called_forever(rings: bool) -> None:
    bridge = Bridge(5.0, patience=20.0)
    if rings:
        bridge.handle(LegRinging(), 6.0)
    bridge.tick(24.9)
    assert bridge.end is None
    bridge.tick(25.0)
    assert bridge.end is not None and bridge.end.cause is LegCause.NO_ANSWER


def test_after_the_end_nothing_changes_it() -> None:
    bridge = Bridge(0.0)
    bridge.handle(LegEnded(LegCause.BUSY), 1.0)
    end = bridge.end
    for event in (LegAnswered(), LegRinging(), LegEnded(LegCause.HUNG_UP)):
        bridge.handle(event, 2.0)
    assert bridge.end is end and bridge.stage is Stage.OVER


def test_an_answer_is_not_taken_back_by_late_ringing() -> None:
    bridge = Bridge(0.0)
    bridge.handle(LegAnswered(), 1.0)
    bridge.handle(LegRinging(sound=True), 1.1)
    assert bridge.stage is Stage.JOINED
