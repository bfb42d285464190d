"""What goes out to the caller in the next 20 ms: prompts one after another, paused or stopped by the caller.

Pure: it reads no clock and waits for nothing. The call begins prompts, feeds their sentences as they come and
takes one frame a tick; a prompt whose next sentence is not ready yet is silence until it is.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples
from ivr.mouth.sentences import Sentence

GAP_SECONDS = 0.2
"""Silence between two prompts: about the pause a speaker makes between sentences."""

REWIND_SECONDS = 0.8
"""A paused prompt goes on at the quietest moment of its last sound so long: between words, if it can be."""

Ticket: TypeAlias = int
"""Names one prompt that was begun; numbers rise and are never used again."""


@dataclass(frozen=True, slots=True)
class Started:
    """The first sample of a prompt is in the frame that was taken last."""

    prompt: Ticket
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The last sample of a prompt is in the frame that was taken last, or the prompt was stopped.

    heard  seconds of it that were played, without waits for sentences that were not ready
    """

    prompt: Ticket
    name: str
    heard: float
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Interrupted:
    """How far the prompt had come that was stopped: `heard` seconds, and `said`, its text up to there.

    `said` ends with a whole word, estimated from the share of the sentence that was played.
    """

    prompt: Ticket
    name: str
    heard: float
    said: str


@dataclass(slots=True)
class _Prompt:
    ticket: Ticket
    name: str
    text: str
    sentences: deque[Sentence] = field(default_factory=deque)
    said: list[str] = field(default_factory=list)
    at: int = 0  # samples played of the first of `sentences`
    heard: int = 0  # samples played in all
    started: bool = False
    complete: bool = False


class Player:
    """The desk's voice in one call, at the line's rate.

    gap  seconds of silence between the end of one prompt and the start of the next, in whole frames; it
         passes as well while nothing is queued
    """

    def __init__(self, rate: int, gap: float = GAP_SECONDS) -> None:
        self._size = frame_samples(rate)
        self._rate = rate
        self._gap_frames = round(gap / FRAME_SECONDS)
        self._gap_left = 0
        self._paused = False
        self._queue: deque[_Prompt] = deque()
        self._fade: Pcm | None = None
        self._events: list[Started | Ended] = []
        self._tickets = itertools.count(1)

    @property
    def busy(self) -> bool:
        """Whether a prompt is being played or waits to be."""
        return bool(self._queue)

    @property
    def paused(self) -> bool:
        """Whether prompts wait for `resume` or `stop`."""
        return self._paused

    @property
    def heard(self) -> float:
        """Seconds played of the prompt that is played or comes next; 0 without one."""
        return self._queue[0].heard / self._rate if self._queue else 0.0

    @property
    def starved(self) -> bool:
        """Whether the prompt whose turn it is waits for sound that is still being made."""
        first = self._queue[0] if self._queue else None
        return first is not None and not first.complete and not first.sentences

    def begin(self, name: str, text: str, *, before: bool = False) -> Ticket:
        """Queue a prompt, `before` all others if they have no sound yet; its sound follows by `feed`, its end
        by `finish`."""
        prompt = _Prompt(next(self._tickets), name, text)
        if before:
            self._queue.appendleft(prompt)
        else:
            self._queue.append(prompt)
        return prompt.ticket

    def feed(self, ticket: Ticket, sentence: Sentence) -> bool:
        """The next sentence of a prompt. False when the prompt is over (stopped): no more are needed."""
        prompt = self._find(ticket)
        if prompt is None or prompt.complete:
            return False
        if len(sentence.pcm):
            prompt.sentences.append(sentence)
        return True

    def finish(self, ticket: Ticket) -> None:
        """No more sentences come for a prompt. Without any it ends unheard. Harmless when it is over."""
        prompt = self._find(ticket)
        if prompt is None:
            return
        prompt.complete = True
        if prompt is self._queue[0]:
            self._end_if_played()

    def next_frame(self) -> Pcm | None:
        """The next 20 ms to the caller; None when there is nothing to say, not even a wait for it."""
        if self._fade is not None:
            frame, self._fade = self._fade, None
            return frame
        if self._paused:
            return self._silence()
        if self._gap_left:
            self._gap_left -= 1
            return self._silence() if self._queue else None
        while self._queue and self._queue[0].complete and not self._queue[0].sentences:
            self._end_if_played()
        return self._play(self._queue[0]) if self._queue else None

    def stop(self) -> Interrupted | None:
        """Be silent: drop all prompts. The next frame fades what was being played, so that nothing clicks.

        Returns how far the first of them had come, None when nothing was queued. Each dropped prompt has an
        `Ended`, also those that were never heard.
        """
        if not self._queue:
            return None
        first = self._queue[0]
        stopped = Interrupted(first.ticket, first.name, first.heard / self._rate, _said(first))
        if not self._paused:
            self._fade_out()
        self._paused = False
        for prompt in self._queue:
            heard = stopped.heard if prompt is first else 0.0
            self._events.append(Ended(prompt.ticket, prompt.name, heard, interrupted=True))
        self._queue.clear()
        self._gap_left = 0
        return stopped

    def pause(self) -> None:
        """Be silent for now: the next frame fades, then nothing is played until `resume` or `stop`."""
        if self._queue and not self._paused:
            self._fade_out()
            self._paused = True

    def resume(self) -> None:
        """Go on a little before where the prompt was paused, at a quiet moment."""
        self._paused = False
        if not self._queue or not self._queue[0].sentences:
            return
        first = self._queue[0]
        pcm = first.sentences[0].pcm
        back = first.at - _quiet_before(pcm, first.at, self._size, round(REWIND_SECONDS * self._rate))
        first.at -= back
        first.heard -= back

    def take_events(self) -> tuple[Started | Ended, ...]:
        """What happened since the last call, in order; the frame or stop it belongs to was the last one."""
        events = tuple(self._events)
        self._events.clear()
        return events

    def _fade_out(self) -> None:
        """The next frame ends what is being played without a click."""
        first = self._queue[0]
        rest = self._take(first) if first.started else self._silence()
        if rest.any():
            fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(self._size) + 1) / self._size)
            self._fade = (rest * fall).astype(np.int16)

    def _play(self, prompt: _Prompt) -> Pcm:
        before = prompt.heard
        frame = self._take(prompt)
        if prompt.heard > before and not prompt.started:
            prompt.started = True
            self._events.append(Started(prompt.ticket, prompt.name, prompt.text))
        self._end_if_played()
        return frame

    def _take(self, prompt: _Prompt) -> Pcm:
        """The next frame of a prompt, filled up with silence where it has no sound ready."""
        frame = self._silence()
        filled = 0
        while filled < self._size and prompt.sentences:
            pcm = prompt.sentences[0].pcm
            part = pcm[prompt.at : prompt.at + self._size - filled]
            frame[filled : filled + len(part)] = part
            filled += len(part)
            prompt.at += len(part)
            if prompt.at == len(pcm):
                prompt.said.append(prompt.sentences.popleft().text)
                prompt.at = 0
        prompt.heard += filled
        return frame

    def _end_if_played(self) -> None:
        """End the first prompt when all of it was played."""
        first = self._queue[0]
        if first.complete and not first.sentences:
            self._queue.popleft()
            self._events.append(Ended(first.ticket, first.name, first.heard / self._rate, interrupted=False))
            if first.started:
                self._gap_left = self._gap_frames

    def _find(self, ticket: Ticket) -> _Prompt | None:
        return next((prompt for prompt in self._queue if prompt.ticket == ticket), None)

    def _silence(self) -> Pcm:
        return np.zeros(self._size, dtype=np.int16)


def _said(prompt: _Prompt) -> str:
    """The text of a prompt up to the last whole word that was played."""
    parts = list(prompt.said)
    if prompt.sentences:
        sentence = prompt.sentences[0]
        share = sentence.text[: int(len(sentence.text) * prompt.at / len(sentence.pcm))]
        spaced = " " in sentence.text
        parts.append(share.rpartition(" ")[0] if spaced else share)
    return " ".join(part for part in parts if part)


def _quiet_before(pcm: Pcm, at: int, size: int, reach: int) -> int:
    """The start of the quietest frame among those that end at `at` or up to `reach` samples before."""
    first = max(0, at - reach)
    frames = (at - first) // size
    if frames == 0:
        return first
    window = pcm[at - frames * size : at].astype(np.float64).reshape(frames, size)
    return at - (frames - int(np.argmin(np.square(window).sum(axis=1)))) * size
