"""Slots from speech: for each kind of fact, a reader that finds its values in an utterance."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime

from ivr.errors import DeskError
from ivr.meaning import SlotSpec, SlotType, SlotValue
from ivr.understanding.addresses import read_address
from ivr.understanding.amounts import read_number
from ivr.understanding.backchannel import says_nothing
from ivr.understanding.dates import read_date
from ivr.understanding.digits import read_digits
from ivr.understanding.durations import read_duration
from ivr.understanding.emails import read_email
from ivr.understanding.grammar import Sentence, Template, TemplateError, parse
from ivr.understanding.money import read_money
from ivr.understanding.names import CHOICES, NAMES, Option, OptionReader, options_of_names, read_free_name
from ivr.understanding.normalize import plain_words
from ivr.understanding.numbers import Found
from ivr.understanding.phonemes import Sounds
from ivr.understanding.places import read_place
from ivr.understanding.plainly import Plainly
from ivr.understanding.spelled import read_postcode, read_spelled
from ivr.understanding.spelling import alphabet
from ivr.understanding.taken_back import without_taken_back
from ivr.understanding.times import read_time, tells_time
from ivr.understanding.utterance import Utterance
from ivr.understanding.words import Words

_WAYS = 64
"""Ways to say one value that are looked for by sound, at most."""

_FEWEST_DIGITS = 3
"""A shorter number inside a sentence is no digit string unless the slot asks for that length."""

_PUT_RIGHT = frozenset(
    {SlotType.DIGITS, SlotType.SPELLED, SlotType.POSTCODE, SlotType.TEXT, SlotType.PLACE, SlotType.YES_NO}
)
"""Kinds whose readers hear corrections themselves, or have none."""

_TELLS = {
    SlotType.NAME: 1.5,
    SlotType.CHOICE: 0.8,
    SlotType.DIGITS: 0.3,
    SlotType.DATE: 0.2,
    SlotType.TIME: 0.2,
    SlotType.NUMBER: 0.1,
    SlotType.MONEY: 0.3,
    SlotType.DURATION: 0.2,
    SlotType.SPELLED: 0.1,
    SlotType.EMAIL: 0.5,
    SlotType.POSTCODE: 0.5,
    SlotType.ADDRESS: 0.4,
    SlotType.YES_NO: 0.0,
    SlotType.TEXT: 0.0,
    SlotType.PLACE: 0.0,
}


class SlotReader:
    """Reads one slot; made once when the desk loads. Times of day and dates depend on `now` alone."""

    def __init__(self, spec: SlotSpec, label: str, words: Words, sounds: Sounds, language: str) -> None:
        self.spec = spec
        self.label = label
        self._words = words
        self._sounds = sounds
        self._language = language
        if spec.type in {SlotType.SPELLED, SlotType.POSTCODE}:
            alphabet(words, sounds)  # made when the desk loads
        self.ways: dict[str, list[tuple[str, ...]]] = {}
        for choice in spec.choices:
            sentences = [sentence for way in choice.say for sentence in self._sentences(way, choice.value)]
            self.ways[choice.value] = list(dict.fromkeys(sentences)) or [plain_words(choice.value, words)]
        plain = (*words.plain.get(spec.safe, ()), *spec.plain) if spec.safe else ()
        self.plain = self._plainly(plain, strict=True)
        self._no_answer = self._plainly(spec.no_answer, strict=False)
        self.options: OptionReader | None = None
        if spec.choices:
            if spec.type is SlotType.NAME:
                options, sure = options_of_names(spec.choices, self.ways, words), NAMES
            else:
                options, sure = (
                    [Option(value, way) for value in self.ways for way in self.ways[value]],
                    CHOICES,
                )
            self.options = OptionReader(options, sounds, words, sure)

    @property
    def tells(self) -> float:
        """How much a value inside a sentence tells of what the caller wants, in the worth of a word."""
        return 0.7 if self.spec.type is SlotType.DIGITS and self.spec.length else _TELLS[self.spec.type]

    def _sentences(self, way: str, value: str) -> tuple[Sentence, ...]:
        return self._parsed(way, repr(value)).sentences(_WAYS)

    def _parsed(self, way: str, of: str) -> Template:
        try:
            return parse(way, lambda text: plain_words(text, self._words))
        except TemplateError as error:
            place = f"{self.spec.name} {of}: {way!r}, {error.place}"
            raise DeskError(error.what, place=place, remedy=error.remedy) from None

    def _plainly(self, templates: tuple[str, ...], *, strict: bool) -> Plainly:
        return Plainly(templates, lambda way: self._parsed(way, "words"), self._words, strict=strict)

    def of(self, spec: SlotSpec) -> SlotReader:
        """The same reader for an equal spec, which is another object."""
        reader = copy.copy(self)
        reader.spec = spec
        return reader

    @property
    def open_ended(self) -> bool:
        """Whether any words can be a value, so that only the words around them show where it is."""
        return self.spec.type is SlotType.TEXT or (self.spec.type is SlotType.NAME and not self.spec.choices)

    def read(self, heard: Utterance, now: datetime, asked: bool, exact: bool = False) -> tuple[Found, ...]:
        """Values in an utterance, best first; `asked` says that the caller answers the question for it.

        exact  whether the words are those of the grammar, so that choices are not looked for by sound
        """
        found = self._read(heard, now, asked, exact)
        return found if self.spec.type in _PUT_RIGHT else without_taken_back(found, heard.texts, self._words)

    def _read(self, heard: Utterance, now: datetime, asked: bool, exact: bool) -> tuple[Found, ...]:
        tokens, words = heard.tokens, self._words
        if exact and self.options is not None:
            return self.options.exact(heard)
        match self.spec.type:
            case SlotType.DIGITS:
                found = read_digits(tokens, words, self.spec.length, asked)
                if asked or self.spec.length:
                    return found
                return tuple(one for one in found if len(one.value) >= _FEWEST_DIGITS)
            case SlotType.NUMBER:
                return read_number(tokens, words, asked)
            case SlotType.DATE if not asked and not any(
                t.numeral or t.text in words.of_dates for t in tokens
            ):
                return ()
            case SlotType.DATE:
                return read_date(tokens, words, now.date(), self._language, asked)
            case SlotType.TIME if not tells_time(tokens, words):
                return ()
            case SlotType.TIME:
                return read_time(tokens, words, asked)
            case SlotType.MONEY:
                return read_money(tokens, words, self._language, asked)
            case SlotType.DURATION:
                return read_duration(tokens, words)
            case SlotType.SPELLED:
                return read_spelled(tokens, words, self._sounds, asked)
            case SlotType.POSTCODE:
                return read_postcode(tokens, words, self._sounds, self._language, asked)
            case SlotType.EMAIL:
                return read_email(heard, asked)
            case SlotType.ADDRESS:
                return read_address(heard, self._language, asked)
            case SlotType.NAME | SlotType.CHOICE if self.options:
                return self.options.read(heard, asked)
            case SlotType.NAME:
                return read_free_name(heard, words, asked)
            case SlotType.TEXT | SlotType.PLACE if asked and self._no_answer.said(heard.text):
                return ()
            case SlotType.PLACE:
                return read_place(heard, self._language, asked)
            case SlotType.TEXT if asked and says_nothing(heard.text, words):
                return ()
            case SlotType.TEXT if asked and any(text not in words.fillers for text in heard.texts):
                return (Found(heard.text.strip(), 0, len(tokens), 0.9),)
            case _:
                return ()

    def value(self, found: Found, heard: Utterance) -> SlotValue:
        """What was found as it leaves understanding."""
        return SlotValue(self.spec.name, found.value, heard.said(found.start, found.end), found.score)


def choose(
    candidates: Iterable[tuple[SlotReader, tuple[Found, ...]]], least: float
) -> list[tuple[SlotReader, Found]]:
    """The best set of values, one a slot at most, no two from the same words (a beam of 32 sets).

    least  values less sure than this are left out
    """
    sets: list[tuple[float, list[tuple[SlotReader, Found]]]] = [(0.0, [])]
    for reader, found in candidates:
        longer = [
            (total + one.score * (one.end - one.start) ** 0.5, [*chosen, (reader, one)])
            for total, chosen in sets
            for one in found[:4]
            if one.score >= least
            and all(one.end <= other.start or other.end <= one.start for _, other in chosen)
        ]
        sets = sorted([*sets, *longer], key=lambda entry: -entry[0])[:32]
    return sets[0][1]
