"""Data files beside a desk: CSV tables and labelled sentences. Every fault has its line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from ivr.dialog.source import Place, Problem, read_text
from ivr.errors import DeskError
from ivr.meaning import Choice

MAX_DATA_BYTES = 10_000_000
WAYS = "say"
"""The column with further ways to say a row's key, separated by ``|``."""

_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV table; `rows` by the value of the key column, in the order of the file."""

    name: str
    key: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]] = field(repr=False)
    place: Place

    def cell(self, row: str, column: str) -> str:
        """One value, "" where the row or the column does not exist."""
        return self.rows.get(row, {}).get(column, "")

    def choices(self) -> tuple[Choice, ...]:
        """The rows as what callers may name."""
        return tuple(Choice(key, (key, *_ways(row.get(WAYS, "")))) for key, row in self.rows.items())


Examples: TypeAlias = tuple[tuple[str, Place], ...]
"""Sentences with the line of each."""


def _ways(text: str) -> tuple[str, ...]:
    return tuple(way for part in text.split("|") if (way := part.strip()))


def _text(path: Path, shown: str, problems: list[Problem]) -> str | None:
    try:
        return read_text(path, shown, MAX_DATA_BYTES)
    except DeskError as error:
        file, _, line = error.place.rpartition(":")
        place = Place(file, int(line)) if line.isdigit() and file else Place(error.place, 1)
        problems.append(Problem(place, "", error.what, error.remedy))
        return None


def read_table(path: Path, file: str, name: str, key: str, problems: list[Problem]) -> Table | None:
    """Read a CSV table that messages call `file`; faults go to `problems`, None when it is of no use."""
    text = _text(path, file, problems)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[str, Mapping[str, str]] = {}
    seen: dict[str, int] = {}
    columns: tuple[str, ...] = ()
    try:
        for cells in reader:
            place = Place(file, reader.line_num)
            if not any(cell.strip() for cell in cells):
                continue
            cells = [" ".join(cell.split()) for cell in cells]
            if not columns:
                columns = tuple(cells)
                problems.extend(_header(columns, key, place))
                if key not in columns:
                    return None
                continue
            if len(cells) != len(columns):
                what = f"{len(cells)} values where the first line names {len(columns)} columns"
                problems.append(Problem(place, name, what, "Put values with commas into double quotes"))
                continue
            row = dict(zip(columns, cells, strict=True))
            value = row[key]
            if not value:
                problems.append(Problem(place, f"{name}.{key}", "empty", "Give every row its key"))
            elif value in seen:
                what = f"{value!r} is also on line {seen[value]}"
                problems.append(Problem(place, f"{name}.{key}", what, "The key names one row only"))
            else:
                seen[value] = place.line
                rows[value] = MappingProxyType(row)
    except csv.Error as error:
        problems.append(
            Problem(Place(file, max(reader.line_num, 1)), name, f"not CSV: {error}", "Correct the line")
        )
        return None
    if not rows:
        problems.append(Problem(Place(file, 1), name, "no rows", "Add a line for every row below the names"))
    return Table(name, key, columns, MappingProxyType(rows), Place(file, 1))


def _header(columns: tuple[str, ...], key: str, place: Place) -> list[Problem]:
    problems = []
    for column in columns:
        if not _COLUMN.fullmatch(column):
            what = f"{column!r} is not a column name"
            problems.append(Problem(place, "", what, "Use small letters, digits and _"))
    if len(set(columns)) < len(columns):
        problems.append(Problem(place, "", "a column is named twice", "Name every column once"))
    if key not in columns:
        what = f"no column {key!r}, which the desk names as the key"
        problems.append(Problem(place, "", what, f"Columns here: {', '.join(columns)}"))
    return problems


class ExampleFiles:
    """Files of labelled sentences, each read once however many intents name it; faults go to `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._read: dict[Path, _Labelled | None] = {}

    def of(self, path: Path, file: str, intent: str) -> Examples:
        """The sentences of a ``.jsonl`` file that are labelled with `intent` or have no label at all."""
        if path not in self._read:
            before = len(self._problems)
            found = _read_labelled(path, file, self._problems)
            self._read[path] = found if len(self._problems) == before else None
        labelled = self._read[path]
        if labelled is None:
            return ()
        examples = (*labelled.get(intent, ()), *labelled.get(_UNLABELLED, ()))
        if not examples:
            what = f"no sentence is labelled {intent!r}"
            self._problems.append(Problem(Place(file, 1), "", what, "Correct the labels or the file's name"))
        return tuple(sorted(examples, key=lambda example: example[1].line))


_UNLABELLED = "\0"
"""Stands for no label: no intent has such a name."""
_Labelled: TypeAlias = dict[str, list[tuple[str, Place]]]


def _read_labelled(path: Path, file: str, problems: list[Problem]) -> _Labelled:
    """The sentences by label."""
    labelled: _Labelled = {}
    for number, line in enumerate((_text(path, file, problems) or "").split("\n"), start=1):
        if not line.strip():
            continue
        place = Place(file, number)
        try:
            case = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "too large or too deep"
            problems.append(Problem(place, "", f"not JSON: {reason}", "One object a line"))
            continue
        sentence = case.get("text") if isinstance(case, dict) else None
        label = case.get("intent", _UNLABELLED) if isinstance(case, dict) else None
        if not isinstance(sentence, str) or not sentence.strip():
            problems.append(Problem(place, "text", "missing or not text", 'Write {"text": "..."}'))
        elif label is not None and not isinstance(label, str):
            problems.append(Problem(place, "intent", "not text", "Name the intent, or null"))
        elif label is not None:
            labelled.setdefault(label, []).append((sentence.strip(), place))
    return labelled
