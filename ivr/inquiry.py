"""What a desk asks of other systems, and what they answer: the types that dialog and lookups share.

A text here is plain, with the names of values in braces: ``{order}``, ``{person.extension}``. The dialog has
checked that every name exists; a lookup gets the values and puts them in, each in the way of its system.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from ivr.events import LookedUp, LookUp
from ivr.meaning import SlotType

CALLER, CALL, TODAY = "caller", "call", "today"
"""Values every lookup may use: the caller's number, the call's id, the day as an ISO date."""

MOST_ROWS = 20
"""Rows of an answer that are kept."""
MOST_CHARACTERS = 500
"""Of one value; what is longer is cut off."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_NAME = re.compile(r"\{([a-z][A-Za-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\}")


def names_in(text: str) -> tuple[str, ...]:
    """The values that a text needs."""
    return tuple(match[1] for match in _NAME.finditer(text))


def filled(text: str, values: Mapping[str, str], write: Callable[[str], str] = str) -> str:
    """The text with its values, each as `write` makes it fit there; a value that is not known is ""."""
    return _NAME.sub(lambda match: write(values.get(match[1], "")), text)


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting from the environment: secrets and addresses stay out of the desk's file."""

    name: str
    otherwise: str | None = None


Setting: TypeAlias = str | Variable
Named: TypeAlias = tuple[tuple[str, str], ...]
"""Names with a text each."""


@dataclass(frozen=True, slots=True)
class Http:
    """A request; `rows` is where the list of rows is in the answer, () for the answer itself."""

    method: str
    base: Setting
    path: str
    headers: tuple[tuple[str, Setting], ...] = ()
    body: Json = None
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sql:
    """One SELECT with bound parameters. `url` as SQLAlchemy writes it, or a SQLite `file`."""

    query: str
    parameters: Named
    url: Setting = ""
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class TableFile:
    """The rows of a CSV file, or of `table` in a SQLite file, whose columns have these values."""

    file: Path
    by: Named
    table: str = ""


@dataclass(frozen=True, slots=True)
class Python:
    """A function that another package offers under this name in the entry points `ivr.lookups`."""

    entry: str
    arguments: Named


@dataclass(frozen=True, slots=True)
class Customers:
    """A customer file: one row is found by asking the caller for facts (see `ivr.dialog.identifying`).

    key       the column that names a customer; the others are columns of facts, "" for one the file lacks
    attempts  how often each fact is asked for, at most
    """

    file: Path
    key: str
    postcode: str = ""
    name: str = ""
    birthday: str = ""
    attempts: int = 3

    @property
    def columns(self) -> tuple[str, ...]:
        """All that the file must have."""
        return tuple(filter(None, (self.key, self.postcode, self.name, self.birthday)))


Source: TypeAlias = Http | Sql | TableFile | Python | Customers


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that is taken from the answer, found at `path`, and how it is said aloud."""

    name: str
    type: SlotType
    path: tuple[str, ...]
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A lookup of a desk.

    needs    names of the values that it is asked with
    rows     how many rows are kept at most
    timeout  seconds of one attempt; `retries` more are made after a failure that may pass
    cache    seconds for which an answer is good for the same values; 0: it is never kept
    """

    name: str
    source: Source
    keep: tuple[Kept, ...]
    needs: tuple[str, ...]
    rows: int = 1
    timeout: float = 4.0
    retries: int = 1
    cache: float = 0.0

    def kept(self, name: str) -> Kept | None:
        """The value of that name."""
        return next((one for one in self.keep if one.name == name), None)


class Lookups(Protocol):
    """What answers the lookups of a desk: `ivr.lookups.lookups.DeskLookups`."""

    def answer(self, request: LookUp) -> LookedUp:
        """The answer, in any thread; waits for it at most as long as the lookup allows. Never raises."""

    async def ask(self, request: LookUp) -> LookedUp:
        """The same beside an event loop."""

    def close(self) -> None:
        """No more is asked."""
