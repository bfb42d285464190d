"""When an utterance begins, pauses and ends: a counter of seconds, without sound and without a clock.

After the counters of Home Assistant's ``assist_pipeline/vad.py``, with three things added: how much silence
ends an utterance depends on whether the words so far are complete; recognition may start at the first pause,
before the end is certain; and all times point into the sound, with the detector's known lateness taken off.

The listener feeds it once for each frame. Per utterance the events are::

    SpeechStart, (Paused, Resumed)*, [Paused,] SpeechEnd

and `TimedOut` comes at most once for each `listen`, never inside an utterance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ivr.ears import silero
from ivr.meaning import Completeness


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Seconds, except the two probabilities.

    onset, release  probability at which speech begins, and below which it is silence: the gap between them
                    keeps a voice that fades from flickering
    speech          speech needed before it counts: a click or a breath is shorter, the shortest of 200
                    spoken digits is 0.25 s long
    dropout         silence inside that first speech after which it was nothing
    speculate       silence after which recognition should start although the end is not certain
    complete, courtesy, unknown, telling, unfinished   silence that ends an utterance of such words. In the
                    sample calls "please" follows after 0.23 to 0.31 s, the next sentence after 0.65 to 0.87 s
    longest         an utterance is ended after this, silence or not
    onset_lag, release_lag  how late the detector is; taken off every reported time
    """

    onset: float = 0.5
    release: float = 0.4
    speech: float = 0.12
    dropout: float = 0.1
    speculate: float = 0.2
    complete: float = 0.2
    courtesy: float = 0.36
    unknown: float = 0.5
    telling: float = 0.9
    unfinished: float = 1.2
    longest: float = 20.0
    onset_lag: float = silero.ONSET_LAG
    release_lag: float = silero.RELEASE_LAG

    def silence(self, completeness: Completeness) -> float:
        """Silence that ends an utterance whose words are `completeness`."""
        match completeness:
            case Completeness.COMPLETE:
                return self.complete
            case Completeness.COURTESY:
                return self.courtesy
            case Completeness.UNKNOWN:
                return self.unknown
            case Completeness.TELLING:
                return self.telling
            case Completeness.UNFINISHED:
                return self.unfinished


@dataclass(frozen=True, slots=True)
class SpeechStart:
    """The caller began to speak; `at` is the first speech sample, `speech` seconds ago or more."""

    at: float


@dataclass(frozen=True, slots=True)
class Paused:
    """`silence` seconds since the last speech sample `at`: recognize what was said so far."""

    at: float
    silence: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """The caller goes on, from `at`: what was recognized at the pause is not the whole."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechEnd:
    """The utterance ended with its last speech sample `at`, `silence` seconds ago.

    Less silence than was asked for means that it was longer than `longest`.
    """

    at: float
    silence: float


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The caller said nothing for `waited` seconds after `listen`."""

    waited: float


EndpointEvent: TypeAlias = SpeechStart | Paused | Resumed | SpeechEnd | TimedOut


@dataclass(slots=True)
class _Burst:
    """Speech that may still be a click: since when, and how much of it was speech and silence."""

    since: float
    speech: float = 0.0
    silence: float = 0.0


class Endpointer:
    """The counter of one call. Times are seconds since the call was answered: the sum of what was fed."""

    def __init__(self, settings: EndpointSettings | None = None) -> None:
        self.settings = settings or EndpointSettings()
        self._now = 0.0
        self._burst: _Burst | None = None
        self._started: float | None = None
        self._last = 0.0  # last speech sample of the utterance, or its end when it is over
        self._paused = False
        self._needed = self.settings.unknown
        self._patience: float | None = None
        self._waited = 0.0

    def listen(self, no_input_after: float) -> None:
        """The desk has finished speaking: report silence of `no_input_after` seconds from now on."""
        self._patience = no_input_after
        self._waited = 0.0

    def hold(self) -> None:
        """The desk speaks or works: the caller's silence means nothing."""
        self._patience = None

    def completeness(self, value: Completeness) -> None:
        """What the words heard so far are; holds until the caller goes on after a pause."""
        self._needed = self.settings.silence(value)

    def feed(self, seconds: float, probability: float) -> tuple[EndpointEvent, ...]:
        """`seconds` more of the call, in which somebody spoke with this probability."""
        before, self._now = self._now, self._now + seconds
        events: list[EndpointEvent] = []
        if self._started is not None and not self._paused and probability >= self.settings.release:
            self._last = max(self._last, self._now)
        elif self._burst is not None or probability >= self.settings.onset:
            events += self._count_burst(before, seconds, probability)
        if self._started is not None:
            events += self._count_silence(self._started)
        else:
            events += self._count_waiting(seconds)
        return tuple(events)

    def _count_burst(self, before: float, seconds: float, probability: float) -> tuple[EndpointEvent, ...]:
        """Speech where there was none: enough of it begins an utterance or ends a pause."""
        if self._burst is None:
            self._burst = _Burst(before)
        burst = self._burst
        if probability >= self.settings.release:
            burst.speech += seconds
        else:
            burst.silence += seconds
        if _reached(burst.speech, self.settings.speech):
            at = max(self._last, burst.since - self.settings.onset_lag)
            self._burst, self._last = None, self._now
            self._needed, self._patience = self.settings.unknown, None
            if self._started is None:
                self._started = at
                return (SpeechStart(at),)
            self._paused = False
            return (Resumed(at),)
        if _reached(burst.silence, self.settings.dropout):
            self._burst = None
        return ()

    def _count_silence(self, started: float) -> tuple[EndpointEvent, ...]:
        """Silence inside an utterance, and its length."""
        last = self._last if self._paused else max(started, self._last - self.settings.release_lag)
        silence = self._now - last
        events: list[EndpointEvent] = []
        if _reached(self._now - started, self.settings.longest):
            return (self._end(last, silence),)
        quiet = self._now > self._last
        if quiet and not self._paused and _reached(silence, self.settings.speculate):
            self._paused, self._last = True, last
            events.append(Paused(last, silence))
        if self._paused and self._burst is None and _reached(silence, self._needed):
            events.append(self._end(last, silence))
        return tuple(events)

    def _end(self, last: float, silence: float) -> SpeechEnd:
        self._started, self._paused, self._burst = None, False, None
        self._last = last
        self._needed, self._patience = self.settings.unknown, None
        return SpeechEnd(last, silence)

    def _count_waiting(self, seconds: float) -> tuple[EndpointEvent, ...]:
        """Silence while the desk waits for an answer."""
        if self._patience is None:
            return ()
        self._waited += seconds
        if self._burst is not None or not _reached(self._waited, self._patience):
            return ()
        waited, self._patience = self._waited, None
        return (TimedOut(waited),)


def _reached(seconds: float, limit: float) -> bool:
    """Sums of frames fall short of round limits by a little; without this they would be a frame late."""
    return seconds >= limit - 1e-6
