"""Who hears whom: caller, operator, a supervisor who listens, whispers or joins."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.floor.room import MOST_UNHEARD, Part, Room, Seat
from ivr.lines.jitter import CUSHION, SPARE
from ivr.media.pcm import Pcm

RATE, SIZE = 8_000, 160


def tone(level: int) -> Pcm:
    return np.full(SIZE, level, dtype=np.int16)


def speak(seat: Seat, level: int, frames: int = 10) -> None:
    seat.microphone.feed(np.full(SIZE * (frames + CUSHION), level, dtype=np.int16))


def level(frame: Pcm) -> int:
    return int(frame[0])


@pytest.fixture
def room() -> Room:
    return Room(RATE)


def test_caller_and_operator(room: Room) -> None:
    ann = room.sit("ann", Part.TALK)
    speak(ann, 100)
    assert level(room.exchange(tone(7))) == 100
    assert level(ann.ear.popleft()) == 7


def test_one_who_listens_is_heard_by_nobody(room: Room) -> None:
    ann, sam = room.sit("ann", Part.TALK), room.sit("sam", Part.LISTEN)
    speak(ann, 100)
    speak(sam, 1_000)
    assert level(room.exchange(tone(7))) == 100
    assert level(ann.ear.popleft()) == 7
    assert level(sam.ear.popleft()) == 107


def test_a_whisper_reaches_the_operator_only(room: Room) -> None:
    ann, sam = room.sit("ann", Part.TALK), room.sit("sam", Part.WHISPER)
    speak(ann, 100)
    speak(sam, 1_000)
    assert level(room.exchange(tone(7))) == 100
    assert level(ann.ear.popleft()) == 1_007
    assert level(sam.ear.popleft()) == 107


def test_a_colleague_joins(room: Room) -> None:
    ann, bob = room.sit("ann", Part.TALK), room.sit("bob", Part.TALK)
    speak(ann, 100)
    speak(bob, 1_000)
    assert level(room.exchange(tone(7))) == 1_100
    assert level(ann.ear.popleft()) == 1_007
    room.rise(bob)
    room.rise(bob)
    assert level(room.exchange(tone(7))) == 100


def test_mute_and_hold(room: Room) -> None:
    ann = room.sit("ann", Part.TALK)
    speak(ann, 100)
    ann.muted = True
    assert level(room.exchange(tone(7))) == 0
    ann.muted, room.on_hold = False, True
    ann.ear.clear()
    music = np.concatenate([room.exchange(tone(7)) for _ in range(5)])
    assert np.abs(music).max() > 100
    assert not np.array_equal(music[:SIZE], tone(100))
    assert level(ann.ear.popleft()) == 0


def test_loud_voices_do_not_wrap_around(room: Room) -> None:
    for name in ("ann", "bob"):
        speak(room.sit(name, Part.TALK), 30_000)
    assert level(room.exchange(tone(0))) == 32_767


def test_an_ear_that_nobody_takes_from_does_not_grow(room: Room) -> None:
    ann = room.sit("ann", Part.TALK)
    for number in range(200):
        room.exchange(tone(number))
    assert len(ann.ear) == MOST_UNHEARD
    assert level(ann.ear[-1]) == 199


def test_what_piled_up_while_a_browser_stood_still_goes(room: Room) -> None:
    """All at once, then in step again: after some seconds no delay is left that anybody would notice."""
    ann = room.sit("ann", Part.TALK)
    ann.microphone.feed(np.zeros(SIZE * 20, dtype=np.int16))
    for _ in range(50 * 15):
        ann.microphone.feed(np.zeros(SIZE, dtype=np.int16))
        room.exchange(tone(0))
    assert len(ann.microphone) <= CUSHION + SPARE


def test_one_person_has_one_voice(room: Room) -> None:
    """In a second page, or after the network broke: the newer seat counts, muted as the older one was."""
    first, boss = room.sit("ann", Part.TALK), room.sit("ann", Part.LISTEN)
    first.muted = True
    second = room.sit("ann", Part.TALK)
    assert (first.there, first.replaced, second.there, second.muted) == (False, True, True, True)
    assert room.seats == (boss, second)
    room.clear()
    assert (second.there, second.replaced) == (False, False)
