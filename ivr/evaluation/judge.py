"""What came of one case, beside what should have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ivr.evaluation.cases import Case
from ivr.meaning import Answer, Command, Hypothesis, Intent, Match, Meaning
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words


@dataclass(frozen=True, slots=True)
class Judged:
    """A case that was understood or not.

    hypotheses  what was heard; for a sentence the sentence itself
    got         what it was taken for, whatever its score; "" when it fits nothing
    score       of that, 0 when it fits nothing
    accepted    whether the score reaches the threshold
    slots       the values of the best match
    errors      wrong, missing and added words; None without a transcript
    words       words of the transcript
    match       seconds of matching
    recognize   seconds of recognizing, None for a sentence
    """

    case: Case
    hypotheses: tuple[Hypothesis, ...]
    got: str
    score: float
    accepted: bool
    slots: Mapping[str, str]
    errors: int | None
    words: int
    match: float
    recognize: float | None

    @property
    def taken_for(self) -> str | None:
        """What it was taken for, None when it was rejected."""
        return self.got if self.accepted else None

    @property
    def intent_right(self) -> bool:
        """Whether the intent is right; out of scope is right when it is rejected."""
        return self.taken_for == self.case.intent

    @property
    def wrong_slots(self) -> tuple[tuple[str, str, str], ...]:
        """Labelled slots that have another value: name, label, value ("" for none), whatever the intent."""
        labelled = (self.case.slots or {}).items()
        pairs = ((name, value, self.slots.get(name, "")) for name, value in labelled)
        return tuple(wrong for wrong in pairs if not _same(wrong[1], wrong[2]))

    @property
    def slots_right(self) -> int:
        """How many labelled slots have their labelled value in what was accepted for the right intent."""
        return len(self.case.slots or {}) - len(self.wrong_slots) if self.intent_right else 0

    @property
    def right(self) -> bool:
        """Whether all that is labelled is right: intent, slots; for a transcript alone every word."""
        if not self.case.judged:
            return not self.errors
        return self.intent_right and self.slots_right == len(self.case.slots or {})


def judge(
    case: Case,
    hypotheses: tuple[Hypothesis, ...],
    matches: tuple[Match, ...],
    threshold: float,
    words: Words,
    *,
    believed: str | None = None,
    match: float,
    recognize: float | None,
) -> Judged:
    """Compare what was understood with the labels; `words` brings both transcripts to one spelling.

    believed  the text that is taken for what was said; None: the first reading
    """
    best = matches[0] if matches else None
    errors, many = None, 0
    if case.audio is not None and case.transcript is not None:
        first = hypotheses[0].text if hypotheses else ""
        heard = plain_words(first if believed is None else believed, words)
        said = plain_words(case.transcript, words)
        errors, many = Levenshtein.distance(said, heard), len(said)
    return Judged(
        case,
        hypotheses,
        label(best.meaning) if best else "",
        best.score if best else 0.0,
        best is not None and best.score >= threshold,
        _values(best) if best else {},
        errors,
        many,
        match,
        recognize,
    )


def _values(match: Match) -> dict[str, str]:
    """The surest value of each slot, as the dialog takes it: rivals of it are among the slots too."""
    return {slot.name: slot.value for slot in sorted(match.slots, key=lambda slot: slot.score)}


def label(meaning: Meaning) -> str:
    """How cases and reports call a meaning: an intent's name, a command's word."""
    match meaning:
        case Intent(name=name):
            return name
        case Command():
            return meaning.value
        case Answer(slot=slot):
            return slot


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
