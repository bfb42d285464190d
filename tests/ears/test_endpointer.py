"""The endpointer, stepped with made-up probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.ears.endpointer import (
    Endpointer,
    EndpointEvent,
    EndpointSettings,
    Paused,
    Resumed,
    SpeechEnd,
    SpeechStart,
    TimedOut,
)
from ivr.meaning import Completeness

FRAME = 0.02
EXACT = EndpointSettings(onset_lag=0.0, release_lag=0.0)


def run(endpointer: Endpointer, *spans: tuple[float, float]) -> list[EndpointEvent]:
    """Feed (seconds, probability) spans in frames; all events."""
    events: list[EndpointEvent] = []
    for seconds, probability in spans:
        for _ in range(round(seconds / FRAME)):
            events += endpointer.feed(FRAME, probability)
    return events


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-6)


def test_an_utterance_has_a_start_a_pause_and_an_end() -> None:
    events = run(Endpointer(EXACT), (1.0, 0.0), (0.8, 0.9), (1.0, 0.1))
    assert events == [SpeechStart(near(1.0)), Paused(near(1.8), near(0.2)), SpeechEnd(near(1.8), near(0.5))]


def test_the_detectors_lateness_is_taken_off_all_times() -> None:
    settings = EndpointSettings(onset_lag=0.04, release_lag=0.08)
    endpointer = Endpointer(settings)
    assert run(endpointer, (1.0, 0.0), (0.8, 0.9)) == [SpeechStart(near(0.96))]
    # 0.08 s of the silence lie in frames that were still called speech.
    assert run(endpointer, (0.1, 0.0)) == []
    assert run(endpointer, (0.02, 0.0)) == [Paused(near(1.72), near(0.2))]
    assert run(endpointer, (0.28, 0.0)) == []
    assert run(endpointer, (0.02, 0.0)) == [SpeechEnd(near(1.72), near(0.5))]


@pytest.mark.parametrize(
    ("completeness", "silence"),
    [
        (Completeness.COMPLETE, 0.2),
        (Completeness.COURTESY, 0.36),
        (Completeness.UNKNOWN, 0.5),
        (Completeness.TELLING, 0.9),
        (Completeness.UNFINISHED, 1.2),
    ],
)
def test_silence_needed_depends_on_what_was_said(completeness: Completeness, silence: float) -> None:
    endpointer = Endpointer(EXACT)
    run(endpointer, (0.4, 0.9), (0.2, 0.0))
    endpointer.completeness(completeness)
    rest = run(endpointer, (2.0, 0.0))
    ended = [event for event in rest if isinstance(event, SpeechEnd)]
    assert ended == [SpeechEnd(near(0.4), near(max(silence, 0.22)))]


def test_words_that_are_complete_when_the_pause_begins_end_it_at_once() -> None:
    endpointer = Endpointer(EXACT)
    run(endpointer, (0.4, 0.9))
    endpointer.completeness(Completeness.COMPLETE)
    assert run(endpointer, (0.2, 0.0)) == [Paused(near(0.4), near(0.2)), SpeechEnd(near(0.4), near(0.2))]


def test_completeness_is_forgotten_when_the_caller_goes_on() -> None:
    endpointer = Endpointer(EXACT)
    run(endpointer, (0.4, 0.9), (0.3, 0.0))
    endpointer.completeness(Completeness.UNFINISHED)
    assert run(endpointer, (0.5, 0.0)) == []
    assert run(endpointer, (0.3, 0.9)) == [Resumed(near(1.2))]
    assert run(endpointer, (0.6, 0.0)) == [Paused(near(1.5), near(0.2)), SpeechEnd(near(1.5), near(0.5))]


def test_completeness_of_one_utterance_does_not_reach_the_next() -> None:
    endpointer = Endpointer(EXACT)
    run(endpointer, (0.4, 0.9), (0.2, 0.0))
    endpointer.completeness(Completeness.COMPLETE)
    run(endpointer, (1.0, 0.0), (0.4, 0.9))
    assert run(endpointer, (0.4, 0.0)) == [Paused(near(2.0), near(0.2))]


def test_an_utterance_that_follows_at_once_does_not_begin_in_the_last_one() -> None:
    endpointer = Endpointer(EndpointSettings(onset_lag=0.3, release_lag=0.0, longest=1.0))
    events = run(endpointer, (1.0, 0.0), (1.2, 0.9))
    assert events == [SpeechStart(near(0.7)), SpeechEnd(near(1.7), near(0.0)), SpeechStart(near(1.7))]


@pytest.mark.parametrize("length", [0.02, 0.04, 0.06, 0.1])
def test_a_click_is_not_speech(length: float) -> None:
    assert run(Endpointer(EXACT), (0.5, 0.0), (length, 0.99), (2.0, 0.0)) == []


def test_a_click_in_a_pause_does_not_go_on_with_the_utterance() -> None:
    events = run(Endpointer(EXACT), (0.4, 0.9), (0.3, 0.0), (0.06, 0.9), (1.0, 0.0))
    assert events == [SpeechStart(near(0.0)), Paused(near(0.4), near(0.2)), SpeechEnd(near(0.4), near(0.5))]


def test_the_end_waits_for_sound_that_may_be_the_next_word() -> None:
    # The word begins at 0.45 s of silence: by 0.5 s it is not yet certain that it is one.
    events = run(Endpointer(EXACT), (0.4, 0.9), (0.44, 0.0), (0.3, 0.9))
    assert events == [SpeechStart(near(0.0)), Paused(near(0.4), near(0.2)), Resumed(near(0.84))]


def test_a_short_yes_counts() -> None:
    events = run(Endpointer(EXACT), (0.5, 0.0), (0.16, 0.7), (0.5, 0.0))
    assert [type(event) for event in events] == [SpeechStart, Paused, SpeechEnd]


def test_a_stop_inside_the_first_syllable_does_not_hide_it() -> None:
    events = run(Endpointer(EXACT), (0.06, 0.9), (0.06, 0.1), (0.08, 0.9))
    assert events == [SpeechStart(near(0.0))]


def test_a_fading_voice_does_not_flicker() -> None:
    """Between release and onset speech goes on, but does not begin."""
    assert run(Endpointer(EXACT), (1.0, 0.45)) == []
    events = run(Endpointer(EXACT), (0.3, 0.9), (1.0, 0.45), (0.2, 0.0))
    assert events == [SpeechStart(near(0.0)), Paused(near(1.3), near(0.2))]


def test_a_monologue_is_ended_and_the_next_utterance_begins() -> None:
    events = run(Endpointer(EXACT), (45.0, 0.9))
    assert events == [
        SpeechStart(near(0.0)),
        SpeechEnd(near(20.0), near(0.0)),
        SpeechStart(near(20.0)),
        SpeechEnd(near(40.0), near(0.0)),
        SpeechStart(near(40.0)),
    ]


def test_silence_after_listen_is_reported_once() -> None:
    endpointer = Endpointer(EXACT)
    assert run(endpointer, (10.0, 0.0)) == []
    endpointer.listen(6.0)
    assert run(endpointer, (5.98, 0.0)) == []
    assert run(endpointer, (20.0, 0.0)) == [TimedOut(near(6.0))]


def test_silence_does_not_count_while_the_desk_speaks() -> None:
    endpointer = Endpointer(EXACT)
    endpointer.listen(2.0)
    run(endpointer, (1.5, 0.0))
    endpointer.hold()
    assert run(endpointer, (5.0, 0.0)) == []
    endpointer.listen(2.0)
    assert run(endpointer, (1.9, 0.0)) == []
    assert run(endpointer, (0.2, 0.0)) == [TimedOut(near(2.0))]


def test_speech_ends_the_waiting_for_good() -> None:
    endpointer = Endpointer(EXACT)
    endpointer.listen(2.0)
    events = run(endpointer, (1.8, 0.0), (0.4, 0.9), (5.0, 0.0))
    assert [type(event) for event in events] == [SpeechStart, Paused, SpeechEnd]


def test_a_caller_who_begins_at_the_last_moment_is_not_timed_out() -> None:
    endpointer = Endpointer(EXACT)
    endpointer.listen(2.0)
    events = run(endpointer, (1.94, 0.0), (0.3, 0.9))
    assert events == [SpeechStart(near(1.94))]


def test_a_click_does_not_stop_the_waiting() -> None:
    endpointer = Endpointer(EXACT)
    endpointer.listen(2.0)
    (event,) = run(endpointer, (1.94, 0.0), (0.08, 0.9), (1.0, 0.0))
    assert event == TimedOut(near(2.12))


def test_speech_is_reported_while_the_desk_speaks() -> None:
    endpointer = Endpointer(EXACT)
    endpointer.hold()
    assert run(endpointer, (1.0, 0.0), (0.2, 0.9)) == [SpeechStart(near(1.0))]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.floats(0.005, 3.0), st.floats(0.0, 1.0)),
        st.tuples(st.just(FRAME), st.floats(0.0, 1.0)),
        st.sampled_from(Completeness),
        st.floats(0.5, 8.0),
        st.none(),
    ),
    max_size=300,
)


def stepped(steps: list[object], settings: EndpointSettings) -> Iterator[tuple[float, EndpointEvent]]:
    endpointer = Endpointer(settings)
    now = 0.0
    for step in steps:
        match step:
            case (float() as seconds, float() as probability):
                now += seconds
                for event in endpointer.feed(seconds, probability):
                    yield now, event
            case Completeness():
                endpointer.completeness(step)
            case float():
                endpointer.listen(step)
            case None:
                endpointer.hold()


@given(STEPS, st.sampled_from([EXACT, EndpointSettings()]))
def test_whatever_is_heard_events_alternate_and_times_grow(
    steps: list[object], settings: EndpointSettings
) -> None:
    inside = paused = False
    latest = 0.0
    started = 0.0
    for now, event in stepped(steps, settings):
        match event:
            case TimedOut(waited=waited):
                assert not inside
                assert waited >= 0.5
            case SpeechStart(at=at):
                assert not inside
                inside, paused, started = True, False, at
                assert latest <= at <= now
                latest = at
            case Paused(at=at, silence=silence):
                assert inside
                assert not paused
                paused = True
                assert silence >= settings.speculate - 1e-5
                assert latest <= at <= now
                latest = at
            case Resumed(at=at):
                assert inside
                assert paused
                paused = False
                assert latest <= at <= now
                latest = at
            case SpeechEnd(at=at, silence=silence):
                assert inside
                inside = False
                assert latest <= at <= now
                assert silence == pytest.approx(now - at)
                assert silence >= settings.complete - 1e-5 or now - started >= settings.longest - 1e-5
                latest = at


@given(st.lists(st.floats(0.0, 1.0), min_size=50, max_size=50))
def test_every_utterance_and_every_wait_is_bounded(loop: list[float]) -> None:
    """However the probabilities flicker, utterances and waits have a longest length."""
    settings = EndpointSettings()
    endpointer = Endpointer(settings)
    endpointer.listen(4.0)
    quiet = 0.0
    started: float | None = None
    now = 0.0
    for probability in loop * 25:
        now += FRAME
        quiet += FRAME
        for event in endpointer.feed(FRAME, probability):
            match event:
                case SpeechStart(at=at):
                    started = at
                case SpeechEnd() | TimedOut():
                    started, quiet = None, 0.0
                    endpointer.listen(4.0)
                case _:
                    pass
        if started is None:
            assert quiet <= 4.0 + settings.speech + settings.dropout + FRAME
        else:
            assert now - started <= settings.longest + settings.onset_lag + FRAME
