"""Reading a YAML file so that every value knows its line, and no file can hurt.

YAML 1.2: `no` is a word, dates are text. What a desk never needs is refused: aliases and anchors (a few lines
of them can stand for gigabytes), tags, several documents, the same key twice, deep nesting, large files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from ivr.errors import DeskError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Key: TypeAlias = str | int
_CONSTANTS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: ``file:line: key: what is wrong. remedy``."""

    place: Place
    key: str
    what: str
    remedy: str = ""

    def error(self, problems: tuple[str, ...] = ()) -> DeskError:
        """The fault as an exception that carries the others as well."""
        head = f"{self.place}: {self.key}" if self.key else str(self.place)
        return DeskError(self.what, place=head, remedy=self.remedy, problems=problems)

    def __str__(self) -> str:
        return str(self.error())


@dataclass(slots=True)
class Source:
    """A file that was read: its value, and the line on which each part of it stands."""

    file: str
    data: object
    lines: dict[tuple[Key, ...], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, *path: Key) -> Place:
        """Where the value at `path` stands; parts that the file does not hold are skipped."""
        known: tuple[Key, ...] = ()
        for part in path:
            if (*known, part) in self.lines:
                known = (*known, part)
        return Place(self.file, self.lines.get(known, 1))


def read_text(path: Path, place: str, limit: int = MAX_BYTES) -> str:
    """The text of a UTF-8 file of at most `limit` bytes; messages call it `place`. Else raises DeskError."""
    try:
        if path.is_dir():
            raise DeskError("is a folder, not a file", place=place, remedy="Give the path of a file")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        raise DeskError("no such file", place=place, remedy="Create it or correct its name") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DeskError(
            f"cannot be read ({reason})", place=place, remedy="Mend its rights or its name"
        ) from None
    if len(raw) > limit:
        raise DeskError(
            f"larger than {limit // 1000} kB", place=place, remedy="Move tables and sentences into data files"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DeskError("not UTF-8 text", place=f"{place}:{line}", remedy="Save the file as UTF-8") from None
    if not text.strip():
        raise DeskError("the file is empty", place=place, remedy="Write at least name, greeting and intents")
    return text


def read_yaml(path: Path, shown: str) -> Source:
    """Read a YAML file; `shown` is how messages call it. Raises DeskError when it is not YAML at all.

    Faults that leave the rest readable (a key given twice) are in the result's `problems`.
    """
    text = read_text(path, shown)
    source = Source(shown, None)
    yaml = YAML(typ="safe", pure=True)
    try:
        source.data = _Builder(source).build(yaml.parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise _broken(
            shown, line, " ".join(str(error.problem or error.context or "not YAML").split())
        ) from None
    except YAMLError as error:  # a character that YAML does not allow
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position if isinstance(position, int) else 0) + 1
        raise _broken(shown, line, "holds a character that YAML does not allow") from None
    except RecursionError:
        raise _broken(shown, 1, "nested too deeply") from None
    return source


def _broken(file: str, line: int, what: str) -> DeskError:
    remedy = "Indent with spaces" if "\\t" in what else "Correct the indentation, quotes or brackets there"
    return DeskError(f"not valid YAML: {what}", place=f"{file}:{line}", remedy=remedy)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is not finished; `key` is the mapping's key whose value comes next."""

    value: dict[str, object] | list[object]
    path: tuple[Key, ...]
    key: str | None = None


class _Builder:
    """Values from parser events, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[_Open] = []
        self.root: object = None
        self.documents = 0

    def build(self, events: Iterator[Event]) -> object:
        for event in events:
            self.step(event)
        return self.root

    def step(self, event: Event) -> None:
        line = event.start_mark.line + 1
        match event:
            case StreamStartEvent() | StreamEndEvent() | DocumentEndEvent():
                pass
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self.refuse(line, "a second document begins", "Remove the line ---")
            case AliasEvent():
                raise self.refuse(
                    line, f"the alias *{event.anchor} is not allowed in a desk", "Write the value out"
                )
            case NodeEvent() if event.anchor is not None:
                raise self.refuse(line, f"the anchor &{event.anchor} is not allowed in a desk", "Remove it")
            case NodeEvent() if _tag(event):
                raise self.refuse(line, f"the tag {_tag(event)} is not allowed in a desk", "Remove it")
            case MappingStartEvent():
                self.begin({}, line)
            case SequenceStartEvent():
                self.begin([], line)
            case MappingEndEvent() | SequenceEndEvent():
                self.stack.pop()
            case ScalarEvent():
                self.scalar(event, line)

    def refuse(self, line: int, what: str, remedy: str) -> DeskError:
        return DeskError(what, place=f"{self.source.file}:{line}", remedy=remedy)

    def begin(self, value: dict[str, object] | list[object], line: int) -> None:
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            raise self.refuse(line, "a list or mapping cannot be a key", "Put braces in texts into quotes")
        if len(self.stack) >= MAX_DEPTH:
            raise self.refuse(line, f"nested deeper than {MAX_DEPTH} levels", "A desk needs far fewer")
        path = self.put(value, line)
        self.stack.append(_Open(value, path))

    def scalar(self, event: ScalarEvent, line: int) -> None:
        parent = self.stack[-1] if self.stack else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            parent.key = str(event.value)
            path = (*parent.path, parent.key)
            if parent.key in parent.value:
                what = f"given twice, first on line {self.source.lines[path]}"
                key = ".".join(str(part) for part in path)
                place = Place(self.source.file, line)
                self.source.problems.append(Problem(place, key, what, "Keep one of them"))
            self.source.lines[path] = line
            return
        self.put(_typed(event.value) if event.implicit[0] else event.value, line)

    def put(self, value: object, line: int) -> tuple[Key, ...]:
        if not self.stack:
            self.root = value
            self.source.lines[()] = line
            return ()
        parent = self.stack[-1]
        if isinstance(parent.value, list):
            path: tuple[Key, ...] = (*parent.path, len(parent.value))
            parent.value.append(value)
            self.source.lines[path] = line
            return path
        assert parent.key is not None
        path = (*parent.path, parent.key)
        parent.value[parent.key] = value
        parent.key = None
        return path


def _tag(event: NodeEvent) -> str:
    """The tag written in the file, "" for none."""
    return str(getattr(event, "ctag", None) or getattr(event, "tag", None) or "")


def _typed(text: str) -> str | int | float | bool | None:
    """A plain scalar by the YAML 1.2 core schema, except that only decimal numbers are numbers."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text.isascii() and "_" not in text and text.lstrip("-+.")[:1].isdigit():
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                continue
    return text
