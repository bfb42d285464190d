"""Files with one JSON object a line, each made into something, with all broken lines counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from ivr.errors import IvrError

T = TypeVar("T")

LONGEST_LINE = 1_000_000
"""Bytes of one line; a case is a few hundred."""


class CaseError(IvrError):
    """A file of cases that cannot be used; place is the file and the line."""


class BrokenLine(Exception):  # noqa: N818 - becomes a CaseError before it leaves this file
    """What is wrong with a line, and the remedy: raised by what makes something of it."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


def read_lines(path: Path, make: Callable[[dict[str, object], str], T], example: str) -> tuple[T, ...]:
    """What `make` makes of each line's object and its place, ``file:line``; `example` shows such an object.

    Raises CaseError that names the first broken line, also one for which `make` raises BrokenLine, and how
    many more are broken.
    """
    found: list[T] = []
    broken: list[tuple[str, BrokenLine]] = []
    for number, line in _lines(path):
        place = f"{path}:{number}"
        try:
            found.append(make(_object(line, example), place))
        except BrokenLine as error:
            broken.append((place, error))
    if broken:
        place, first = broken[0]
        others = "1 more line is broken" if len(broken) == 2 else f"{len(broken) - 1} more lines are broken"
        more = f" ({others})" if len(broken) > 1 else ""
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


def _object(line: bytes, example: str) -> dict[str, object]:
    try:
        data = json.loads(
            line.decode("utf-8").rstrip("\r\n"), parse_constant=_no_constant, object_pairs_hook=_once
        )
    except UnicodeDecodeError:
        raise BrokenLine("not UTF-8 text", "Save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise BrokenLine(
            f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}", "One JSON object a line"
        ) from None
    except (ValueError, RecursionError):
        raise BrokenLine("not JSON: too large or nested too deeply", "One JSON object a line") from None
    if not isinstance(data, dict):
        raise BrokenLine("no JSON object", f"Write {example}")
    return data


def _no_constant(name: str) -> object:
    raise BrokenLine(f"{name} is not JSON", "Write a text, a number or null")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys are said once: of two labels neither can be believed."""
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BrokenLine(f"{twice!r} is given twice", "Leave one of them out")
    return data


def text_of(data: dict[str, object], key: str, remedy: str) -> str | None:
    """A text or nothing."""
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise BrokenLine(f"{key!r} is no text", remedy)
    return value
