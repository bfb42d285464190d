"""From readings of an utterance to what it means, ranked, each with the chance that it is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
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
    Vocabulary,
)
from ivr.understanding import calibration
from ivr.understanding.alarms import Alarms, with_alarms
from ivr.understanding.backchannel import is_backchannel
from ivr.understanding.by_state import ByState
from ivr.understanding.complete import judge
from ivr.understanding.courtesy import with_courtesy
from ivr.understanding.gist import gist
from ivr.understanding.grammar import parse
from ivr.understanding.held_grammar import HeldGrammars, rivals
from ivr.understanding.held_trust import Kind, weigh
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_examples import without_examples
from ivr.understanding.mixture import chances, seldom_meant
from ivr.understanding.mixture import kind as kind_of
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds, Speller, likeness
from ivr.understanding.phrases import PhraseBook
from ivr.understanding.query import Query
from ivr.understanding.reading import YES_NO, Meanings, Reading
from ivr.understanding.reasked import Reasked
from ivr.understanding.sayable import Sayable
from ivr.understanding.sentence import Form, form
from ivr.understanding.utterance import utterance
from ivr.understanding.values import open_values
from ivr.understanding.whole import Wholes, with_wholes
from ivr.understanding.wishes import Wishes
from ivr.understanding.words import load_words
from ivr.wordgraph import WordGraph

MOST_MATCHES = 8
LEAST_SCORE = 0.02
_ALARMING = 0.9
"""Chance of an urgent want from which nobody waits for more words."""
_IN_EARNEST = 0.9
"""Chance of an urgent want beside a figure of speech about danger, from which it is meant all the same."""
_ANSWERS = frozenset({Command.YES, Command.FIRST})
_UNDERSTOOD = 0.75
"""Score from which a question is not asked in vain, as desks act on it unless they say otherwise."""


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
        self._words = load_words(vocabulary.language)
        self._sounds = Sounds(vocabulary.language, speller)
        self._written_down = not any(intent.examples for intent in vocabulary.intents)
        if learned is not None:
            vocabulary = without_examples(vocabulary, frozenset(learned.intents))
        self.book = PhraseBook(vocabulary, self._words, self._sounds)
        self._meanings = Meanings(
            self.book, self._words, self._sounds, without=frozenset(without), learned=learned
        )
        self._alarms = Alarms(vocabulary.intents, self.book.parse, self._words, self._sounds)
        self._wholes = Wholes(vocabulary.intents, self.book.parse, self._words)
        self._moods = Alarms(
            (IntentSpec(mood.value, (), alarms=texts) for mood, texts in self._words.moods.items()),
            self.book.parse,
            self._words,
            self._sounds,
        )
        self._sayable = Sayable(self.book, vocabulary)
        self._listed: ByState[tuple[str, ...]] = ByState()
        self._grammars = HeldGrammars(vocabulary, self._words)
        self._rivals = rivals(self._words)

    def match(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> tuple[Match, ...]:
        """Meanings of an utterance in a state of the dialog, best first; () when it fits nothing.

        The scores of all meanings add up to less than 1; the rest is the chance that it is none of them. But
        urgent ones are found beside all others, by words of danger anywhere in the utterance. Where two
        wishes are in it, the meanings are those of the first, and the best has the others as `later`.
        """
        ranked = self._ranked(hypotheses, expect, now)
        free = next((one for one in hypotheses if one.fit is None), None)
        asked = expect.slot
        dictated = asked is not None and (asked.type.dictated or bool(asked.safe))
        if free is None or not expect.intents or dictated or expect.told:
            return ranked  # who tells of danger tells one thing
        unasked = expect if asked is None else replace(expect, slot=None, earlier=Earlier())

        def part(text: str, first: bool) -> tuple[Match, ...]:
            return self._ranked((replace(free, text=text, words=()),), expect if first else unasked, now)

        wishes = Wishes(self._words, part)
        agreeing = Command.YES in expect.commands and not expect.more
        return wishes.of(free.text, ranked, lambda: self._wants_in(free.text, now), agreeing=agreeing)

    def _wants_in(self, text: str, now: datetime) -> list[tuple[int, int]]:
        """The tokens, from and to, of all phrases of wants in a text that are more than a value."""
        query = self._meanings.query(text, now)
        return [
            (query.kept[whole.start], query.kept[whole.end - 1] + 1)
            for whole in query.walked[0]
            if isinstance(self.book.targets[whole.target].meaning, Intent)
            and sum(end - start for _, start, end in whole.slots) < whole.end - whole.start
        ]

    def _ranked(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> tuple[Match, ...]:
        """The meanings of all that was said, as if it were one wish."""
        whole, hypotheses = hypotheses, tuple(gist(one, expect, self._words) for one in hypotheses)
        known: dict[Hypothesis, list[Reading]] = {}

        def read(one: Hypothesis) -> list[Reading]:
            if one not in known:
                known[one] = self._meanings.read(one.text, expect, now, one.fit is not None)
            return known[one]

        weighed = weigh(
            hypotheses,
            self._words,
            self._sounds,
            lambda one: self._kind(one.text, read(one), expect),
            _openly(expect),
        )
        meant = [read(one.hypothesis) for one in weighed]
        exhaustive = self._written_down and any(one.fit is not None for one in hypotheses)
        readings: dict[tuple[Meaning, str], list[tuple[float, Reading]]] = defaultdict(list)
        for chance, reading in chances(
            weighed, meant, exhaustive=exhaustive, seldom=seldom_meant(expect.more)
        ):
            readings[reading.meaning, reading.value].append((chance, reading))
        matches = []
        for some in readings.values():
            score = min(calibration.MOST, sum(chance for chance, _ in some))
            if score >= LEAST_SCORE:
                matches.append(self._match(max(some, key=lambda entry: entry[0])[1], score))
        ranked = tuple(sorted(matches, key=lambda match: -match.score)[:MOST_MATCHES])
        ranked = with_courtesy(ranked, hypotheses, expect, self._words)
        if expect.slot is not None and expect.earlier != Earlier():
            reasked = Reasked(
                self._meanings.reader(expect.slot), self._words, self._sounds, self.book.language
            )
            ranked = reasked.settle(ranked, hypotheses, expect, now)
        free = next((one.text for one in hypotheses if one.fit is None), "")
        ranked = with_wholes(ranked, self._wholes.heard(weighed))
        if whole != hypotheses:  # danger may be told of in what is left out
            weighed = weigh(whole, self._words, self._sounds, lambda one: self.kind(one, expect, now))
            free = next((one.text for one in whole if one.fit is None), "")
        alarms = self._alarms.heard(weighed, free)
        figures = {Intent(name) for name in self._alarms.figurative(free) if name not in alarms}
        ranked = tuple(one for one in ranked if one.meaning not in figures or one.score >= _IN_EARNEST)
        ranked = (*ranked, *self._told_of(alarms, ranked, hypotheses, expect, now))
        ranked = with_alarms(ranked, alarms, expect)
        told = self._told(next((one.text for one in hypotheses if one.fit is None), ""), expect, now)
        return tuple(sorted((*ranked, *told), key=lambda match: -match.score)) if told else ranked

    def _told(self, text: str, expect: Expect, now: datetime) -> tuple[Match, ...]:
        """What is told of the facts that callers tell whatever was asked."""
        out = []
        for spec in expect.told if text else ():
            if expect.slot is None or spec.name != expect.slot.name:
                reader = self._meanings.reader(spec)
                heard = utterance(text, self._words, self._sounds)
                for found in reader.read(heard, now, False)[:1]:
                    out.append(Match(Answer(spec.name), found.score, (reader.value(found, heard),)))
        return tuple(out)

    def _told_of(
        self,
        alarms: Mapping[str, object],
        ranked: tuple[Match, ...],
        hypotheses: tuple[Hypothesis, ...],
        expect: Expect,
        now: datetime,
    ) -> tuple[Match, ...]:
        """Urgent wants as they are understood where nothing is asked, with what is told of them.

        "My baby is not breathing" is no answer to "where are you?", but says who.
        """
        known = {match.meaning for match in ranked}
        missing = {Intent(name) for name in alarms if name != expect.about} - known
        if expect.slot is None or not missing:
            return ()
        unasked = replace(expect, intents=True, slot=None, earlier=Earlier())
        return tuple(one for one in self._ranked(hypotheses, unasked, now) if one.meaning in missing)

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
        query = self._meanings.query(text, now)
        asked = self._meanings.reader(expect.slot) if expect.slot is not None else None
        if any(name != expect.about and share >= _ALARMING for name, share, _ in self._alarms.found(text)):
            return Completeness.COMPLETE  # whoever is in danger is not waited for
        verdict = judge(
            query,
            asked,
            lambda target: self._meanings.allowed(self.book.targets[target].meaning, expect),
            more=expect.more,
        )
        if verdict is Completeness.UNKNOWN and asked is None and self._asks(query, text, expect, now):
            return Completeness.COURTESY
        return verdict

    def _asks(self, query: Query, text: str, expect: Expect, now: datetime) -> bool:
        """Whether a question or request that is no phrase of the desk is understood, with all its values."""
        if form(query.texts, self._words) not in (Form.ASKING, Form.BEGGING):
            return False
        best = next(iter(self._ranked((Hypothesis(text, 1.0),), expect, now)), None)
        if best is None or best.score < _UNDERSTOOD:
            return False
        target = next((target for target in self.book.targets if target.meaning == best.meaning), None)
        if target is None:  # "can you hear me?"
            return False
        return {slot.name for slot in best.slots} >= {reader.spec.name for reader in target.readers.values()}

    def phrases(self, expect: Expect, limit: int) -> tuple[str, ...]:
        """What may be said now, for a recognizer's grammar: at most `limit` phrases in matching form."""
        asked = self._meanings.reader(expect.slot) if expect.slot is not None else None

        def allowed(meaning: Meaning) -> bool:
            return self._meanings.allowed(meaning, expect)

        return self._listed.of(expect, lambda: self._sayable.phrases(asked, allowed, limit), limit)

    def grammar(self, expect: Expect) -> WordGraph | None:
        """What may be said now, for a recognizer that is held to it; None where nothing can be held."""
        return self._grammars.of(expect, lambda meaning: self._meanings.allowed(meaning, expect))

    def kind(self, held: Hypothesis, expect: Expect, now: datetime) -> Kind:
        """What a held reading is in a state of the dialog."""
        return self._kind(held.text, self._meanings.read(held.text, expect, now, True), expect)

    def _kind(self, text: str, meant: list[Reading], expect: Expect) -> Kind:
        alarming = any(True for _ in self._alarms.found(text))
        return kind_of(text, meant, self._rivals, alarming, seldom_meant(expect.more))

    def columns(self, text: str, now: datetime) -> dict[str, NDArray[np.float64]]:
        """The evidence for every target of `book`, by column: what calibration is fitted on."""
        return self._meanings.columns(self._meanings.query(text, now))

    def _match(self, reading: Reading, score: float) -> Match:
        query, number = reading.query, reading.number
        phrase = query.best_phrase(number).source if number >= 0 else ""
        if (found := reading.found) is not None:
            if found.value in YES_NO.values():  # one excludes the other: no value is likelier than its match
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


def _openly(expect: Expect) -> bool:
    """Whether nothing but what the caller wants was asked for."""
    return expect.intents and expect.slot is None and expect.commands.isdisjoint(_ANSWERS)


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
