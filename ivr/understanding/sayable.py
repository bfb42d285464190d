"""What may be said in a state, written out for recognizers that want a list of phrases."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterable, Iterator

from ivr.meaning import Command, Intent, SlotType, Vocabulary
from ivr.understanding.grammar import Sentence
from ivr.understanding.phrases import PhraseBook
from ivr.understanding.slots import SlotReader
from ivr.understanding.words import Words


class Sayable:
    """The phrases of a desk by meaning, ready to be listed."""

    def __init__(self, book: PhraseBook, vocabulary: Vocabulary) -> None:
        self._book = book
        self._readers = {reader.label: reader for reader in book.readers.values()}
        self._examples = {text for intent in vocabulary.intents for text in intent.examples}

    def phrases(
        self, asked: SlotReader | None, allowed: Callable[[Intent | Command], bool], limit: int
    ) -> tuple[str, ...]:
        """At most `limit` different phrases: answers first, then each meaning's in turn, short ones first."""
        lists: list[Iterator[str]] = (
            [iter(spoken_values(asked, self._book.words))] if asked is not None else []
        )
        lists.extend(
            self._of(number) for number, target in enumerate(self._book.targets) if allowed(target.meaning)
        )
        found: dict[str, None] = {}
        while lists and len(found) < limit:
            for source in list(lists):
                phrase = next(source, None)
                if phrase is None:
                    lists.remove(source)
                elif len(found) < limit:
                    found.setdefault(phrase)
        return tuple(found)

    def _of(self, target: int) -> Iterator[str]:
        start = int(self._book.starts[target])
        phrases = itertools.takewhile(lambda p: p.target == target, self._book.phrases[start:])
        ordered = sorted((p for p in phrases if p.words != ("",)), key=lambda p: len(p.words))
        values: dict[str, Iterator[str]] = {}
        for phrase in ordered:
            yield from self._filled(phrase.words, values)
        for label in dict.fromkeys(
            word for phrase in ordered for word in phrase.words if word in self._readers
        ):
            yield from spoken_values(self._readers[label], self._book.words)

    def _filled(self, words: Sentence, values: dict[str, Iterator[str]]) -> Iterator[str]:
        """The phrase with a value for each slot, another one each time, or in pieces around open slots."""
        out: list[str] = []
        for word in words:
            if word not in self._readers:
                out.append(word)
                continue
            if word not in values:
                values[word] = itertools.cycle(spoken_values(self._readers[word], self._book.words) or ("",))
            value = next(values[word])
            if self._readers[word].spec.choices and value:
                out.append(value)
            else:  # any digits, day or words: what stands before and after is said in one breath
                if out:
                    yield " ".join(out)
                out = []
        if out:
            yield " ".join(out)


def spoken_values(reader: SlotReader, words: Words) -> tuple[str, ...]:
    """Ways to say the values of a slot, or the words they are made of; () when any words are a value."""
    numbers = words.numbers
    digits = [word for word, value in numbers.units.items() if value < 10]
    dates, times = words.dates, words.times
    some: Iterable[str]
    match reader.spec.type:
        case SlotType.NAME | SlotType.CHOICE:
            some = (" ".join(way) for ways in reader.ways.values() for way in ways)
        case SlotType.DIGITS:
            some = (*digits, *words.digits.words, *words.digits.repeats, *numbers.units, *numbers.tens)
        case SlotType.NUMBER:
            some = (*numbers.units, *numbers.tens, *numbers.scales, numbers.joiner, numbers.point)
        case SlotType.DATE:
            names = (name for group in (*dates.weekdays, *dates.months) for name in group[:1])
            some = (
                *dates.relative,
                *names,
                *numbers.ordinals,
                *numbers.units,
                *numbers.tens,
                *dates.next,
                *dates.of,
            )
        case SlotType.TIME:
            phrases = (
                times.noon,
                times.midnight,
                times.half,
                times.quarter_past,
                times.quarter_to,
                times.am,
                times.pm,
            )
            some = (
                *numbers.units,
                *numbers.tens,
                *itertools.chain(*phrases),
                *times.past,
                *times.to,
                *times.oclock,
            )
        case SlotType.MONEY:
            names = (name for group in words.currencies.values() for name in group)
            some = (*numbers.units, *numbers.tens, *numbers.scales, numbers.joiner, numbers.half, *names)
        case SlotType.DURATION:
            spans = words.durations
            kinds = (
                spans.seconds,
                spans.minutes,
                spans.hours,
                spans.days,
                spans.weeks,
                spans.months,
                spans.years,
            )
            some = (
                *numbers.units,
                *numbers.tens,
                *spans.one,
                numbers.half,
                *itertools.chain(*kinds),
                *spans.to,
            )
        case SlotType.SPELLED | SlotType.POSTCODE:
            some = (*string.ascii_lowercase, *digits, *words.letters.alphabet, *words.digits.repeats)
        case _:
            some = ()
    return tuple(dict.fromkeys(word for word in some if word))
