"""A caller who follows a script: says recorded turns and presses keys. No I/O, no clock.

The caller is polite: a turn begins when the desk has spoken since the speech of the last turn ended (or since
the call was answered) and has then been silent for the time people take to react. Time is counted in frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ivr.lines.line import Received
from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples

KEY_SECONDS = 0.25
"""From one key to the next, as a person dials without hurry."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A turn that is spoken. `bounds`: where in `pcm` speech begins and ends (seconds), if there is any."""

    name: str
    pcm: Pcm
    bounds: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Keys:
    """A turn that is dialled, one key each `KEY_SECONDS`."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """The caller hangs up when this turn comes."""

    name: str = "hang up"


@dataclass(frozen=True, slots=True)
class Maybe:
    """A turn that is left out unless `wanted` says, when its time comes, that the desk asked for it."""

    part: Speech | Keys
    wanted: Callable[[], bool]

    @property
    def name(self) -> str:
        """That of the turn."""
        return self.part.name


Part: TypeAlias = Speech | Keys | Leave | Maybe


Medium: TypeAlias = Callable[[int, Pcm], Pcm]
"""What arrives of the caller's frame of that number, counted from 0: the noise and the coding of a line."""


def untouched(number: int, frame: Pcm) -> Pcm:
    """A line without a sound of its own."""
    return frame


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a turn lay in the call, in seconds since it was answered, as far as it was reached.

    started, ended  its recording, or its first key and a quarter second past its last
    speech          the first and past the last sample of speech in it, or its keys; None where there is none
    """

    name: str
    started: float
    ended: float
    speech: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part that began at frame `first` and takes `frames`; `speech` in seconds since answer."""

    part: Speech | Keys
    first: int
    frames: int
    speech: tuple[float, float] | None

    @property
    def end(self) -> int:
        return self.first + self.frames

    @property
    def spoken_until(self) -> float:
        """From when on what the desk says is a reply to this turn."""
        return self.speech[1] if self.speech else self.end * FRAME_SECONDS


class ScriptedCaller:
    """The caller's side of one call, pulled frame by frame.

    parts          the turns, in order
    waits          whether the first turn waits for the desk too; False starts it at answer
    reaction       seconds of the desk's silence before a turn begins
    hang_up_after  seconds after the last turn; None stays on the line in silence
    max_seconds    the caller leaves then in any case
    medium         the line between the caller and the desk, during turns and between them
    """

    def __init__(
        self,
        parts: tuple[Part, ...],
        rate: int,
        *,
        waits: bool = True,
        reaction: float = 0.4,
        hang_up_after: float | None = None,
        max_seconds: float = 3600.0,
        medium: Medium = untouched,
    ) -> None:
        self._parts: list[Part] = list(parts)
        self._left = False
        self._rate = rate
        self._size = frame_samples(rate)
        self._waits = waits
        self._reaction = round(reaction / FRAME_SECONDS)
        self._stays = None if hang_up_after is None else round(hang_up_after / FRAME_SECONDS)
        self._limit = round(max_seconds / FRAME_SECONDS)
        self._medium = medium
        self._frame = 0
        self._desk_spoke: int | None = None
        self._placed: list[_Placed] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns so far; one that is going on, or was cut off by the end of the call, ends now."""
        return tuple(_turn(placed, self._frame * FRAME_SECONDS) for placed in self._placed)

    def next(self, desk_spoke: bool) -> Received | None:
        """The next 20 ms, None when the caller has left; `desk_spoke`: did the desk in the last 20 ms."""
        if desk_spoke:
            self._desk_spoke = self._frame - 1
        if self._leaves():
            return None
        if self._begins() and (part := self._next_part()) is not None:
            self._placed.append(self._place(part))
        if self._left:
            return None
        said = self._sound()
        received = Received(self._medium(self._frame, said.pcm), said.keys)
        self._frame += 1
        return received

    def _leaves(self) -> bool:
        if self._frame >= self._limit or self._left:
            return True
        finished = bool(self._placed) and not self._more()
        return finished and self._stays is not None and self._frame >= self._placed[-1].end + self._stays

    def _more(self) -> bool:
        """Whether the caller has not said all yet."""
        return len(self._placed) < len(self._parts)

    def _begins(self) -> bool:
        if not self._more():
            return False
        if not self._waits and not self._placed:
            return True
        if self._desk_spoke is None or self._frame - 1 - self._desk_spoke < self._reaction:
            return False
        if not self._placed:
            return True
        last = self._placed[-1]
        return self._frame >= last.end and (self._desk_spoke + 1) * FRAME_SECONDS > last.spoken_until

    def _next_part(self) -> Speech | Keys | None:
        """The next turn, those that are not wanted left out; None when the caller leaves or has said all."""
        while len(self._placed) < len(self._parts):
            part = self._parts[len(self._placed)]
            if isinstance(part, Maybe):
                if part.wanted():
                    return part.part
                del self._parts[len(self._placed)]
            elif isinstance(part, Leave):
                self._left = True
                return None
            else:
                return part
        return None

    def _place(self, part: Speech | Keys) -> _Placed:
        start = self._frame * FRAME_SECONDS
        match part:
            case Keys(keys=keys):
                frames = math.ceil(len(keys) * KEY_SECONDS / FRAME_SECONDS)
                return _Placed(part, self._frame, frames, (start, start + len(keys) * KEY_SECONDS))
            case Speech(pcm=pcm, bounds=bounds):
                speech = (start + bounds[0], start + bounds[1]) if bounds else None
                return _Placed(part, self._frame, math.ceil(len(pcm) / self._size), speech)

    def _sound(self) -> Received:
        frame = np.zeros(self._size, dtype=np.int16)
        if not self._placed or self._frame >= self._placed[-1].end:
            return Received(frame)
        into = self._frame - self._placed[-1].first
        match self._placed[-1].part:
            case Speech(pcm=pcm):
                piece = pcm[into * self._size : (into + 1) * self._size]
                frame[: len(piece)] = piece
                return Received(frame)
            case Keys(keys=keys):
                due = (int(at * KEY_SECONDS / FRAME_SECONDS) for at in range(len(keys)))
                return Received(frame, tuple(key for key, at in zip(keys, due, strict=True) if at == into))


class AnsweringCaller(ScriptedCaller):
    """A caller without a script: what comes next is asked for when the desk has spoken.

    answer  the next turn after what the desk said; None: the caller says nothing more, and stays on the line
    """

    def __init__(self, answer: Callable[[], Speech | Keys | Leave | None], rate: int, **options: Any) -> None:
        super().__init__((), rate, **options)
        self._answer = answer
        self._said_all = False

    def _more(self) -> bool:
        return not self._said_all

    def _next_part(self) -> Speech | Keys | None:
        part = self._answer()
        if part is None:
            self._said_all = True
            return None
        self._parts.append(part)
        return super()._next_part()


def _turn(placed: _Placed, now: float) -> Turn:
    """What of a turn had been heard at `now`."""
    speech = placed.speech
    if speech is not None:
        speech = (speech[0], min(speech[1], now)) if speech[0] < now else None
    return Turn(placed.part.name, placed.first * FRAME_SECONDS, min(placed.end * FRAME_SECONDS, now), speech)
