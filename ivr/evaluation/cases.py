"""Labelled cases: sentences and recordings with what they mean, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ivr.errors import UnknownError
from ivr.evaluation.jsonl import BrokenLine, CaseError, read_lines, text_of
from ivr.meaning import IntentSpec, Vocabulary

_LINE = '{"text": ..., "intent": ...}'


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
    cases = read_lines(path, lambda data, place: _case(data, place, path.parent), _LINE)
    if not cases:
        raise CaseError("holds no cases", place=str(path), remedy=f"Write {_LINE} lines")
    return cases


def read_examples(path: Path, language: str) -> Vocabulary:
    """Labelled sentences as all that may be said: one intent for each label, in the order of the file.

    Sentences labelled null belong to no intent and are left out. Raises CaseError.
    """
    examples: dict[str, dict[str, None]] = {}
    for intent, text in read_lines(path, _example, _LINE):
        if intent is not None:
            examples.setdefault(intent, {})[text] = None
    if not examples:
        raise CaseError("holds no examples", place=str(path), remedy=f"Write {_LINE} lines")
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
                remedy = f"Correct the label, add the intent, or write null for out of scope. Known: {known}"
                raise UnknownError(f"no intent is called {intent!r}", place=case.place, remedy=remedy)
            if not any(self.slots.values()):
                continue  # labelled sentences alone know no slots
            for name in case.slots or {}:
                if name not in self.slots.get(intent, frozenset()):
                    known = ", ".join(sorted(self.slots.get(intent, ()))) or "none"
                    what = f"{intent!r} has no slot {name!r}"
                    raise UnknownError(what, place=case.place, remedy=f"Its slots: {known}")


# --- one line -----------------------------------------------------------------------------------------


def _case(data: dict[str, object], place: str, folder: Path) -> Case:
    text = text_of(data, "text", "Write the sentence in quotes")
    name = text_of(data, "audio", "Give the path of a WAV file, relative to this file")
    if text is None and not name:
        raise BrokenLine("neither `text` nor `audio`", "Give the sentence, or the path of a WAV file")
    transcript = text_of(data, "transcript", "Write the words that are spoken, or null")
    if name and transcript is None:
        transcript = text
    audio = folder / name if name else None
    if audio is not None and not _is_file(audio):
        raise BrokenLine(f"no such recording: {name}", "Paths are relative to the file of cases")
    intent = text_of(data, "intent", "Name the intent, or null for out of scope")
    if "intent" not in data and not (name and "transcript" in data):
        raise BrokenLine("no `intent`", "Name the intent, or null for out of scope")
    slots = _slots(data.get("slots"))
    if slots and intent is None:
        raise BrokenLine("`slots` without an intent", "Name the intent they belong to")
    said = "" if name else text or ""
    return Case(place, said, audio, name or "", "intent" in data, intent, slots, transcript)


def _example(data: dict[str, object], place: str) -> tuple[str | None, str]:
    text = text_of(data, "text", "Write the sentence in quotes")
    if text is None or not text.strip():
        raise BrokenLine("no `text`", "Write the sentence")
    intent = text_of(data, "intent", "Name the intent, or null for out of scope")
    if "intent" not in data or intent == "":
        raise BrokenLine("no `intent`", "Name the intent, or null for out of scope")
    return intent, text


def _slots(data: object) -> Mapping[str, str] | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise BrokenLine("`slots` is no object", 'Write {"name": "value", ...}')
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BrokenLine(f"the slot {name!r} has no text as its value", "Write the value in quotes")
    return MappingProxyType({name: str(value) for name, value in data.items()})


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
