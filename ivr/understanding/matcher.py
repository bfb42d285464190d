"""From readings of an utterance to what it means, ranked, each with the chance that it is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import (
    Answer,
    Command,
    Completeness,
    Earlier,
    Expect,
    Hypothesis,
    Intent,
    IntentSpec,
    Match,
    Meaning,
    Mood,
    SlotSpec,
    SlotType,
    SlotValue,
    Vocabulary,
)
from ivr.understanding import calibration
from ivr.understanding.alarms import Alarms, with_alarms
from ivr.understanding.backchannel import is_backchannel
from ivr.understanding.complete import judge
from ivr.understanding.corrections import corrected
from ivr.understanding.evidence import PARTS
from ivr.understanding.grammar import parse
from ivr.understanding.greeting import with_greeting
from ivr.understanding.held_grammar import HeldGrammars, rivals
from ivr.understanding.held_trust import Kind, weigh
from ivr.understanding.learned import LearnedModel, places, without_examples
from ivr.understanding.mixture import chances
from ivr.understanding.mixture import kind as kind_of
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds, Speller, likeness
from ivr.understanding.phrases import LIGHT, PhraseBook
from ivr.understanding.query import LEAST_SURE, Query
from ivr.understanding.reasked import Reasked
from ivr.understanding.sayable import Sayable
from ivr.understanding.sentence import Form, form
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance
from ivr.understanding.values import open_values
from ivr.understanding.whole import Wholes, with_wholes
from ivr.understanding.words import load_words
from ivr.wordgraph import WordGraph

MOST_MATCHES = 8
LEAST_SCORE = 0.02
_MOST_TARGETS = 16
_FIRST = 0.9
"""Chance that a question for a yes or no is answered by the first word, where that is one."""
_ALARMING = 0.9
"""Chance of an urgent want from which nobody waits for more words."""
_UNDERSTOOD = 0.75
"""Score from which a question is not asked in vain, as desks act on it unless they say otherwise."""

_YES_NO = {Command.YES: "yes", Command.NO: "no"}


@dataclass(frozen=True, slots=True)
class _Reading:
    """One meaning in one hypothesis, before all are weighed against each other.

    number  of the target; for a value found in an answer, `found` instead
    """

    meaning: Meaning
    value: str
    z: float
    query: Query
    number: int = -1
    found: SlotValue | None = None


class Matcher:
    """What one desk understands. Pure: the same utterance, state and time give the same matches."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        without: Iterable[str] = (),
        speller: Speller | None = None,
        learned: LearnedModel | None = None,
    ) -> None:
        """Compile a desk's vocabulary. Raises DeskError for a template that cannot be read.

        without  names of parts of the evidence to leave out (see `evidence.PARTS`), for measurements
        speller  how words sound, when the language's own is not wanted (to share a loaded G2P)
        learned  a model of the intents that have enough examples (`learned_cache.learned_model`): for these
                 it speaks instead of the likeness to single examples
        """
        left_out = frozenset(without)
        self._words = load_words(vocabulary.language)
        self._sounds = Sounds(vocabulary.language, speller)
        self._learned = learned
        self._written_down = not any(intent.examples for intent in vocabulary.intents)
        if learned is not None:
            vocabulary = without_examples(vocabulary, frozenset(learned.intents))
        self.book = PhraseBook(vocabulary, self._words, self._sounds)
        names = [t.meaning.name if isinstance(t.meaning, Intent) else None for t in self.book.targets]
        self._learned_targets = places(learned.intents if learned else (), names)
        self._evidence = [make(self.book) for name, make in PARTS.items() if name not in left_out]
        self._alarms = Alarms(vocabulary.intents, self.book.parse, self._words, self._sounds)
        self._wholes = Wholes(vocabulary.intents, self.book.parse, self._words)
        self._moods = Alarms(
            (IntentSpec(mood.value, (), alarms=texts) for mood, texts in self._words.moods.items()),
            self.book.parse,
            self._words,
            self._sounds,
        )
        self._asked: dict[int, SlotReader] = {}
        self._sayable = Sayable(self.book, vocabulary)
        self._grammars = HeldGrammars(vocabulary, self._words)
        self._rivals = rivals(self._words)

    def match(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> tuple[Match, ...]:
        """Meanings of an utterance in a state of the dialog, best first; () when it fits nothing.

        The scores of all meanings add up to less than 1; the rest is the chance that it is none of them. But
        urgent ones are found beside all others, by words of danger anywhere in the utterance.
        """
        known: dict[Hypothesis, list[_Reading]] = {}

        def read(one: Hypothesis) -> list[_Reading]:
            if one not in known:
                known[one] = self._read(one.text, expect, now, one.fit is not None)
            return known[one]

        weighed = weigh(hypotheses, self._words, self._sounds, lambda one: self._kind(one.text, read(one)))
        meant = [read(one.hypothesis) for one in weighed]
        exhaustive = self._written_down and any(one.fit is not None for one in hypotheses)
        readings: dict[tuple[Meaning, str], list[tuple[float, _Reading]]] = defaultdict(list)
        for chance, reading in chances(weighed, meant, exhaustive=exhaustive):
            readings[reading.meaning, reading.value].append((chance, reading))
        matches = []
        for some in readings.values():
            score = min(calibration.MOST, sum(chance for chance, _ in some))
            if score >= LEAST_SCORE:
                matches.append(self._match(max(some, key=lambda entry: entry[0])[1], score))
        ranked = tuple(sorted(matches, key=lambda match: -match.score)[:MOST_MATCHES])
        ranked = with_greeting(ranked, hypotheses, expect, self._words)
        if expect.slot is not None and expect.earlier != Earlier():
            reasked = Reasked(self._reader(expect.slot), self._words, self._sounds, self.book.language)
            ranked = reasked.settle(ranked, hypotheses, expect, now)
        free = next((one.text for one in hypotheses if one.fit is None), "")
        ranked = with_wholes(ranked, self._wholes.heard(weighed))
        return with_alarms(ranked, self._alarms.heard(weighed, free), expect)

    def feelings(self, text: str) -> dict[Mood, float]:
        """The moods whose words are in a text, each with the chance that they are."""
        return {Mood(name): share for name, share, _ in self._moods.found(text)}

    def is_backchannel(self, text: str) -> bool:
        """Whether the words only show that somebody listens ("uh-huh", "yeah, okay")."""
        return is_backchannel(text, self._words)

    def believed(
        self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime, least: float = 0.5
    ) -> str:
        """What was said, as far as is known: the best held reading where their trust is `least` or more."""
        weighed = weigh(hypotheses, self._words, self._sounds, lambda one: self.kind(one, expect, now))
        held = [one for one in weighed if one.kind is not None]
        if held and sum(one.weight for one in held) >= least:
            return max(held, key=lambda one: one.weight).hypothesis.text
        return next((one.text for one in hypotheses if one.fit is None), "")

    def completeness(self, text: str, expect: Expect, now: datetime | None = None) -> Completeness:
        """Whether the words heard so far finish something that may be said now."""
        now = now or datetime(2000, 1, 3, 12)
        query = self._query(text, now)
        asked = self._reader(expect.slot) if expect.slot is not None else None
        if any(name != expect.about and share >= _ALARMING for name, share, _ in self._alarms.found(text)):
            return Completeness.COMPLETE  # whoever is in danger is not waited for
        verdict = judge(query, asked, lambda target: self._allowed(self.book.targets[target].meaning, expect))
        if verdict is Completeness.UNKNOWN and asked is None and self._asks(query, text, expect, now):
            return Completeness.COURTESY
        return verdict

    def _asks(self, query: Query, text: str, expect: Expect, now: datetime) -> bool:
        """Whether a question or request that is no phrase of the desk is understood, with all its values."""
        if form(query.texts, self._words) not in (Form.ASKING, Form.BEGGING):
            return False
        best = next(iter(self.match((Hypothesis(text, 1.0),), expect, now)), None)
        if best is None or best.score < _UNDERSTOOD:
            return False
        target = next(target for target in self.book.targets if target.meaning == best.meaning)
        return {slot.name for slot in best.slots} >= {reader.spec.name for reader in target.readers.values()}

    def phrases(self, expect: Expect, limit: int) -> tuple[str, ...]:
        """What may be said now, for a recognizer's grammar: at most `limit` phrases in matching form."""
        asked = self._reader(expect.slot) if expect.slot is not None else None
        return self._sayable.phrases(asked, lambda meaning: self._allowed(meaning, expect), limit)

    def grammar(self, expect: Expect) -> WordGraph | None:
        """What may be said now, for a recognizer that is held to it; None where nothing can be held."""
        return self._grammars.of(expect, lambda meaning: self._allowed(meaning, expect))

    def kind(self, held: Hypothesis, expect: Expect, now: datetime) -> Kind:
        """What a held reading is in a state of the dialog."""
        return self._kind(held.text, self._read(held.text, expect, now, True))

    def _kind(self, text: str, meant: list[_Reading]) -> Kind:
        return kind_of(text, meant, self._rivals, alarming=any(True for _ in self._alarms.found(text)))

    def columns(self, text: str, now: datetime) -> dict[str, NDArray[np.float64]]:
        """The evidence for every target of `book`, by column: what calibration is fitted on."""
        return self._columns(self._query(text, now))

    # --- one hypothesis

    def _query(self, text: str, now: datetime, exact: bool = False) -> Query:
        return Query(self.book, utterance(text, self._words, self._sounds), now, exact)

    def _columns(self, query: Query) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
        out = {}
        for part in self._evidence:
            values = part(query)
            out.update({name: values[:, place] for place, name in enumerate(part.columns)})
        return out

    def _read(self, text: str, expect: Expect, now: datetime, exact: bool) -> list[_Reading]:
        query = self._query(text, now, exact)
        if not query.texts:
            return []
        columns = self._columns(query)
        z = calibration.logits(columns)
        if self._learned is not None:
            learned, numbers = self._learned_targets
            whole = columns.get("whole", np.zeros(len(z)))[numbers]
            said = calibration.WORD_FOR_WORD * (whole >= 1.0)
            z[numbers] = self._learned.log_odds(text, query.texts)[learned] + said
        readings = list(self._answers(query, expect, now))
        sure = [reading.found for reading in readings if reading.found and reading.found.score >= LEAST_SURE]
        long = len(query.heard.text.split())
        asked = 0.0 if expect.slot is None else calibration.SLOT_ASKED if sure else calibration.NOT_ANSWERED
        if expect.slot is not None and expect.slot.type is SlotType.YES_NO and self._yes_or_no_first(query):
            asked += calibration.YES_OR_NO_FIRST
        if expect.slot is not None and expect.slot.choices:
            asked += calibration.ENTIRELY * any(len(found.said.split()) >= long for found in sure)
        most = len(readings) + _MOST_TARGETS
        for number in np.argsort(-z, kind="stable"):
            if self._allowed(self.book.targets[number].meaning, expect):
                readings.append(self._reading(query, int(number), float(z[number]), expect, asked))
            if len(readings) == most:
                break
        return readings

    def _answers(self, query: Query, expect: Expect, now: datetime) -> Iterator[_Reading]:
        """Values of the slot that was asked for."""
        if expect.slot is None:
            return
        reader = self._reader(expect.slot)
        if expect.slot.type is SlotType.YES_NO and (said := self._yes_or_no_first(query)):
            value = SlotValue(reader.spec.name, said, query.heard.text.strip(), _FIRST)
            yield _Reading(Answer(value.name), said, calibration.log_odds(_FIRST), query, found=value)
        part = corrected(expect.earlier.value, reader.spec, query.heard, self._words, self._sounds)
        for found in part or reader.read(query.heard, now, True, query.exact):
            around = (*query.weights[: found.start], *query.weights[found.end :])
            beside = min(calibration.MOST_BESIDE, sum(worth > LIGHT for worth in around))
            z = calibration.log_odds(found.score) + calibration.ANSWER - calibration.BESIDE * beside
            value = reader.value(found, query.heard)
            yield _Reading(Answer(reader.spec.name), value.value, z, query, found=value)

    def _yes_or_no(self, meaning: Command, query: Query) -> str:
        """What a command answers to a question for a yes or no; "nothing, thanks" may be a no."""
        if meaning is Command.GOODBYE and query.texts[0] in self._words.no_first:
            return "no"
        return _YES_NO.get(meaning, "")

    def _yes_or_no_first(self, query: Query) -> str:
        """What is answered first where more is told after it: "yes, my brother is inside"."""
        if len(query.texts) < 2:
            return ""
        first = query.texts[0]
        return "yes" if first in self._words.yes_first else "no" if first in self._words.no_first else ""

    def _reading(self, query: Query, number: int, z: float, expect: Expect, asked_for: float) -> _Reading:
        """A target, with what the state of the dialog says for it or against it."""
        meaning, asked = self.book.targets[number].meaning, expect.slot
        if isinstance(meaning, Intent):
            z += calibration.LIKELY * (meaning.name in expect.likely)
            if asked is not None and (value := self._answered(query, number, expect)) is not None:
                return _Reading(Answer(value.name), value.value, z + calibration.ANSWER, query, number, value)
            if asked is not None and asked.type is SlotType.TEXT:
                z += calibration.TEXT_ASKED
            elif asked is not None:
                z += asked_for
        elif asked is not None and asked.type is SlotType.TEXT:
            z += calibration.TEXT_ASKED / 2
        elif (
            asked is not None and asked.type is SlotType.YES_NO and (said := self._yes_or_no(meaning, query))
        ):
            sure = float(calibration.probabilities(np.array([z]))[0])
            value = SlotValue(asked.name, said, query.heard.text.strip(), sure)
            return _Reading(Answer(asked.name), value.value, z + calibration.ANSWER, query, number, value)
        return _Reading(meaning, "", z, query, number)

    def _answered(self, query: Query, number: int, expect: Expect) -> SlotValue | None:
        """The value asked for, when an intent says no more than that: "I'd like to talk to John Smith"."""
        assert expect.slot is not None
        target = self.book.targets[number]
        label = self._reader(expect.slot).label
        for reader, found in query.values(target):
            if reader.label != label:
                continue
            about_it = isinstance(target.meaning, Intent) and target.meaning.name in expect.likely
            around = (*query.weights[: found.start], *query.weights[found.end :])
            if about_it or all(worth <= LIGHT for worth in around):
                return reader.value(found, query.heard)
        return None

    def _match(self, reading: _Reading, score: float) -> Match:
        query, number = reading.query, reading.number
        phrase = query.best_phrase(number).source if number >= 0 else ""
        if (found := reading.found) is not None:
            if found.value in _YES_NO.values():  # one excludes the other: no value is likelier than its match
                found = replace(found, score=min(found.score, score))
            return Match(reading.meaning, score, (found,), phrase)
        if not isinstance(reading.meaning, Intent):
            return Match(reading.meaning, score, (), phrase)
        chosen = query.values(self.book.targets[number])
        values = [
            reader.value(found, query.heard)
            for reader, best in chosen
            for found in (best, *query.rivals(reader, best))
        ]
        values.extend(open_values(query, number, chosen))
        return Match(reading.meaning, score, tuple(values), phrase)

    def _allowed(self, meaning: Meaning, expect: Expect) -> bool:
        if isinstance(meaning, Intent):
            return expect.intents
        yes_no_asked = expect.slot is not None and expect.slot.type is SlotType.YES_NO
        return meaning in expect.commands or (yes_no_asked and meaning in _YES_NO)

    def _reader(self, spec: SlotSpec) -> SlotReader:
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


def expand(template: str, language: str = "en") -> list[str]:
    """Sentences that a template stands for, in matching form; slots stay as ``{name}``.

    Raises TemplateError.
    """
    words = load_words(language)
    parsed = parse(template, lambda text: plain_words(text, words))
    return [" ".join(sentence) for sentence in parsed.sentences(parsed.count)]


def sound_alike(one: str, other: str, language: str = "en") -> float:
    """How alike two phrases sound, 0 to 1, and 1 when nothing but spelling tells them apart."""
    words, sounds = load_words(language), Sounds(language)
    first, second = (sounds.phrase(plain_words(text, words)) for text in (one, other))
    return likeness(first, second)
