"""One conversation as turns, whatever carries the words: audio (`ivr.call`) or typing (`ivr.textcall`).

What the caller says or does goes in, what to do next comes out; everything is recorded on the way. Time is an
argument: seconds since the call was answered.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ivr.discretion import NumberMask
from ivr.events import (
    Action,
    Alert,
    Answered,
    Backchannel,
    Decided,
    FollowUp,
    FollowUpKept,
    HandedOff,
    HandOff,
    Heard,
    HungUp,
    Input,
    KeyPressed,
    Listen,
    MoodNoticed,
    Resumption,
    Say,
    SlotFilled,
    Transfer,
    Trouble,
    Understood,
)
from ivr.handover import HandoffRequest, Turn, cut_off
from ivr.journal import Journal
from ivr.masking import WORDS, unheard, unreadable, without_values
from ivr.meaning import Clarity, Command, Completeness, Expect, Hypothesis, Mood
from ivr.mood import MoodSense, Said
from ivr.ports import Mind, Understanding
from ivr.weighing import Weighing
from ivr.wordgraph import WordGraph

KEYS_GO_ON = 2.0
"""Seconds after a sensitive key in which others are masked too: a number may have been typed too long."""

_TAKING_BACK = frozenset({Command.NO, Command.WRONG})  # what is said to "I am putting you through to ..."


class Conversation:
    """Turns of one call."""

    def __init__(
        self,
        mind: Mind,
        understanding: Understanding,
        journal: Journal,
        numbers: NumberMask | None = None,
    ) -> None:
        self._mind = mind
        self._understanding = understanding
        self._weighing = Weighing(understanding)
        self._journal = journal
        self._numbers = numbers or NumberMask()
        self._answered_at: datetime | None = None
        self.expect = Expect()
        self.transcript: list[Turn] = []
        self.handoff_id: int | None = None
        self._private_until = 0.0
        self._sense = MoodSense()
        self._interrupted = False
        self._with_person = False
        self._over = False
        self.mood = Mood.CALM
        self.over_prompt = False
        """Whether a prompt is being said: the call knows."""

    def change(self, mind: Callable[[Mind], Mind], understanding: Understanding) -> None:
        """From now on another desk's dialog, made of the one so far, and its understanding."""
        self._mind = mind(self._mind)
        self._understanding = understanding
        self._weighing = Weighing(understanding)
        self.expect = Expect()

    def answered(self, event: Answered) -> tuple[Action, ...]:
        """The call begins."""
        self._answered_at = event.when
        return self.handle(event, 0.0)

    def heard(self, heard: Heard, now: float) -> tuple[Action, ...]:
        """The caller said something."""
        text = WORDS if self.private(now) and heard.text else heard.text
        self.transcript.append(Turn("caller", text, heard.started, heard.confidence))
        self._with_person = False
        matches = self._weighing.meant(heard.hypotheses, self.expect, self.time_of_day(now))
        self._notice(heard, now)
        return self.handle(Understood(heard, matches, self.mood, self._over), now)

    def begun(self) -> None:
        """The caller, or somebody behind them, began to speak."""
        self._over = self.over_prompt

    def interrupted(self) -> None:
        """What is heard next ended a prompt."""
        self._interrupted = True

    def _notice(self, heard: Heard, now: float) -> None:
        """How the caller sounds; nothing of it is noticed while they key in something sensitive."""
        if self.private(now):
            return
        free = next((one for one in heard.hypotheses if one.fit is None), Hypothesis("", 0.0))
        seconds, feelings = heard.ended - heard.started, self._understanding.feelings(free.text)
        said = Said(free.text, seconds, heard.loudness, self._interrupted, feelings, free.confidence)
        self._interrupted = False
        noticed = self._sense.hear(said)
        if noticed.mood is not self.mood:
            self.mood = noticed.mood
            self._journal.record(now, MoodNoticed(noticed.mood, noticed.signs))

    def overheard(self, heard: Heard, now: float) -> None:
        """The caller said something to a person: recorded, the desk has no say in it."""
        self._with_person = True
        self.transcript.append(Turn("caller", heard.text, heard.started, heard.confidence))
        self._journal.record(now, Understood(heard, ()))

    def handle(self, event: Input, now: float) -> tuple[Action, ...]:
        """Anything else happened; returns what the call has to do, in order."""
        private = self.private(now)
        self._numbers.learn(event)
        hidden = private or (isinstance(event, KeyPressed) and self._asks_for_masked())
        self._journal.record(now, unreadable(event) if hidden else event)
        if private and isinstance(event, KeyPressed):
            self._private_until = now + KEYS_GO_ON
        todo: list[Action] = []
        done = self._mind.handle(event, now)
        if private and done and not any(isinstance(action, Listen) for action in done):
            self.expect = Expect()  # the number was the last that was asked for
        for action in done:
            match action:
                case Listen(expect=expect):
                    self.expect = expect
                    todo.append(action)
                case Transfer():  # until it is begun, the caller may say that it is wrong
                    commands = self.expect.commands | _TAKING_BACK
                    self.expect = dataclasses.replace(self.expect, commands=commands, slot=None)
                    todo.append(action)
                case Decided() | SlotFilled():
                    self._numbers.learn(action)
                    self._journal.record(now, action)
                case _:
                    todo.append(action)
        return tuple(todo)

    def private(self, now: float) -> bool:
        """Whether something sensitive is being keyed in: nothing the caller does may be kept."""
        return now < self._private_until or (self.expect.slot is not None and self.expect.slot.sensitive)

    def _asks_for_masked(self) -> bool:
        """Whether keys are of a number that records do not show."""
        return self.expect.slot is not None and self.expect.slot.name in self._numbers.rules.masked

    def said(self, say: Say, now: float) -> None:
        """A prompt was begun: it belongs to the transcript."""
        self.transcript.append(Turn("desk", say.text, now))

    def cut_off(self, say: Say, said: str) -> None:
        """A prompt was stopped after the words `said`: the caller knows no more of it."""
        for number in reversed(range(len(self.transcript))):
            turn = self.transcript[number]
            if turn.who == "desk" and turn.text == say.text:
                self.transcript[number] = dataclasses.replace(turn, text=cut_off(said))
                return

    def passes_over(
        self, heard: Heard, now: float, *, asked: bool, counted: bool = False
    ) -> Resumption | None:
        """Why what was said over a prompt does not end it; None: it does. See `Weighing.passes_over`."""
        when = self.time_of_day(now)
        return self._weighing.passes_over(heard, self.expect, when, asked=asked, counted=counted)

    def alarms(self, heard: Heard, now: float) -> bool:
        """Whether the words are urgent, whatever goes on."""
        return self._weighing.alarms(heard, self.expect, self.time_of_day(now))

    def passed_over(self, heard: Heard, why: Resumption, now: float, *, counted: bool = False) -> None:
        """What was said over a prompt did not end it; over a rhythm it may still tell a person much."""
        if counted and why is Resumption.UNKNOWN and not self.private(now):
            self.transcript.append(Turn("caller", heard.text, heard.started, heard.confidence))
        self._journal.record(now, Backchannel(unheard(heard) if self.private(now) else heard, why))

    def completeness(self, text: str) -> Completeness:
        """Whether `text` finishes something that may be said now, or is all that a listener says."""
        calm = self.mood is Mood.CALM
        return self._weighing.completeness(text, self.expect, over_prompt=self.over_prompt, calm=calm)

    def clarity(self, hypotheses: tuple[Hypothesis, ...], now: float) -> Clarity:
        """What the readings of an utterance leave open, where the desk is spoken to; asked in any thread."""
        if self._with_person or self.private(now):
            return Clarity.CLEAR
        return self._weighing.clarity(hypotheses, self.expect, self.time_of_day(now))

    def phrases(self, limit: int = 2_000) -> tuple[str, ...]:
        """What may be said now."""
        return self._understanding.phrases(self.expect, limit)

    def grammar(self) -> Callable[[], WordGraph | None]:
        """What makes the grammar of what may be said now, for the recognizer's thread."""
        return functools.partial(self._understanding.grammar, self.expect)

    def hung_up(self, now: float) -> Sequence[Action]:
        """The caller left."""
        return self.handle(HungUp(), now)

    def completed(self, request: HandoffRequest, now: float) -> HandoffRequest:
        """The machine's request with what only the call knows: transcript, time of day, time waited."""
        return dataclasses.replace(
            without_values(request),
            transcript=self.written(),
            entered=self.time_of_day(now).isoformat(timespec="seconds"),
            waited=round(now, 3),
            mood="" if self.mood is Mood.CALM else self.mood.value,
        )

    def written(self) -> tuple[Turn, ...]:
        """What was said so far, as it may be kept."""
        return self._numbers.of(tuple(self.transcript))

    def handed_off(
        self, request: HandoffRequest, handoff_id: int, now: float, *, alert: bool = False
    ) -> None:
        """The queue has the request durably."""
        self.handoff_id = handoff_id
        self._journal.record(now, Alert(request) if alert else HandOff(request))
        self._journal.record(now, HandedOff(handoff_id, request.queue))

    def parted(self) -> None:
        """The person has done with the caller: who asks for one again is a new case."""
        self.handoff_id = None

    def promised(self, action: FollowUp, number: int, now: float) -> None:
        """What was promised to the caller is kept durably."""
        self._journal.record(now, action)
        self._journal.record(now, FollowUpKept(number))

    def time_of_day(self, now: float) -> datetime:
        """The moment, `now` seconds after the call was answered."""
        if self._answered_at is None:
            raise RuntimeError("the call was not answered yet")
        return self._answered_at + timedelta(seconds=now)

    def trouble(self, where: str, error: BaseException, now: float) -> None:
        """Something failed and the call goes on."""
        self._journal.record(now, Trouble(where, f"{type(error).__name__}: {error}"))
