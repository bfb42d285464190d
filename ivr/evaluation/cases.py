"""Labelled cases: sentences and recordings with what they mean, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from ivr.errors import IvrError, UnknownError
from ivr.meaning import IntentSpec, Vocabulary

T = TypeVar("T")

LONGEST_LINE = 1_000_000
"""Bytes of one line; a case is a few hundred."""


class CaseError(IvrError):
    """A file of cases that cannot be used; place is the file and the line."""


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody said, and what it means.

    place       ``file:line``, for messages
    text        the sentence, "" for a recording
    audio       the recording, None for a sentence
    name        the recording as the file names it, "" for a sentence
    judged      whether the case says what was wanted: `intent`, None for nothing that the desk knows
    slots       the value each labelled slot must have; None when the case does not speak of slots
    transcript  the words of the recording, None when they are not known
    """

    place: str
    text: str = ""
    audio: Path | None = None
    name: str = ""
    judged: bool = False
    intent: str | None = None
    slots: Mapping[str, str] | None = None
    transcript: str | None = None

    @property
    def in_scope(self) -> bool:
        """Whether the caller wants something that the desk knows."""
        return self.judged and self.intent is not None


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of a file. Raises CaseError that names the file, the first broken line and how many more are.

    A line has `text` or `audio` (a WAV file, relative to the file of cases), and at least one of `intent`
    (null: out of scope), `transcript` (null: not known). `slots` maps names to values. Other keys are passed
    over, blank lines as well.
    """
    cases = _read(path, lambda data, place: _case(data, place, path.parent))
    if not cases:
        raise CaseError("holds no cases", place=str(path), remedy='Write {"text": ..., "intent": ...} lines')
    return cases


def read_examples(path: Path, language: str) -> Vocabulary:
    """Labelled sentences as all that may be said: one intent for each label, in the order of the file.

    Sentences labelled null belong to no intent and are left out. Raises CaseError.
    """
    examples: dict[str, dict[str, None]] = {}
    for intent, text in _read(path, _example):
        if intent is not None:
            examples.setdefault(intent, {})[text] = None
    if not examples:
        raise CaseError(
            "holds no examples", place=str(path), remedy='Write {"text": ..., "intent": ...} lines'
        )
    return Vocabulary(language, tuple(IntentSpec(name, (), tuple(some)) for name, some in examples.items()))


@dataclass(slots=True)
class Labels:
    """The labels that cases may carry: slots by intent, and the commands of the language."""

    slots: Mapping[str, frozenset[str]]
    commands: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Labels:
        """What a vocabulary knows."""
        slots = {intent.name: frozenset(spec.name for spec in intent.slots) for intent in vocabulary.intents}
        return cls(slots, frozenset(command.value for command, _ in vocabulary.commands))

    def check(self, cases: Iterable[Case]) -> None:
        """Raise UnknownError for the first label that nothing has, naming it and its line."""
        for case in cases:
            intent = case.intent
            if intent is None:
                continue
            if intent not in self.slots and intent not in self.commands:
                known = ", ".join([*self.slots][:20]) + (", ..." if len(self.slots) > 20 else "")
                remedy = f"Correct the label, or add the intent. Known: {known}"
                raise UnknownError(f"no intent is called {intent!r}", place=case.place, remedy=remedy)
            if not any(self.slots.values()):
                continue  # labelled sentences alone know no slots
            for name in case.slots or {}:
                if name not in self.slots.get(intent, frozenset()):
                    known = ", ".join(sorted(self.slots.get(intent, ()))) or "none"
                    what = f"{intent!r} has no slot {name!r}"
                    raise UnknownError(what, place=case.place, remedy=f"Its slots: {known}")


# --- one line -----------------------------------------------------------------------------------------


class _Broken(Exception):  # noqa: N818 - never leaves this file
    """What is wrong with a line, and the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


def _read(path: Path, make: Callable[[dict[str, object], str], T]) -> tuple[T, ...]:
    found: list[T] = []
    broken: list[tuple[str, _Broken]] = []
    for number, line in _lines(path):
        place = f"{path}:{number}"
        try:
            found.append(make(_object(line), place))
        except _Broken as error:
            broken.append((place, error))
    if broken:
        place, first = broken[0]
        more = f" ({len(broken) - 1} more lines are broken)" if len(broken) > 1 else ""
        raise CaseError(first.what + more, place=place, remedy=first.remedy)
    return tuple(found)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    what = f"longer than {LONGEST_LINE // 1000} kB"
                    raise CaseError(what, place=f"{path}:{number}", remedy="One case a line")
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield number, line
    except FileNotFoundError:
        raise CaseError("no such file", place=str(path), remedy="Give the path of a .jsonl file") from None
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise CaseError(what, place=str(path), remedy="Give a .jsonl file that you may read") from None


def _object(line: bytes) -> dict[str, object]:
    try:
        data = json.loads(
            line.decode("utf-8").rstrip("\r\n"), parse_constant=_no_constant, object_pairs_hook=_once
        )
    except UnicodeDecodeError:
        raise _Broken("not UTF-8 text", "Save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise _Broken(
            f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}", "One JSON object a line"
        ) from None
    except (ValueError, RecursionError):
        raise _Broken("not JSON: too large or nested too deeply", "One JSON object a line") from None
    if not isinstance(data, dict):
        raise _Broken("no JSON object", 'Write {"text": ..., "intent": ...}')
    return data


def _no_constant(name: str) -> object:
    raise _Broken(f"{name} is not JSON", "Write a text, a number or null")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys are said once: of two labels neither can be believed."""
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Broken(f"{twice!r} is given twice", "Leave one of them out")
    return data


def _text(data: dict[str, object], key: str, remedy: str) -> str | None:
    """A text or nothing."""
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise _Broken(f"{key!r} is no text", remedy)
    return value


def _case(data: dict[str, object], place: str, folder: Path) -> Case:
    text = _text(data, "text", "Write the sentence in quotes")
    name = _text(data, "audio", "Give the path of a WAV file, relative to this file")
    if text is None and not name:
        raise _Broken("neither `text` nor `audio`", "Give the sentence, or the path of a WAV file")
    transcript = _text(data, "transcript", "Write the words that are spoken, or null")
    if name and transcript is None:
        transcript = text
    audio = folder / name if name else None
    if audio is not None and not _is_file(audio):
        raise _Broken(f"no such recording: {name}", "Paths are relative to the file of cases")
    intent = _text(data, "intent", "Name the intent, or null for out of scope")
    if "intent" not in data and not (name and "transcript" in data):
        raise _Broken("no `intent`", "Name the intent, or null for out of scope")
    slots = _slots(data.get("slots"))
    if slots and intent is None:
        raise _Broken("`slots` without an intent", "Name the intent they belong to")
    said = "" if name else text or ""
    return Case(place, said, audio, name or "", "intent" in data, intent, slots, transcript)


def _example(data: dict[str, object], place: str) -> tuple[str | None, str]:
    text = _text(data, "text", "Write the sentence in quotes")
    if text is None or not text.strip():
        raise _Broken("no `text`", "Write the sentence")
    intent = _text(data, "intent", "Name the intent, or null for out of scope")
    if "intent" not in data or intent == "":
        raise _Broken("no `intent`", "Name the intent, or null for out of scope")
    return intent, text


def _slots(data: object) -> Mapping[str, str] | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise _Broken("`slots` is no object", 'Write {"name": "value", ...}')
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _Broken(f"the slot {name!r} has no text as its value", "Write the value in quotes")
    return MappingProxyType({name: str(value) for name, value in data.items()})


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
