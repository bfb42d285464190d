"""What callers said and were not understood, from the logs of their calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import UnknownError
from ivr.events import CallStarted, Decided, Decision, Event, PromptStarted, Say, Understood
from ivr.meaning import Command, Hypothesis, Intent
from ivr.records.encode import Entry
from ivr.records.layout import EVENTS
from ivr.records.log import read_log

# Names of prompts, which say what the caller was answering (see `ivr.dialog.compile`).
_SLOT_QUESTION = "slots."
_DENIED = "denied."
_SOON = 3  # turns in which a caller says the same in other words


@dataclass(frozen=True, slots=True)
class Missed:
    """An utterance that the desk could do nothing with, or whose meaning the caller denied.

    desk        the name of the desk, as it was then
    call        the call's id
    at          seconds since the answer
    hypotheses  what was heard, best first; never empty
    guessed     the intents it was taken for, with their scores, best first
    denied      the intent that the caller said no to, "" when nothing was guessed
    then        what the desk accepted next in the same call: perhaps the same in other words; "" for nothing
    """

    desk: str
    call: str
    at: float
    hypotheses: tuple[Hypothesis, ...]
    guessed: tuple[tuple[str, float], ...] = ()
    denied: str = ""
    then: str = ""

    @property
    def text(self) -> str:
        """The best reading."""
        return self.hypotheses[0].text


@dataclass(frozen=True, slots=True)
class Log:
    """What one call's log says: utterances that were not understood, and how many answers to questions.

    answers  utterances that did not answer the question for a slot: no phrase of an intent would help there
    """

    missed: tuple[Missed, ...]
    answers: int


def find_logs(folder: Path) -> tuple[Path, ...]:
    """The folders of calls in a folder, however deep, by name. Raises UnknownError when there are none."""
    if not folder.is_dir():
        raise UnknownError("no such folder", place=str(folder), remedy="Give a folder with records of calls")
    found = tuple(sorted(path.parent for path in folder.rglob(EVENTS)))
    if not found:
        raise UnknownError(
            f"holds no {EVENTS} of any call", place=str(folder), remedy="Give a folder with records of calls"
        )
    return found


def read_missed(folder: Path, threshold: float) -> Log:
    """What was not understood in one call. Damaged lines are passed over. Raises StateError."""
    return missed(read_log(folder).entries, folder.name, threshold)


def missed(entries: Sequence[Entry], call: str, threshold: float) -> Log:
    """The utterances of a log after which the desk asked again, gave up, or guessed what was not meant.

    Where no decision was written, a best match below `threshold` counts as not understood.
    """
    desk = next((entry.event.desk for entry in entries if isinstance(entry.event, CallStarted)), "")
    turns = list(_turns(entries))
    found: list[Missed] = []
    answers = 0
    for place, turn in enumerate(turns):
        heard = turn.understood.heard
        if not heard.text.strip():
            continue
        after = turns[place + 1] if place + 1 < len(turns) else None
        denied = turn.denied(after)
        if not denied and not turn.missed(threshold) and not turn.passed_over(after):
            continue
        if turn.question.startswith(_SLOT_QUESTION):
            answers += 1
            continue
        then = next(
            (name for later in turns[place + 1 : place + 1 + _SOON] if (name := later.accepted())), ""
        )
        guessed = {
            match.meaning.name: match.score
            for match in reversed(turn.understood.matches)
            if isinstance(match.meaning, Intent)
        }
        best_first = tuple(sorted(guessed.items(), key=lambda entry: -entry[1]))
        found.append(Missed(desk, call, turn.at, heard.hypotheses, best_first, denied, then))
    return Log(tuple(found), answers)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One utterance: the prompt before it, what was decided about it, and the prompts after it."""

    at: float
    question: str
    understood: Understood
    decided: tuple[Decided, ...]
    prompts: tuple[str, ...]

    def missed(self, threshold: float) -> bool:
        decisions = {decided.decision for decided in self.decided}
        if decisions:
            return bool(decisions & {Decision.REPROMPT, Decision.HAND_OFF}) and self._no_command(threshold)
        matches = self.understood.matches
        return not matches or matches[0].score < threshold

    def _no_command(self, threshold: float) -> bool:
        """A "no" that made one misunderstanding too many was itself understood."""
        matches = self.understood.matches
        return not matches or isinstance(matches[0].meaning, Intent) or matches[0].score < threshold

    def denied(self, after: _Turn | None) -> str:
        """The intent that the desk guessed, when the caller's next words were that it is wrong."""
        if after is None:
            return ""
        guess = next((d.about for d in self.decided if d.decision is Decision.CONFIRM), "")
        names = {m.meaning.name for m in self.understood.matches if isinstance(m.meaning, Intent)}
        best = next((match.meaning for match in after.understood.matches), None)
        next_guess = any(d.decision in (Decision.CONFIRM, Decision.OFFER) for d in after.decided)
        refused = any(name.startswith(_DENIED) for name in after.prompts)
        refused = refused or (best is Command.NO and next_guess)
        return guess if refused and guess in names else ""

    def passed_over(self, after: _Turn | None) -> bool:
        """Whether the desk asked which of its guesses is right, and the caller went on with none of them."""
        guesses = {
            name
            for decided in self.decided
            if decided.decision in (Decision.CONFIRM, Decision.OFFER)
            for name in decided.about.split(", ")
        }
        names = {m.meaning.name for m in self.understood.matches if isinstance(m.meaning, Intent)}
        then = "" if after is None else after.accepted()
        return bool(guesses & names) and bool(then) and then not in guesses

    def accepted(self) -> str:
        """The intent that the desk went on with."""
        names = {m.meaning.name for m in self.understood.matches if isinstance(m.meaning, Intent)}
        wanted = (d.about for d in self.decided if d.decision is Decision.ACCEPT)
        return next((name for name in wanted if name in names), "")


def _turns(entries: Iterable[Entry]) -> Iterator[_Turn]:
    question = prompt = ""
    at = 0.0
    understood: Understood | None = None
    after: list[Event] = []
    for entry in entries:
        match entry.event:
            case Understood():
                if understood is not None:
                    yield _turn(at, question, understood, after)
                at, question, understood, after = entry.t, prompt, entry.event, []
            case PromptStarted(name=name) | Say(name=name):
                prompt = name
                after.append(entry.event)
            case Decided():
                after.append(entry.event)
    if understood is not None:
        yield _turn(at, question, understood, after)


def _turn(at: float, question: str, understood: Understood, after: Iterable[Event]) -> _Turn:
    decided, prompts = [], []
    for event in after:
        match event:
            case Decided():
                decided.append(event)
            case PromptStarted(name=name) | Say(name=name):
                prompts.append(name)
    return _Turn(at, question, understood, tuple(decided), tuple(prompts))
