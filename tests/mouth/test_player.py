from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.mouth.player import GAP_SECONDS, Ended, Player, Started
from ivr.mouth.sentences import Sentence

RATE = 8_000
FRAME = 160
GAP = round(GAP_SECONDS * 50)


def sentence(samples: int, text: str = "One two three four.", value: int = 1_000) -> Sentence:
    return Sentence(text, np.full(samples, value, dtype=np.int16))


def play(player: Player, *, most: int = 10_000) -> tuple[list[np.ndarray], list[Started | Ended]]:
    """All frames until there are none, and all events."""
    frames: list[np.ndarray] = []
    events: list[Started | Ended] = []
    while len(frames) < most:
        frame = player.next_frame()
        events += player.take_events()
        if frame is None:
            break
        assert frame.dtype == np.int16
        assert len(frame) == FRAME
        frames.append(frame)
    return frames, events


def test_nothing_to_say_is_none():
    player = Player(RATE)
    assert player.next_frame() is None
    assert player.stop() is None
    assert not player.busy
    assert player.take_events() == ()


def test_a_prompt_is_its_samples_and_two_events():
    player = Player(RATE)
    one = player.begin("greeting", "One. Two.")
    assert player.busy
    assert player.feed(one, sentence(250, "One.", 1))
    assert player.feed(one, sentence(100, "Two.", 2))
    player.finish(one)
    frames, events = play(player)
    sound = np.concatenate(frames)
    assert np.array_equal(sound[:350], np.repeat([1, 2], [250, 100]))
    assert not sound[350:].any()
    assert len(frames) == 3
    assert events == [Started(one, "greeting", "One. Two."), Ended(one, "greeting", 350 / RATE, False)]
    assert not player.busy


def test_nothing_follows_the_end_of_a_prompt():
    player = Player(RATE)
    one = player.begin("a", "a")
    player.feed(one, sentence(FRAME))
    player.finish(one)
    player.finish(one)
    assert not player.feed(one, sentence(FRAME))
    assert len(play(player)[0]) == 1


def test_events_belong_to_the_frame_they_happen_in():
    player = Player(RATE)
    one = player.begin("a", "A")
    player.feed(one, sentence(2 * FRAME))
    player.finish(one)
    assert player.take_events() == ()
    player.next_frame()
    assert [type(event) for event in player.take_events()] == [Started]
    player.next_frame()
    assert [type(event) for event in player.take_events()] == [Ended]
    assert player.next_frame() is None


def test_waiting_for_a_sentence_is_silence_and_not_the_end():
    player = Player(RATE)
    one = player.begin("a", "One. Two.")
    for _ in range(5):
        assert not player.next_frame().any()
    assert player.take_events() == ()
    player.feed(one, sentence(FRAME, "One."))
    assert player.next_frame().all()
    assert player.take_events() == (Started(one, "a", "One. Two."),)
    for _ in range(3):
        assert not player.next_frame().any()
    player.feed(one, sentence(FRAME, "Two."))
    assert player.next_frame().all()
    assert player.take_events() == ()
    player.finish(one)
    assert player.take_events() == (Ended(one, "a", 2 * FRAME / RATE, False),)
    assert player.next_frame() is None


def test_between_prompts_there_is_a_gap():
    player = Player(RATE)
    for name in ("a", "b"):
        ticket = player.begin(name, name)
        player.feed(ticket, sentence(FRAME + 10))
        player.finish(ticket)
    frames, events = play(player)
    loud = [bool(frame.any()) for frame in frames]
    assert loud == [True, True, *[False] * GAP, True, True]
    assert [(type(event), event.name) for event in events] == [
        (Started, "a"),
        (Ended, "a"),
        (Started, "b"),
        (Ended, "b"),
    ]


def test_the_gap_passes_while_nothing_is_queued():
    """The dialog often begins its next prompt only when the last one has been heard."""
    player = Player(RATE)
    first = player.begin("a", "a")
    player.feed(first, sentence(FRAME))
    player.finish(first)
    player.next_frame()
    for _ in range(3):
        assert player.next_frame() is None
    second = player.begin("b", "b")
    player.feed(second, sentence(FRAME))
    player.finish(second)
    assert [bool(frame.any()) for frame in play(player)[0]] == [*[False] * (GAP - 3), True]


def test_without_gap_prompts_follow_at_once():
    player = Player(RATE, gap=0)
    for name in ("a", "b"):
        ticket = player.begin(name, name)
        player.feed(ticket, sentence(FRAME))
        player.finish(ticket)
    assert all(frame.all() for frame in play(player)[0])


def test_a_prompt_without_sound_ends_unheard_and_the_next_is_not_delayed():
    player = Player(RATE)
    mute, loud = player.begin("mute", "?"), player.begin("loud", "!")
    player.feed(loud, sentence(FRAME))
    player.finish(loud)
    player.finish(mute)
    assert player.take_events() == (Ended(mute, "mute", 0.0, False),)
    assert player.next_frame().all()
    assert [event.name for event in player.take_events()] == ["loud", "loud"]


def test_stop_fades_within_one_frame_and_tells_how_far_it_came():
    player = Player(RATE)
    one = player.begin("a", "One two. Three four five six.")
    player.feed(one, sentence(FRAME, "One two."))
    player.feed(one, sentence(8 * FRAME, "Three four five six.", 20_000))
    player.finish(one)
    later = player.begin("b", "later")
    for _ in range(5):
        player.next_frame()
    player.take_events()
    stopped = player.stop()
    assert stopped is not None
    assert (stopped.prompt, stopped.name, stopped.heard) == (one, "a", 5 * FRAME / RATE)
    assert stopped.said == "One two. Three"  # half of the sentence is "Three four": no whole word after
    assert player.take_events() == (
        Ended(one, "a", 5 * FRAME / RATE, True),
        Ended(later, "b", 0.0, True),
    )
    assert not player.busy
    fade = player.next_frame().astype(int)
    assert fade[0] > 19_000
    assert fade[-1] == 0
    assert np.abs(np.diff(fade)).max() < 300
    assert (np.diff(fade) <= 0).all()
    assert player.next_frame() is None


def test_a_reply_after_stop_follows_the_fade_at_once():
    player = Player(RATE)
    one = player.begin("a", "a")
    player.feed(one, sentence(10 * FRAME))
    player.next_frame()
    player.stop()
    reply = player.begin("b", "b")
    player.feed(reply, sentence(FRAME, value=7))
    player.finish(reply)
    player.next_frame()
    assert (player.next_frame() == 7).all()


def test_what_comes_late_for_a_stopped_prompt_does_not_reach_the_next():
    """A task that renders sentences may notice only later that its prompt was stopped."""
    player = Player(RATE)
    old = player.begin("old", "old")
    player.feed(old, sentence(FRAME))
    player.stop()
    new = player.begin("new", "new")
    assert not player.feed(old, sentence(FRAME, value=5))
    player.finish(old)
    assert player.busy
    player.feed(new, sentence(FRAME, value=9))
    player.finish(new)
    frames, events = play(player)
    assert {int(value) for frame in frames for value in frame} <= {0, 9}
    assert [event.prompt for event in events] == [old, new, new]


def test_stop_before_the_first_sound_or_in_a_gap_needs_no_fade():
    player = Player(RATE)
    player.begin("a", "a")
    player.next_frame()
    stopped = player.stop()
    assert stopped is not None
    assert (stopped.heard, stopped.said) == (0.0, "")
    assert player.next_frame() is None
    ticket = player.begin("b", "b")
    player.feed(ticket, sentence(FRAME))
    player.next_frame()
    player.stop()
    assert player.next_frame() is None


@pytest.mark.parametrize(
    ("text", "said"), [("您好请问有什么", "您好请"), ("one two three", "one"), ("unbroken", "unbr")]
)
def test_said_ends_with_a_whole_word_where_there_are_words(text, said):
    player = Player(RATE)
    ticket = player.begin("a", text)
    player.feed(ticket, sentence(10 * FRAME, text))
    for _ in range(5):
        player.next_frame()
    stopped = player.stop()
    assert stopped is not None
    assert stopped.said == said


def test_wideband_frames_are_twice_as_long():
    player = Player(16_000)
    ticket = player.begin("a", "a")
    player.feed(ticket, sentence(320))
    assert len(player.next_frame()) == 320


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 700), max_size=4), st.integers(0, 3)),
        max_size=4,
    ),
    st.integers(0, 60),
    st.booleans(),
)
def test_every_prompt_has_one_end_and_heard_is_what_went_out(prompts, until, stopped):
    """Prompts of sentences of any length, fed after some ticks; maybe stopped at some point."""
    player = Player(RATE)
    events: list[Started | Ended] = []
    frames: list[np.ndarray] = []

    def tick() -> None:
        frame = player.next_frame()
        if frame is not None:
            frames.append(frame)
        events.extend(player.take_events())

    for lengths, wait in prompts:
        ticket = player.begin("p", "text")
        for _ in range(wait):
            tick()
        for length in lengths:
            player.feed(ticket, sentence(length))
        player.finish(ticket)
    for _ in range(until):
        tick()
    fading = stopped and player.stop() is not None
    events.extend(player.take_events())
    while player.busy:
        tick()
    ends = [event for event in events if isinstance(event, Ended)]
    starts = [event.prompt for event in events if isinstance(event, Started)]
    assert sorted(event.prompt for event in ends) == list(range(1, len(prompts) + 1))
    assert starts == sorted(set(starts))
    loud = sum(int((frame == 1_000).sum()) for frame in frames)
    assert round(sum(event.heard for event in ends) * RATE) == loud
    if not fading:
        for event in ends:
            assert round(event.heard * RATE) == sum(prompts[event.prompt - 1][0])


def test_a_paused_prompt_fades_waits_and_goes_on_at_a_quiet_moment():
    player = Player(RATE)
    words = np.concatenate([np.full(10 * FRAME, 9_000), np.zeros(FRAME), np.full(10 * FRAME, 9_000)])
    one = player.begin("a", "One two.")
    player.feed(one, Sentence("One two.", words.astype(np.int16)))
    player.finish(one)
    for _ in range(14):
        player.next_frame()
    player.pause()
    assert player.paused and player.busy
    fade = player.next_frame().astype(int)
    assert fade[0] > 8_900 and fade[-1] == 0
    for _ in range(100):
        assert not player.next_frame().any()
    player.resume()
    assert player.heard == pytest.approx(10 * FRAME / RATE)
    rest, events = play(player)
    assert not rest[0].any() and all((frame == 9_000).all() for frame in rest[1:])
    assert len(rest) == 11
    assert events[-1] == Ended(one, "a", len(words) / RATE, False)


def test_stopping_a_paused_prompt_tells_what_was_heard_before_the_pause():
    player = Player(RATE)
    one = player.begin("a", "One two three four")
    player.feed(one, sentence(10 * FRAME, "One two three four", 9_000))
    for _ in range(5):
        player.next_frame()
    player.pause()
    for _ in range(20):
        player.next_frame()
    stopped = player.stop()
    assert stopped is not None and stopped.said == "One two"
    assert player.next_frame() is None
    assert not player.paused


def test_a_pause_without_prompts_is_none():
    player = Player(RATE)
    player.pause()
    assert not player.paused
    player.resume()
    assert player.next_frame() is None


def test_a_prompt_can_be_said_before_those_that_have_no_sound_yet():
    player = Player(RATE, gap=0)
    late = player.begin("late", "late")
    assert player.starved
    player.next_frame()
    first = player.begin("holding", "One moment.", before=True)
    player.feed(first, sentence(2 * FRAME, value=5))
    player.finish(first)
    assert not player.starved
    frames = [player.next_frame() for _ in range(2)]
    assert all((frame == 5).all() for frame in frames)
    assert player.starved
    player.feed(late, sentence(FRAME, value=7))
    player.finish(late)
    assert (player.next_frame() == 7).all()
    assert not player.busy
