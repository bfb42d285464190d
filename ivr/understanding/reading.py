"""Meanings in one reading of an utterance, each with the log odds of it, before all are weighed together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import Answer, Command, Expect, Intent, Meaning, SlotSpec, SlotType, SlotValue
from ivr.understanding import calibration
from ivr.understanding.corrections import corrected
from ivr.understanding.digits import digits_heard
from ivr.understanding.evidence import PARTS
from ivr.understanding.learned import LearnedModel, places
from ivr.understanding.phonemes import Sounds
from ivr.understanding.phrases import LIGHT, PhraseBook
from ivr.understanding.polarity import disagrees
from ivr.understanding.query import LEAST_SURE, Query
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance
from ivr.understanding.words import Words

_MOST_TARGETS = 16
_PLAIN = 0.97
"""Chance that words which leave no doubt are the answer that they are."""
_FIRST = 0.9
"""Chance that a question for a yes or no is answered by the first word, where that is one; and that whoever
says first that something is wrong means that."""

_FIRST_SAID = 0.85
"""Chance that whoever is asked whether something is right answers with a first word that says so: what else
they tell may be another want, which is likelier where it is said plainly."""

_FEWEST_DIGITS = 2
"""Digits that are a part of a number, at least."""
_FEWEST_WORDS = 3

YES_NO = {Command.YES: "yes", Command.NO: "no"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning in one hypothesis, before all are weighed against each other.

    number  of the target; for a value found in an answer, `found` instead
    """

    meaning: Meaning
    value: str
    z: float
    query: Query
    number: int = -1
    found: SlotValue | None = None


class Meanings:
    """What one desk reads in the words of a caller. Pure: the same words, state and time give the same."""

    def __init__(
        self,
        book: PhraseBook,
        words: Words,
        sounds: Sounds,
        *,
        without: frozenset[str] = frozenset(),
        learned: LearnedModel | None = None,
    ) -> None:
        """`without` names parts of the evidence to leave out; `learned` speaks for the intents it knows."""
        self.book = book
        self._words = words
        self._sounds = sounds
        self._learned = learned
        names = [t.meaning.name if isinstance(t.meaning, Intent) else None for t in book.targets]
        self._learned_targets = places(learned.intents if learned else (), names)
        self._commands = np.array([isinstance(t.meaning, Command) for t in book.targets], dtype=bool)
        self._evidence = [make(book) for name, make in PARTS.items() if name not in without]
        self._asked: dict[int, SlotReader] = {}

    def query(self, text: str, now: datetime, exact: bool = False) -> Query:
        """The words of a text with all that is found out about them once."""
        return Query(self.book, utterance(text, self._words, self._sounds), now, exact)

    def columns(self, query: Query) -> dict[str, NDArray[np.float64]]:
        """The evidence for every target of `book`, by column."""
        out = {}
        for part in self._evidence:
            values = part(query)
            out.update({name: values[:, place] for place, name in enumerate(part.columns)})
        return out

    def read(self, text: str, expect: Expect, now: datetime, exact: bool) -> list[Reading]:
        """What the words may mean in a state of the dialog; `exact` where they are a held reading."""
        query = self.query(text, now, exact)
        if not query.texts:
            return []
        columns = self.columns(query)
        z = calibration.logits(columns)
        if self._learned is not None:
            learned, numbers = self._learned_targets
            whole = columns.get("whole", np.zeros(len(z)))[numbers]
            said = calibration.WORD_FOR_WORD * (whole >= 1.0)
            learned_z = self._learned.log_odds(text, query.texts)[learned] + said
            # Of a phrase around a name, a few values were learned from at most: it speaks for itself, too.
            named = (whole > 0.0) & self._around_anything(query)[numbers] & (z[numbers] > learned_z)
            z[numbers] = np.where(named, (learned_z + z[numbers]) / 2.0, learned_z)
        readings = [*self._answers(query, expect, now), *self._said_first(query, expect)]
        sure = [reading.found for reading in readings if reading.found and reading.found.score >= LEAST_SURE]
        long = len(query.heard.text.split())
        asked = 0.0 if expect.slot is None else calibration.SLOT_ASKED if sure else calibration.NOT_ANSWERED
        if expect.slot is not None and expect.slot.type is SlotType.YES_NO and self._yes_or_no_first(query):
            asked += calibration.YES_OR_NO_FIRST
        entirely = [found for found in sure if len(found.said.split()) >= long]
        if expect.slot is not None and expect.slot.choices:
            asked += calibration.ENTIRELY * bool(entirely)
            if self._word_for_word(query, expect.slot):  # "I'm done" is an answer here, and no farewell
                z += calibration.ENTIRELY * self._commands
        if expect.slot is not None and expect.slot.type is SlotType.DIGITS and self._only_digits(query):
            asked += calibration.TEXT_ASKED
        most = len(readings) + _MOST_TARGETS
        for number in np.argsort(-z, kind="stable"):
            if self.allowed(self.book.targets[number].meaning, expect):
                readings.append(self._reading(query, int(number), float(z[number]), expect, asked))
            if len(readings) == most:
                break
        return (
            readings if expect.slot is None or not expect.slot.safe else self._safely(readings, query, expect)
        )

    def _around_anything(self, query: Query) -> NDArray[np.bool_]:
        """The targets of which a whole phrase was said around a slot for any words."""
        out = np.zeros(len(self.book.targets), dtype=bool)
        for whole in query.walked[0]:
            if any(label in self.book.open_labels for label, _, _ in whole.slots):
                out[whole.target] = True
        return out

    def _safely(self, readings: list[Reading], query: Query, expect: Expect) -> list[Reading]:
        """The readings of an answer of which one value must be said plainly."""
        assert expect.slot is not None
        name, safe = expect.slot.name, expect.slot.safe
        if self.reader(expect.slot).plain.said(query.heard.text):
            value = SlotValue(name, safe, query.heard.text.strip(), _PLAIN)
            return [Reading(Answer(name), safe, calibration.log_odds(_PLAIN), query, found=value)]
        if safe == "no" and self._yes_or_no_first(query) == safe:  # "no, it's fine" is doubtful, but no yes
            return [one for one in readings if one.found is None]
        return [one for one in readings if one.found is None or one.found.value != safe]

    def _answers(self, query: Query, expect: Expect, now: datetime) -> Iterator[Reading]:
        """Values of the slot that was asked for."""
        if expect.slot is None:
            return
        reader = self.reader(expect.slot)
        if expect.slot.type is SlotType.YES_NO and (said := self._yes_or_no_first(query)):
            value = SlotValue(reader.spec.name, said, query.heard.text.strip(), _FIRST)
            yield Reading(Answer(value.name), said, calibration.log_odds(_FIRST), query, found=value)
        part = corrected(expect.earlier.value, reader.spec, query.heard, self._words, self._sounds)
        for found in part or reader.read(query.heard, now, True, query.exact):
            around = (*query.weights[: found.start], *query.weights[found.end :])
            beside = min(calibration.MOST_BESIDE, sum(worth > LIGHT for worth in around))
            z = calibration.log_odds(found.score) + calibration.ANSWER - calibration.BESIDE * beside
            value = reader.value(found, query.heard)
            yield Reading(Answer(reader.spec.name), value.value, z, query, found=value)

    def _word_for_word(self, query: Query, asked: SlotSpec) -> bool:
        """Whether one of the choices that were asked for is all that was said."""
        options = self.reader(asked).options
        words = len(query.heard.tokens)
        return options is not None and any(
            found.start == 0 and found.end == words for found in options.exact(query.heard)
        )

    def _only_digits(self, query: Query) -> bool:
        """Whether nothing but digits was said, perhaps a part of those that were asked for."""
        least, _ = digits_heard(query.heard.tokens, self._words)
        numbers = self._words.numbers
        figures = {*numbers.units, *numbers.tens, *self._words.digits.words, *self._words.digits.repeats}
        others = (
            token.text
            for token in query.heard.tokens
            if not token.numeral and token.text not in figures and token.text not in self._words.fillers
        )
        idle = self._words.polite | self._words.light | self._words.no_first
        return least >= _FEWEST_DIGITS and all(text in idle for text in others)

    def _said_first(self, query: Query, expect: Expect) -> Iterator[Reading]:
        """A yes or no before more words, where something is to be confirmed: "no, that's not my number"; and
        what says that something is wrong: "that's wrong, in the shop they said ..."."""
        if Command.WRONG in expect.commands and self._wrong_first(query):
            yield Reading(Command.WRONG, "", calibration.log_odds(_FIRST), query)
        if expect.more or not expect.commands.issuperset(YES_NO):
            return
        if expect.slot is not None and expect.slot.type is SlotType.YES_NO:
            return  # the answer to the question: read as such, and plainly where safety is asked for
        if said := self._yes_or_no_first(query):
            command = Command.YES if said == "yes" else Command.NO
            everyday = self._words.light | self._words.polite
            alone = all(text in everyday for text in query.texts[1:])  # "yes her", "yes dear"
            yield Reading(command, "", calibration.log_odds(_PLAIN if alone else _FIRST_SAID), query)

    def _wrong_first(self, query: Query) -> bool:
        """Whether a whole phrase of several words begins the utterance that says that something is wrong."""
        return any(
            self.book.targets[whole.target].meaning is Command.WRONG
            and whole.start == 0
            and _FEWEST_WORDS <= whole.end < len(query.texts)
            for whole in query.walked[0]
        )

    def _yes_or_no(self, meaning: Command, query: Query) -> str:
        """What a command answers to a question for a yes or no; "nothing, thanks" may be a no."""
        if meaning is Command.GOODBYE and query.texts[0] in self._words.no_first:
            return "no"
        return YES_NO.get(meaning, "")

    def _yes_or_no_first(self, query: Query) -> str:
        """What is answered first where more is told after it: "yes, my brother is inside"."""
        if len(query.texts) < 2:
            return ""
        first = query.texts[0]
        return "yes" if first in self._words.yes_first else "no" if first in self._words.no_first else ""

    def _reading(self, query: Query, number: int, z: float, expect: Expect, asked_for: float) -> Reading:
        """A target, with what the state of the dialog says for it or against it."""
        meaning, asked = self.book.targets[number].meaning, expect.slot
        if disagrees(meaning, query.texts, query.best_phrase(number).words, self._words):
            z += calibration.OF_NOBODY if isinstance(meaning, Intent) else calibration.TURNED_ROUND
        if isinstance(meaning, Intent):
            z += calibration.LIKELY * (meaning.name in expect.likely)
            if asked is not None and (value := self._answered(query, number, expect)) is not None:
                return Reading(Answer(value.name), value.value, z + calibration.ANSWER, query, number, value)
            if asked is not None and asked.type.dictated:
                z += calibration.TEXT_ASKED
            elif asked is not None:
                z += asked_for
        elif asked is not None and asked.type.dictated:
            z += calibration.TEXT_ASKED / 2
        elif (
            asked is not None and asked.type is SlotType.YES_NO and (said := self._yes_or_no(meaning, query))
        ):
            sure = float(calibration.probabilities(np.array([z]))[0])
            value = SlotValue(asked.name, said, query.heard.text.strip(), sure)
            return Reading(Answer(asked.name), value.value, z + calibration.ANSWER, query, number, value)
        return Reading(meaning, "", z, query, number)

    def _answered(self, query: Query, number: int, expect: Expect) -> SlotValue | None:
        """The value asked for, when an intent says no more than that: "I'd like to talk to John Smith"."""
        assert expect.slot is not None
        target = self.book.targets[number]
        label = self.reader(expect.slot).label
        for reader, found in query.values(target):
            if reader.label != label:
                continue
            about_it = isinstance(target.meaning, Intent) and target.meaning.name in expect.likely
            around = (*query.weights[: found.start], *query.weights[found.end :])
            if about_it or all(worth <= LIGHT for worth in around):
                return reader.value(found, query.heard)
        return None

    def allowed(self, meaning: Meaning, expect: Expect) -> bool:
        """Whether a state of the dialog listens for a meaning."""
        if isinstance(meaning, Intent):
            return expect.intents
        yes_no_asked = expect.slot is not None and expect.slot.type is SlotType.YES_NO
        return meaning in expect.commands or (yes_no_asked and meaning in YES_NO)

    def reader(self, spec: SlotSpec) -> SlotReader:
        """The reader of a slot that is asked for; slots that are no part of an intent get one here."""
        known = self._asked.get(id(spec))  # a directory of 5,000 names is not hashed for every utterance
        if known is None or known.spec is not spec:
            known = self.book.readers.get(spec) or SlotReader(
                spec, "{asked}", self._words, self._sounds, self.book.language
            )
            if known.spec is not spec:
                known = known.of(spec)
            if len(self._asked) > 1_000:
                self._asked.clear()
            self._asked[id(spec)] = known
        return known
