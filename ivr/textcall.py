"""A call typed at the keyboard: the dialog as its writer tries it, without sound.

A line is an utterance; ``/keys 12#`` presses keys; ``/silence`` says nothing; ``/bye`` (or the end of input)
hangs up. No recognizer is involved, so every reading has confidence 1.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ivr.asking import NoLookups
from ivr.conversation import Conversation
from ivr.errors import IvrError
from ivr.events import (
    Action,
    ActionFailed,
    Alert,
    Answered,
    CallEnded,
    FollowUp,
    HandOff,
    HangUp,
    Heard,
    KeyPressed,
    LanguageSwitched,
    Listen,
    LookUp,
    NoInput,
    Outcome,
    Say,
    SwitchLanguage,
    Transfer,
    Transferred,
)
from ivr.handing import goes_on
from ivr.inquiry import Lookups
from ivr.journal import Journal
from ivr.lines.line import KEYS
from ivr.masking import without_values
from ivr.meaning import Hypothesis
from ivr.ports import Queue
from ivr.tongues import Tongues, no_other

COMMANDS = "/keys 12# presses keys, /silence says nothing, /bye hangs up."
"""What can be typed beside the caller's words, for people."""

_KEYS, _SILENCE, _BYE = "/keys", "/silence", "/bye"


def mistyped(line: str) -> str:
    """What is wrong with a typed line, in a sentence with the remedy; "" when nothing is."""
    command, _, rest = line.strip().partition(" ")
    if not command.startswith("/"):
        return ""
    if command == _KEYS:
        if not rest.strip():
            return f"{_KEYS}: no keys are given. Keys are 0-9, *, # and A-D, for example {_KEYS} 12#"
        wrong = [key for key in _pressed(rest) if key not in KEYS]
        return f"{_KEYS}: {wrong[0]!r} is not a telephone key. Keys are 0-9, *, # and A-D" if wrong else ""
    known = command in (_SILENCE, _BYE) and not rest.strip()
    return "" if known else f"{line.strip()}: no such command. {COMMANDS}"


def _pressed(keys: str) -> str:
    return "".join(keys.split()).upper()


class TextCall:
    """One typed call; `lines` yields what the caller types and ends when they hang up."""

    def __init__(
        self,
        conversation: Conversation,
        queue: Queue,
        journal: Journal,
        lines: Iterator[str],
        clock: Callable[[], float] = time.monotonic,
        lookups: Lookups | None = None,
        tongues: Tongues | None = None,
    ) -> None:
        self._talk = conversation
        self._queue = queue
        self._journal = journal
        self._lines = lines
        self._clock = clock
        self._lookups = lookups or NoLookups()
        self._tongues = tongues or Tongues(no_other)
        self._began = 0.0
        self._no_input_after = 0.0
        self._ended: CallEnded | None = None

    @property
    def now(self) -> float:
        """Seconds since the call was answered."""
        return round(self._clock() - self._began, 3)

    def run(self, answered: Answered) -> CallEnded:
        """Hold the call until the dialog ends it or there are no more lines."""
        self._began = self._clock()
        self._do(self._talk.answered(answered))
        for line in self._lines:
            if line.strip() == _BYE:
                break
            self._typed(line.strip())
            if self._ended is not None:
                return self._ended
        self._do(tuple(self._talk.hung_up(self.now)))
        if self._ended is None:
            self._end(HangUp(Outcome.ABANDONED))
        assert self._ended is not None
        return self._ended

    def _typed(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        if command == _KEYS:
            for key in _pressed(rest):
                if key in KEYS and self._ended is None:
                    self._do(self._talk.handle(KeyPressed(key), self.now))
        elif command == _SILENCE or not line:
            self._do(self._talk.handle(NoInput(self._no_input_after), self.now))
        else:
            heard = Heard((Hypothesis(line, 1.0),), self.now, self.now, "typed")
            self._do(self._talk.heard(heard, self.now))

    def _do(self, actions: tuple[Action, ...]) -> None:
        for n, action in enumerate(actions):
            if self._ended is not None:
                return
            match action:
                case Say():
                    self._journal.record(self.now, action)
                    self._talk.said(action, self.now)
                case Listen(no_input_after=seconds):
                    self._no_input_after = seconds
                case Transfer(route=route):
                    self._journal.record(self.now, action)
                    self._journal.record(self.now, Transferred(route.name, True))
                    self._settle(route.name)
                    self._end(HangUp(Outcome.ROUTED, route.name))
                case LookUp():
                    self._journal.record(self.now, action)
                    answer = self._lookups.answer(action)
                    self._do(self._talk.handle(answer, self.now))
                case SwitchLanguage():
                    self._journal.record(self.now, action)
                    self._do(self._talk.handle(self._switched(action), self.now))
                case HandOff() | Alert():
                    self._hand_off(action)
                case FollowUp():
                    if (failed := self._promise(action)) and not goes_on(failed, actions[n + 1 :]):
                        self._do(self._talk.handle(failed, self.now))
                        return
                case HangUp():
                    self._end(action)
                case _:
                    pass

    def _switched(self, action: SwitchLanguage) -> LanguageSwitched | ActionFailed:
        """The call goes on in another language; typed words need no recognizer."""
        try:
            tongue = self._tongues.of(action.desk, sound=False)
        except IvrError as error:
            return ActionFailed(action, str(error))
        self._talk.change(tongue.mind, tongue.understanding)
        return LanguageSwitched(tongue.language, tongue.desk)

    def _hand_off(self, action: HandOff | Alert) -> None:
        full = self._talk.completed(action.request, self.now)
        number = self._talk.handoff_id
        try:
            if number is None:
                number = self._queue.enqueue(full)
            else:
                self._queue.update(number, full)
        except IvrError as error:
            self._talk.trouble("queue", error, self.now)
            if isinstance(action, HandOff):
                self._do(self._talk.handle(ActionFailed(action, str(error)), self.now))
        else:
            self._talk.handed_off(full, number, self.now, alert=isinstance(action, Alert))

    def _promise(self, action: FollowUp) -> ActionFailed | None:
        """Keep it; the failure, if it is one."""
        try:
            number = self._queue.promise(without_values(action.request))
        except IvrError as error:
            self._talk.trouble("queue", error, self.now)
            return ActionFailed(action, str(error))
        self._talk.promised(action, number, self.now)
        return None

    def _settle(self, disposition: str) -> None:
        """The caller is with somebody: who was alerted need not come."""
        if self._talk.handoff_id is None:
            return
        try:
            now = self._talk.time_of_day(self.now)
            self._queue.settle(self._talk.handoff_id, disposition, now=now)
        except IvrError as error:
            self._talk.trouble("queue", error, self.now)

    def _end(self, action: HangUp) -> None:
        self._ended = CallEnded(action.outcome, action.detail, self.now)
        self._journal.record(self.now, self._ended)
