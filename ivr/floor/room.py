"""Who hears whom in one conversation: the caller, operators, a supervisor who listens or whispers. Pure.

Every 20 ms the caller's frame comes in and the caller's next frame goes out; everybody else's microphone is a
`Seat` with a jitter buffer, whose owner takes what it should hear.
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from ivr.lines.jitter import JitterBuffer
from ivr.media.pcm import Pcm, frame_samples
from ivr.media.tones import endless, hold_music

MOST_UNHEARD = 25
"""Frames that wait for a browser that does not take them: half a second, then the oldest go."""

LOOK_FRAMES = 25
"""A browser that stood still sends all at once: what waits for half a second is left out, frame by frame."""
MOST_PLAYED = 500
"""Frames that are still to be played to a caller: ten seconds."""


class Part(enum.Enum):
    """What somebody in the room does."""

    TALK = "talk"
    LISTEN = "listen"
    """Hears everybody, nobody knows."""
    WHISPER = "whisper"
    """Hears everybody, is heard by the operators only."""


@dataclass(slots=True)
class Seat:
    """One person beside the caller.

    microphone  what they say, as it comes over the network
    ear         frames they should hear, oldest first
    muted       whether they are heard by nobody for now
    there       whether they are still in the room
    replaced    whether they sit somewhere else now: in another page, or after the network broke
    """

    name: str
    part: Part
    microphone: JitterBuffer
    ear: deque[Pcm] = field(default_factory=lambda: deque(maxlen=MOST_UNHEARD))
    muted: bool = False
    there: bool = True
    replaced: bool = False


class Room:
    """One conversation at `rate`. On hold the caller hears music and nobody hears the caller."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.on_hold = False
        self._music = endless(hold_music(rate), rate)
        self._silence = np.zeros(frame_samples(rate), dtype=np.int16)
        self._seats: list[Seat] = []
        self._played: deque[Pcm] = deque(maxlen=MOST_PLAYED)
        self._whispered: deque[Pcm] = deque(maxlen=MOST_PLAYED)

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Everybody beside the caller."""
        return tuple(self._seats)

    def sit(self, name: str, part: Part) -> Seat:
        """Somebody comes in; who talks already has one voice, which is here from now on."""
        seat = Seat(name, part, JitterBuffer(self.rate, LOOK_FRAMES))
        if part is Part.TALK:
            for old in [one for one in self._seats if one.name == name and one.part is Part.TALK]:
                old.replaced, seat.muted = True, old.muted
                self.rise(old)
        self._seats.append(seat)
        return seat

    def rise(self, seat: Seat) -> None:
        """Somebody goes. Harmless when repeated."""
        seat.there = False
        if seat in self._seats:
            self._seats.remove(seat)

    def part(self, name: str) -> None:
        """Whoever `name` has sat for leaves the conversation; who only listens stays."""
        for seat in [one for one in self._seats if one.name == name and one.part is Part.TALK]:
            self.rise(seat)

    def clear(self) -> None:
        """Everybody goes."""
        for seat in self.seats:
            self.rise(seat)
        self._whispered.clear()

    def play(self, sound: Pcm) -> None:
        """The caller hears `sound` instead of anybody, once."""
        self._played.extend(self._frames(sound))

    def whisper(self, sound: Pcm) -> None:
        """Those who talk hear `sound`, and nothing else meanwhile."""
        self._whispered.extend(self._frames(sound))

    @property
    def whispering(self) -> bool:
        """Whether there is more of a whisper to come."""
        return bool(self._whispered)

    def _frames(self, sound: Pcm) -> list[Pcm]:
        size = frame_samples(self.rate)
        whole = np.pad(sound, (0, -len(sound) % size))
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    def exchange(self, caller: Pcm) -> Pcm:
        """One frame from the caller; one for the caller."""
        said = {id(seat): self._said(seat) for seat in self._seats}
        whisper = self._whispered.popleft() if self._whispered else None
        for seat in self._seats:
            if whisper is not None and seat.part is Part.TALK:
                seat.ear.append(whisper)
                continue
            others = [
                said[id(other)]
                for other in self._seats
                if other is not seat and (other.part is not Part.WHISPER or seat.part is not Part.LISTEN)
            ]
            heard = others if self.on_hold else [caller, *others]
            seat.ear.append(mixed(heard, self._silence))
        if self._played:
            return self._played.popleft()
        if self.on_hold:
            return next(self._music)
        talking = [said[id(seat)] for seat in self._seats if seat.part is Part.TALK]
        return mixed(talking, self._silence)

    def _said(self, seat: Seat) -> Pcm:
        frame = seat.microphone.next()
        return self._silence if frame is None or seat.muted or seat.part is Part.LISTEN else frame


def mixed(frames: list[Pcm], silence: Pcm) -> Pcm:
    """The sum of frames, held at full scale instead of wrapped around; one frame alone is itself."""
    loud = [frame for frame in frames if frame is not silence]
    if not loud:
        return silence
    if len(loud) == 1:
        return loud[0]
    total = np.sum([frame.astype(np.int32) for frame in loud], axis=0)
    held: Pcm = np.clip(total, -32_768, 32_767).astype(np.int16)
    return held
