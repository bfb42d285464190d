"""The words of a language that every desk shares: commands, numbers, fillers, dates.

They are data: ``ivr/languages/<code>.words.yaml``, one file a language, checked when it is read. A language
without a file gets its number words from num2words and nothing else, so its desks match their own phrases.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from importlib import resources
from types import MappingProxyType

from num2words import CONVERTER_CLASSES, num2words
from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import DeskError
from ivr.meaning import Command, Mood
from ivr.understanding.word_lists import (
    AddressWords,
    CorrectionWords,
    DateWords,
    DigitWords,
    DurationWords,
    EmailWords,
    JoiningWords,
    LetterWords,
    MoneyWords,
    NameWords,
    NumberWords,
    PlaceWords,
    SentenceWords,
    TimeWords,
)


class Words(BaseModel):
    """Everything understanding knows of one language.

    polite, light   words that say little of what a caller wants (see `weights` in phrases.py)
    greetings       what is said to greet, or to find out whether anybody is there
    asides          what is said before a thing that is said again: "I already told you"
    restating       what is said before a thing that puts right what was said: "I meant"
    reconsidering   what is said between a wish and the one that takes its place: "no wait"
    thanks          what is said to thank
    content         what is said around thanks by those who have what they wanted
    negations       words that turn what is said round: "not"
    outcries        words of the upset that sound like words of danger and are none: "kidding", no "killing"
    somebody        words for a person who is not named, which `nobody` turns round
    nobody          words that say that there is none
    whose           the word that the ending of an owner may stand for as well: "my wife's choking"
    everyday        templates of sentences that no caller needs anybody for, of as many shapes as talk has:
                    what the learned model takes for no want at all
    people          whole names, of as many shapes as people say: what phrases around a name are learned with
    plain           templates of a "yes" and a "no" that leave no doubt
    backchannels    what is said while somebody else speaks, to show that one listens
    unfinished      words after which a caller goes on speaking
    endings         of inflected words, longest first; words that differ in them are the same word
    contractions    word or ``'suffix`` and what it stands for
    said_short      those of them that are said more often than what they stand for, as they are written
    leading         templates of what leads to one of several choices: "it is in the"
    joining         what is said between two wishes
    together        whether words are written together, so that `segment` parts them
    lexicon         words of the trade that stay whole then, beside those of all other lists
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    together: bool = False
    lexicon: frozenset[str] = frozenset()
    commands: dict[Command, tuple[str, ...]] = {}
    fillers: frozenset[str] = frozenset()
    intensifiers: frozenset[str] = frozenset()
    moods: dict[Mood, tuple[str, ...]] = {}
    everyday: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    plain: dict[str, tuple[str, ...]] = {}
    yes_first: frozenset[str] = frozenset()
    no_first: frozenset[str] = frozenset()
    negations: frozenset[str] = frozenset()
    outcries: frozenset[str] = frozenset()
    somebody: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    whose: str = ""
    backchannels: tuple[str, ...] = ()
    greetings: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    restating: tuple[str, ...] = ()
    reconsidering: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    polite: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    contractions: dict[str, str] = {}
    said_short: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    symbols: dict[str, str] = {}
    currencies: dict[str, tuple[str, str, str, str]] = {}
    numbers: NumberWords = NumberWords()
    digits: DigitWords = DigitWords()
    corrections: CorrectionWords = CorrectionWords()
    names: NameWords = NameWords()
    dates: DateWords = DateWords()
    times: TimeWords = TimeWords()
    letters: LetterWords = LetterWords()
    money: MoneyWords = MoneyWords()
    durations: DurationWords = DurationWords()
    emails: EmailWords = EmailWords()
    addresses: AddressWords = AddressWords()
    places: PlaceWords = PlaceWords()
    sentences: SentenceWords = SentenceWords()
    joining: JoiningWords = JoiningWords()

    @functools.cached_property
    def whole(self) -> frozenset[str]:
        """Where words are written together: all words of this language's lists."""
        if not self.together:
            return frozenset()
        parts = (
            self.numbers,
            self.digits,
            self.dates,
            self.times,
            self.durations,
            self.corrections,
            self.names,
        )
        return frozenset(word for part in (self, *parts) for word in _listed(part))

    @functools.cached_property
    def shorts(self) -> dict[str, tuple[str, ...]]:
        """What is said as one word, and the two words that it stands for."""
        suffixes = {suffix: whole for suffix, whole in self.contractions.items() if suffix.startswith("'")}
        shorts = {}
        for short in self.said_short:
            first, *others = self._written_out(short.lower(), suffixes)
            shorts[short] = (first.capitalize() if short[0].isupper() else first, *others)
        return shorts

    def _written_out(self, short: str, suffixes: dict[str, str]) -> tuple[str, ...]:
        if (whole := self.contractions.get(short)) is not None:
            return tuple(whole.split())
        if short.endswith("n't"):
            return (short[:-3], *self.contractions["n't"].split())
        word, _, suffix = short.partition("'")
        return (word, *suffixes[f"'{suffix}"].split())

    @functools.cached_property
    def longest(self) -> int:
        """Characters of the longest of `whole`."""
        return max(map(len, self.whole), default=1)

    @functools.cached_property
    def of_dates(self) -> frozenset[str]:
        """The words one of which stands in every date."""
        dates, numbers = self.dates, self.numbers
        names = (word for group in (*dates.weekdays, *dates.months) for word in group)
        firsts = (phrase.split()[-1] for phrase in dates.relative)
        days = (phrase.split()[-1] for phrase in (*dates.days, *dates.feasts))
        marks = (*dates.day_marks, *dates.this_week, *dates.next_week)
        return frozenset(
            (
                *names,
                *firsts,
                *days,
                *dates.units,
                *dates.month_units,
                *dates.weekend,
                *self.durations.years,
                *numbers.ordinals,
                *marks,
            )
        )

    @functools.cached_property
    def of_times(self) -> frozenset[str]:
        """The words one of which stands in every time of day."""
        times, numbers = self.times, self.numbers
        numbered = (*numbers.units, *numbers.tens, *numbers.counting)
        tens = numbers.scales if numbers.positional else ()
        return frozenset((*times.noon, *times.midnight, *numbered, *tens))

    def __hash__(self) -> int:  # so that results for a language can be cached
        return hash(self.language)


def _listed(part: BaseModel) -> Iterator[str]:
    """The words of all lists, sets and keys of a part; phrases with spaces are no words."""
    for name, value in part:
        if name in {"commands", "plain", "contractions", "said_short", "leading", "symbols", "letters"}:
            continue
        groups = value if isinstance(value, tuple | frozenset | dict) else ()
        for group in groups:
            for word in (group,) if isinstance(group, str) else group if isinstance(group, tuple) else ():
                if " " not in word:
                    yield word


_RENAMED = MappingProxyType({"not": "not_", "from": "from_", "in": "in_", "or": "or_"})


def words_version(language: str) -> str:
    """Changes whenever the words of a language do; the same in every process."""
    code = _code(language)
    source = resources.files("ivr").joinpath("languages", f"{code}.words.yaml")
    written = source.read_bytes() if code.isalpha() and source.is_file() else b""
    return hashlib.sha256(code.encode() + b" " + written).hexdigest()[:16]


def load_words(language: str) -> Words:
    """The words of a BCP 47 tag ("en-US"); only the primary subtag counts.

    Raises DeskError, naming the file and key, when a language file is damaged.
    """
    return _load(_code(language))


def _code(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


@functools.cache
def _load(code: str) -> Words:
    """The words of a primary subtag: "en" and "en-US" are one file, which takes half a second to read."""
    place = f"ivr/languages/{code}.words.yaml"
    source = resources.files("ivr").joinpath("languages", f"{code}.words.yaml")
    if not code.isalpha() or not source.is_file():
        return _generated(code)
    try:
        data = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
        for part in ("corrections", "dates", "durations"):
            if part in data:
                data[part] = {_RENAMED.get(key, key): value for key, value in data[part].items()}
        return Words.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DeskError(f"{key}: {first['msg']}", place=place, remedy="Correct the language file") from None
    except (YAMLError, TypeError, AttributeError) as error:
        raise DeskError(
            f"is not the YAML of a language ({error})", place=place, remedy="Correct it"
        ) from None


def commands(language: str) -> tuple[tuple[Command, tuple[str, ...]], ...]:
    """The sentence templates of every command in a language, for `Vocabulary.commands`; () if it has none.

    What says that something is wrong says no, too.
    """
    known = load_words(language).commands
    wrong = known.get(Command.WRONG, ())
    return tuple(
        (command, (*texts, *wrong) if command is Command.NO else texts) for command, texts in known.items()
    )


def _generated(code: str) -> Words:
    """Number words 0 to 99 of a language that has no file, as far as num2words knows it."""
    if code not in CONVERTER_CLASSES:
        return Words(language=code)
    spelled = {str(num2words(value, lang=code)).lower(): value for value in range(100)}
    units = {word: value for word, value in spelled.items() if value < 20 and " " not in word}
    tens = {
        word: value for word, value in spelled.items() if value >= 20 and value % 10 == 0 and " " not in word
    }
    return Words(language=code, numbers=NumberWords(units=units, tens=tens))
