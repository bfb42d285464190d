"""The words of a language: default prompts, the default `message` intent, how values are spoken."""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from ivr.dialog.faults import faults
from ivr.dialog.fields import Name, OneOrMany, Sentence, Sentences, Strict
from ivr.dialog.schema import IntentText
from ivr.dialog.schema_guides import GuideWordsText
from ivr.dialog.source import Source, read_yaml
from ivr.dialog.terms import Standard
from ivr.meaning import Choice, SlotSpec, SlotType

FOLDER = Path(__file__).resolve().parent.parent / "languages"
FALLBACK = "en"


class Note(enum.StrEnum):
    """Sentences for the person who takes a call, never for the caller."""

    WANTS = "wants"
    """{intent}"""
    ALSO = "also"
    """{intent}"""
    EMERGENCY = "emergency"
    """{words}"""
    UNKNOWN = "unknown"
    SAID = "said"
    """{words}"""
    ANSWERED = "answered"
    """{intent}"""
    NOT_UNDERSTOOD = "not_understood"
    """{words}"""
    OFFERED = "offered"
    """{first}, {second}"""
    DENIED = "denied"
    """{intent}"""
    ASKED = "asked"
    """{slot}"""
    ASSUMED = "assumed"
    """{slot}, {value}"""
    SILENT = "silent"
    UNIDENTIFIED = "unidentified"
    TRANSFER_FAILED = "transfer_failed"
    """{route}"""
    CLOSED = "closed"
    """{route}"""
    LANGUAGE = "language"
    """{language}, a BCP 47 tag"""
    GUIDED = "guided"
    """{step}, {answer}"""


class SpokenText(Strict):
    """How values are said; what a language leaves out is said as it is written."""

    digits: Annotated[tuple[Sentence, ...], Field(min_length=10, max_length=10)]
    """Names of 0 to 9 in telephone numbers."""
    months: Annotated[tuple[Sentence, ...], Field(min_length=12, max_length=12)]
    weekdays: Annotated[tuple[Sentence, ...], Field(min_length=7, max_length=7)]
    """From Monday."""
    date: Sentence
    """{weekday} {month} {day} (a number in words) {ordinal}"""
    date_with_year: Sentence
    """The same and {year}."""
    time: Sentence
    """{hour} {minute} in words, {half}"""
    time_on_the_hour: Sentence
    time_first_minutes: Sentence
    """For minutes 1 to 9."""
    halves: Annotated[tuple[Sentence, ...], Field(max_length=2)] = ()
    """a.m. and p.m.; empty where hours run to 24."""
    hours: Annotated[tuple[Sentence, ...], Field(max_length=12)] = ()
    """Names of the hours from one to twelve, where they are no common numbers."""
    groups: dict[int, tuple[int, ...]] = Field(default_factory=dict)
    """By how many digits there are, how many are said together; default: in threes."""
    yes: Sentence
    no: Sentence
    letters: dict[str, Sentence] = Field(default_factory=dict)
    """Capitals that a voice would not read as letters, and how to write them."""
    signs: dict[str, Sentence] = Field(default_factory=dict)
    """Names of the signs of e-mail addresses: @ . - _ +"""
    money: dict[str, tuple[Sentence, Sentence, Sentence, Sentence]] = Field(default_factory=dict)
    """By ISO 4217 code: one, several, one hundredth, several hundredths."""
    durations: dict[str, tuple[Sentence, Sentence]] = Field(default_factory=dict)
    """One and several of year, month, week, day, hour, minute, second."""
    range: Sentence = "{first} - {last}"


class TongueText(Strict):
    """A language that callers may ask for."""

    label: Sentence
    """What it is called, for "would you like to speak ...?"."""
    say: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """How it is asked for."""


class LanguageText(Strict):
    """A file ``ivr/languages/<code>.yaml``."""

    language: Sentence
    prompts: dict[Standard, Sentences] = Field(default_factory=dict)
    intents: dict[Name, IntentText] = Field(default_factory=dict)
    """What every desk can do; an intent of the same name in the desk replaces it. One that is `urgent` is
    listened for on every desk, and a desk's own of its name is found by these words of danger too."""
    groups: dict[Name, tuple[Sentence, ...]] = Field(default_factory=dict)
    """Words that ``{name}`` stands for in the phrases of urgent intents of this file."""
    tongues: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], TongueText] = Field(
        default_factory=dict
    )
    """By primary subtag: languages, as those who speak this one ask for them; also this one."""
    notes: dict[Note, Sentence] = Field(default_factory=dict)
    spoken: SpokenText | None = None
    guide: GuideWordsText = GuideWordsText()
    """What callers say while they are led through something."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language as loaded; `text.prompts` is empty where there is no file for it."""

    code: str
    text: LanguageText
    source: Source

    @property
    def groups(self) -> tuple[SlotSpec, ...]:
        """The groups of words of its urgent intents."""
        return tuple(
            SlotSpec(name, SlotType.CHOICE, choices=tuple(Choice(word, (word,)) for word in some))
            for name, some in self.text.groups.items()
        )


@functools.lru_cache(maxsize=32)  # part of the program: it does not change while it runs
def load_language(code: str, folder: Path = FOLDER) -> Language:
    """The words for a BCP 47 tag: ``en-US.yaml``, else ``en.yaml``, else nothing but English notes.

    Raises DeskError when a language file is broken.
    """
    primary = code.split("-")[0].lower()
    for name in (code, primary):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return _read(code, path)
    english = _read(code, folder / f"{FALLBACK}.yaml")
    return Language(code, LanguageText(language=code, notes=english.text.notes), english.source)


def _read(code: str, path: Path) -> Language:
    source = read_yaml(path, f"{path.parent.name}/{path.name}")
    problems = list(source.problems)
    try:
        text = LanguageText.model_validate(source.data)
    except ValidationError as error:
        problems += faults(error, source, LanguageText)
    if problems:
        raise problems[0].error(tuple(str(problem) for problem in problems))
    return Language(code, text, source)
