"""What `ivr check` reports."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ivr.dialog.source import Place


class Severity(enum.StrEnum):
    """How bad it is."""

    ERROR = "error"
    """Callers would meet a fault: the desk must not take calls."""
    WARNING = "warning"
    """Callers may be misunderstood, or something is of no use."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``file:line: severity: key: text. remedy``."""

    severity: Severity
    place: Place
    key: str
    text: str
    remedy: str

    @property
    def file(self) -> str:
        """How the file is called from where the desk was looked for."""
        return self.place.file

    @property
    def line(self) -> int:
        """Counted from 1."""
        return self.place.line

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.key}: {self.text}. {self.remedy}"


def error(place: Place, key: str, text: str, remedy: str) -> Finding:
    """A fault."""
    return Finding(Severity.ERROR, place, key, text, remedy)


def warning(place: Place, key: str, text: str, remedy: str) -> Finding:
    """Something to look at."""
    return Finding(Severity.WARNING, place, key, text, remedy)
