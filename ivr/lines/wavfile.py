"""A caller made of WAV files and keys: recorded calls played at a desk, faster than real time or paced."""

from __future__ import annotations

import asyncio
import enum
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ivr.errors import AudioError, UnknownError
from ivr.handover import Route
from ivr.lines.line import KEYS, LineClosed, Party, Received, TransferContext, TransferOutcome, TransferResult
from ivr.lines.script import Keys, Leave, Maybe, Part, ScriptedCaller, Speech, Turn
from ivr.meaning import SlotValue
from ivr.media.activity import speech_bounds
from ivr.media.dtmf import DtmfDetector
from ivr.media.pcm import FRAME_SECONDS, NARROWBAND, Pcm, duration, frame_samples, silence
from ivr.media.wav import read_wav

KEYS_PREFIX = "keys:"
WHOLE_SIDE_SECONDS = 15.0
"""A single file longer than this is the caller's whole side of the call."""


class Mode(enum.StrEnum):
    """How the files make a call; the values are what a user writes."""

    AUTO = "auto"
    """SIDE for a single file longer than 15 s, else TURNS."""
    TURNS = "turns"
    """Each file is a turn that waits for the desk to have spoken."""
    SIDE = "side"
    """The one file is the caller's whole side and starts at answer."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file as a turn. `speech` is where in it speech begins and ends (seconds), where that is known better
    than it can be found by energy: in noise.
    """

    path: Path
    speech: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A turn in which nothing is said for `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A turn that is left out unless `asked` says, when its time comes, that the desk asked for it."""

    turn: str | Path | Recording | Pause
    asked: Callable[[], bool]


TurnSource: TypeAlias = str | Path | Recording | Pause | Wanted | Leave
"""A path, ``keys:`` with the keys to press (``keys:1234#``), a pause, leaving, or one of them if wanted."""


class CallerLine:
    """A line on which a caller made by this program speaks: as fast as the CPU allows, or paced.

    `clock` and `sleep` are for tests of a paced line.
    """

    def __init__(
        self,
        caller: ScriptedCaller,
        rate: int,
        party: Party,
        *,
        paced: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._caller = caller
        self._rate = rate
        self._party = party
        self._tones = DtmfDetector(rate)  # a recorded caller's keys are tones
        self._paced = paced
        self._clock = clock
        self._sleep = sleep
        self._start: float | None = None
        self._frames = 0
        self._desk_spoke = False
        self._closed = False
        self.transferred: Route | None = None
        """Where the call was passed to, if it was."""

    @property
    def rate(self) -> int:
        """8,000 or 16,000."""
        return self._rate

    @property
    def paced(self) -> bool:
        """As asked for."""
        return self._paced

    @property
    def party(self) -> Party:
        """Who calls."""
        return self._party

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Where each turn lay in the call so far: what a wait is measured from."""
        return self._caller.turns

    async def recv(self) -> Received:
        """The next 20 ms; a paced line delivers them when they have passed."""
        if not self._closed:
            await self._pace()
        received = None if self._closed else self._caller.next(self._desk_spoke)
        if received is None:
            self._closed = True
            raise LineClosed("the call is over")
        self._desk_spoke = False
        return Received(received.pcm, received.keys + self._tones.feed(received.pcm))

    async def send(self, pcm: Pcm | None) -> None:
        """Noticed, not played: the caller listens for when the desk speaks. Ignored after the end."""
        if pcm is not None and len(pcm) != frame_samples(self._rate):
            raise ValueError(f"a frame has {frame_samples(self._rate)} samples, not {len(pcm)}")
        self._desk_spoke = pcm is not None

    def clear(self) -> None:
        """Nothing waits to be played."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """Always accepted, and remembered."""
        self.transferred = route
        return TransferResult(TransferOutcome.DONE)

    async def hang_up(self) -> None:
        """`recv` raises LineClosed from now on."""
        self._closed = True

    async def _pace(self) -> None:
        """Wait until the next frame has passed, by the time of the call's start: delays do not add up."""
        delay = 0.0
        if self._paced:
            now = self._clock()
            if self._start is None:
                self._start = now
            self._frames += 1
            delay = max(self._start + self._frames * FRAME_SECONDS - now, 0.0)
        await self._sleep(delay)


class WavLine(CallerLine):
    """One call from files. Everything is read, and AudioError raised, before the call.

    The rate is 16,000 when any file has 16 kHz or more, else 8,000. After the last turn the caller stays on
    the line in silence until the desk hangs up, or leaves `hang_up_after` seconds later; at `max_seconds` in
    any case. `clock` and `sleep` are for tests of a paced line.
    """

    def __init__(
        self,
        turns: Sequence[TurnSource],
        *,
        mode: Mode = Mode.AUTO,
        paced: bool = False,
        rate: int | None = None,
        reaction: float = 0.4,
        hang_up_after: float | None = None,
        max_seconds: float = 3600.0,
        caller: str = "",
        called: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not turns:
            raise AudioError("a call needs at least one recording", remedy="Give a WAV file, or keys:<keys>")
        own_rate, parts = _read(turns, rate)
        if mode is Mode.SIDE and len(parts) > 1:
            what = f"a caller's whole side is one file, not {len(parts)}"
            raise AudioError(what, place=parts[1].name, remedy="Leave the others out, or play them as turns")
        single = parts[0]
        whole = isinstance(single, Speech) and duration(single.pcm, own_rate) > WHOLE_SIDE_SECONDS
        side = mode is Mode.SIDE or (mode is Mode.AUTO and len(parts) == 1 and whole)
        caller_of_parts = ScriptedCaller(
            parts,
            own_rate,
            waits=not side,
            reaction=reaction,
            hang_up_after=hang_up_after,
            max_seconds=max_seconds,
        )
        party = Party(f"wav:{parts[0].name}", caller, called)
        super().__init__(caller_of_parts, own_rate, party, paced=paced, clock=clock, sleep=sleep)


def parse_keys(text: str) -> tuple[str, ...]:
    """The keys of ``keys:1234#``. Raises UnknownError for what is not on a telephone."""
    keys = tuple(text.removeprefix(KEYS_PREFIX).upper())
    wrong = next((key for key in keys if key not in KEYS), None)
    if wrong is None and keys:
        return keys
    what = f"{wrong!r} is not a telephone key" if wrong else "no keys are given"
    raise UnknownError(what, place=text, remedy="Keys are 0-9, *, # and A-D, for example keys:1234#")


def _read(sources: Sequence[TurnSource], rate: int | None) -> tuple[int, tuple[Part, ...]]:
    """All turns at one rate: `rate`, or the highest that any of them deserves."""
    read = [_read_one(source, rate) for source in sources]
    rates = {own_rate for _, own_rate in read}
    if len(rates) > 1:
        read = [_read_one(source, max(rates)) for source in sources]
    return max(rates), tuple(part for part, _ in read)


def _read_one(source: TurnSource, rate: int | None) -> tuple[Part, int]:
    match source:
        case Leave():
            return source, rate or NARROWBAND
        case Wanted(turn=turn, asked=asked):
            part, own_rate = _read_turn(turn, rate)
            return Maybe(part, asked), own_rate
        case _:
            return _read_turn(source, rate)


def _read_turn(source: str | Path | Recording | Pause, rate: int | None) -> tuple[Speech | Keys, int]:
    match source:
        case Pause(seconds=seconds):
            own_rate = rate or NARROWBAND
            return Speech(f"silence of {seconds:g} s", silence(seconds, own_rate), None), own_rate
        case str() if source.startswith(KEYS_PREFIX):
            return Keys(source, parse_keys(source)), rate or NARROWBAND
        case Recording():
            recording = source
        case _:
            recording = Recording(Path(source))
    pcm, own_rate = read_wav(recording.path, rate=rate)
    return Speech(str(recording.path), pcm, recording.speech or speech_bounds(pcm, own_rate)), own_rate
