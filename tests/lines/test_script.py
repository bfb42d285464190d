"""The scripted caller, stepped frame by frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.lines.line import Received
from ivr.lines.script import Keys, Part, ScriptedCaller, Speech
from ivr.media.pcm import Pcm

RATE = 8000


def speech(seconds: float, *, silence_after: float = 0.0, name: str = "a") -> Speech:
    """All samples are 1 where there is speech, 0 after it."""
    loud = np.ones(round(seconds * RATE), np.int16)
    pcm = np.concatenate((loud, np.zeros(round(silence_after * RATE), np.int16)))
    return Speech(name, pcm, (0.0, seconds) if seconds else None)


def play(caller: ScriptedCaller, desk: str) -> list[Received]:
    """Pull one frame for each letter of `desk`: the desk speaks where it is a d."""
    out: list[Received] = []
    spoke = False
    for letter in desk:
        received = caller.next(spoke)
        if received is None:
            break
        out.append(received)
        spoke = letter == "d"
    return out


def sounds(frames: list[Received]) -> str:
    return "".join("#" if received.pcm.any() else "." for received in frames)


def test_a_turn_waits_for_the_greeting_and_the_reaction() -> None:
    caller = ScriptedCaller((speech(0.1),), RATE, reaction=0.06)
    assert sounds(play(caller, "...ddd.........")) == ".........#####."
    turn = caller.turns[0]
    assert (turn.started, turn.ended) == pytest.approx((0.18, 0.28))
    assert turn.speech == pytest.approx((0.18, 0.28))


def test_no_turn_while_the_desk_has_not_spoken() -> None:
    caller = ScriptedCaller((speech(0.1),), RATE)
    assert sounds(play(caller, "." * 500)) == "." * 500
    assert caller.turns == ()


def test_a_pause_shorter_than_the_reaction_is_not_the_end_of_the_prompt() -> None:
    caller = ScriptedCaller((speech(0.1),), RATE, reaction=0.06)
    assert sounds(play(caller, "dd..dd..dd......")) == ".............###"


def test_each_further_turn_waits_for_a_reply_to_the_last_one() -> None:
    caller = ScriptedCaller((speech(0.1, name="a"), speech(0.04, name="b")), RATE, reaction=0.04)
    #         greeting, a, 7 frames without reply, reply, b
    desk = "dd..aaaaa.......ddd....."
    assert sounds(play(caller, desk)) == "....#####............##."
    assert [turn.name for turn in caller.turns] == ["a", "b"]


def test_a_reply_that_began_before_the_recording_ended_counts() -> None:
    # The recording ends in silence, in which the desk has already replied.
    caller = ScriptedCaller((speech(0.06, silence_after=0.2), speech(0.04)), RATE, reaction=0.04)
    assert sounds(play(caller, "d..aaa.ddd..........")) == "...###..........##.."


def test_what_the_desk_said_before_the_speech_ended_is_no_reply() -> None:
    caller = ScriptedCaller((speech(0.2), speech(0.04)), RATE, reaction=0.04)
    assert sounds(play(caller, "d..aaddaaaaaa............d.....")) == "...##########...............##."


def test_a_turn_without_any_speech_is_replied_to_after_it() -> None:
    caller = ScriptedCaller((speech(0, silence_after=0.1), speech(0.02)), RATE, reaction=0.04)
    assert sounds(play(caller, "d..ddd..........d...")) == "...................#"
    assert caller.turns[0].speech is None


def test_a_whole_side_starts_at_answer_and_heeds_nothing() -> None:
    caller = ScriptedCaller((speech(0.1),), RATE, waits=False)
    assert sounds(play(caller, "dddddddd")) == "#####..."


def test_keys_are_pressed_a_quarter_second_apart_in_silence() -> None:
    caller = ScriptedCaller((Keys("keys:12#", ("1", "2", "#")),), RATE, reaction=0.02)
    frames = play(caller, "d" + "." * 60)
    pressed = [(at, key) for at, received in enumerate(frames) for key in received.keys]
    assert pressed == [(2, "1"), (14, "2"), (27, "#")]
    assert sounds(frames) == "." * 61
    assert caller.turns[0].speech == pytest.approx((0.04, 0.79))


def test_the_caller_stays_on_the_line_or_leaves() -> None:
    stays = ScriptedCaller((speech(0.1),), RATE, waits=False)
    assert len(play(stays, "." * 1000)) == 1000
    leaves = ScriptedCaller((speech(0.1),), RATE, waits=False, hang_up_after=0.5)
    assert len(play(leaves, "." * 1000)) == 5 + 25
    at_once = ScriptedCaller((speech(0.11),), RATE, waits=False, hang_up_after=0)
    assert sounds(play(at_once, "." * 1000)) == "######"
    bounded = ScriptedCaller((speech(0.1),), RATE, max_seconds=2)
    assert len(play(bounded, "." * 1000)) == 100


def test_a_turn_that_goes_on_ends_now() -> None:
    caller = ScriptedCaller((speech(1.0),), RATE, waits=False)
    play(caller, "....")
    assert caller.turns[0].ended == pytest.approx(0.08)
    assert caller.turns[0].speech == pytest.approx((0.0, 0.08))


PARTS = st.one_of(
    st.builds(speech, st.integers(0, 40).map(lambda n: n / 100), silence_after=st.sampled_from([0.01, 0.3])),
    st.text("0123456789*#", min_size=1, max_size=4).map(lambda keys: Keys("keys", tuple(keys))),
)


@given(parts=st.lists(PARTS, min_size=1, max_size=4), desk=st.text("d.", min_size=1, max_size=400))
def test_whatever_the_desk_does_everything_is_said_once_and_in_order(parts: list[Part], desk: str) -> None:
    caller = ScriptedCaller(tuple(parts), RATE, reaction=0.1, hang_up_after=0.2, max_seconds=100)
    talk = desk + ("d" + "." * 90) * 6  # a desk that goes on prompting reaches the end
    frames = play(caller, talk)
    assert len(caller.turns) == len(parts)
    assert len(frames) < len(talk)
    said = sum(int(received.pcm.sum()) for received in frames)
    assert said == sum(int(part.pcm.sum()) for part in parts if isinstance(part, Speech))
    pressed = "".join(key for received in frames for key in received.keys)
    assert pressed == "".join("".join(part.keys) for part in parts if isinstance(part, Keys))
    for before, after in zip(caller.turns, caller.turns[1:], strict=False):
        assert after.started >= before.ended


def test_the_medium_is_heard_between_turns_too() -> None:
    def hiss(number: int, frame: Pcm) -> Pcm:
        return frame + np.int16(10 * (number + 1))

    caller = ScriptedCaller((speech(0.04),), RATE, reaction=0.02, medium=hiss)
    frames = play(caller, "d.......")
    assert [int(received.pcm[0]) for received in frames[:5]] == [10, 20, 31, 41, 50]
