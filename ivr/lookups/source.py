"""What every kind of source has in common: how it is asked, what it gives, and how it fails."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol, TypeAlias

from ivr.errors import DeskError
from ivr.inquiry import MOST_CHARACTERS, Kept, Setting, Variable
from ivr.meaning import SlotType, SlotValue

Row: TypeAlias = Mapping[str, object]


class NoAnswerError(Exception):
    """A system gave no answer that can be used; the text is without secrets and without what it was asked.

    passing  whether another attempt may help
    """

    def __init__(self, what: str, *, passing: bool = True) -> None:
        self.passing = passing
        super().__init__(what)


class Source(Protocol):
    """One system, asked in any thread."""

    def rows(self, values: Mapping[str, str], seconds: float) -> Sequence[Row]:
        """What it answers, () for nothing. Raises NoAnswerError."""

    def close(self) -> None:
        """Let go of connections."""


def setting(value: Setting, place: str) -> str:
    """The value of a setting. Raises DeskError where the environment lacks it."""
    if isinstance(value, str):
        return value
    found = os.environ.get(value.name, value.otherwise)
    if found is None:
        raise DeskError(
            f"the environment variable {value.name} is not set",
            place=place,
            remedy="Set it, or give a default",
        )
    return found


def unset(value: Setting) -> str:
    """The variable that is needed and not there, "" when nothing is missing."""
    missing = isinstance(value, Variable) and value.otherwise is None and value.name not in os.environ
    return value.name if missing and isinstance(value, Variable) else ""


def at(value: object, path: Sequence[str]) -> object:
    """What stands at a path in nested mappings and lists, None where there is nothing."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, Sequence) and not isinstance(value, str) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def kept(row: Row, keep: Sequence[Kept]) -> tuple[SlotValue, ...]:
    """The values kept of a row; what it lacks is left out. Raises NoAnswerError when none is there."""
    found: list[SlotValue] = []
    for one in keep:
        value = row.get(one.path[0]) if len(one.path) == 1 else at(row, one.path)
        text = written(value, one.type)
        if text:
            found.append(SlotValue(one.name, text, "", 1.0, one.sensitive))
    if keep and not found:
        raise NoAnswerError("the answer holds none of the values that are kept", passing=False)
    return tuple(found)


def written(value: object, kind: SlotType) -> str:
    """A value of an answer in the form of slots (see `ivr.meaning.SlotValue`), "" for none."""
    match value:
        case None | Mapping() | list() | tuple() | bytes():
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() if kind is SlotType.TIME:
            return value.strftime("%H:%M")
        case datetime():
            return value.date().isoformat() if kind is SlotType.DATE else value.isoformat(timespec="minutes")
        case time():
            return value.strftime("%H:%M")
        case date():
            return value.isoformat()
        case timedelta():
            return f"PT{round(value.total_seconds() / 60)}M"
        case float() | Decimal():
            return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    text = "".join(c if c.isprintable() else " " for c in str(value)[: 4 * MOST_CHARACTERS])
    text = " ".join(text.split())[:MOST_CHARACTERS]
    if kind is SlotType.DATE and len(text) > 10 and text[10] in "T ":
        return text[:10]
    if kind is SlotType.TIME:
        return text[11:16] if len(text) > 10 and text[10] in "T " else text[:5]
    return text
