"""Values as every database takes them: nobody is lost over a broken character or score."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any


def plain(value: object) -> Any:
    """`value` as plain data that every database takes."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return float(value) if math.isfinite(value) else 0.0
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def clean(words: str) -> str:
    """`words` without lone surrogates and NUL, which no database keeps as text."""
    return str(words).encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def moment(iso: str) -> datetime:
    """A time as a call writes it. Raises ValueError without an offset."""
    found = datetime.fromisoformat(iso)
    aware(found)
    return found


def aware(when: datetime) -> None:
    """Raises ValueError for a time without an offset from UTC."""
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no offset from UTC")
