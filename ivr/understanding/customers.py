"""The customer file against which callers are identified."""

from __future__ import annotations

import csv
import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ivr.errors import DeskError
from ivr.understanding.birthday_channel import Birthdays
from ivr.understanding.facts import Facts
from ivr.understanding.name_channel import Names, full_name
from ivr.understanding.phonemes import Sounds
from ivr.understanding.postcode_channel import Postcodes
from ivr.understanding.spelling import alphabet
from ivr.understanding.words import load_words


class Item(enum.StrEnum):
    """A fact that tells who a caller is."""

    POSTCODE = "postcode"
    NAME = "name"
    BIRTHDAY = "dob"


@dataclass(frozen=True, slots=True)
class Customer:
    """One record; "" for a fact that is not known. `birthday` is an ISO 8601 day."""

    key: str
    postcode: str
    name: str
    birthday: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of the file holds what; "" for a fact that the file lacks."""

    key: str = "scenario_id"
    postcode: str = "postcode"
    name: str = "name"
    birthday: str = "dob"


def read_customers(path: Path, columns: Columns = Columns()) -> tuple[Customer, ...]:
    """Read a CSV file with a heading, in UTF-8. Raises DeskError, with the line."""
    out: list[Customer] = []
    seen: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            _check_heading(path, rows.fieldnames, columns)
            for row in rows:
                customer = _customer(row, columns, f"{path.name}:{rows.line_num}")
                if customer.key in seen:
                    what = f"the key {customer.key!r} occurs twice"
                    raise DeskError(
                        what, place=f"{path.name}:{rows.line_num}", remedy="Give each customer one row"
                    )
                seen.add(customer.key)
                out.append(customer)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DeskError(
            f"cannot be read: {error}", place=path.name, remedy="Save it as CSV in UTF-8"
        ) from None
    if not out:
        raise DeskError("has no customers", place=path.name, remedy="Add a row for each customer")
    return tuple(out)


def _check_heading(path: Path, heading: Iterable[str] | None, columns: Columns) -> None:
    found = set(heading or ())
    for name in (columns.key, columns.postcode, columns.name, columns.birthday):
        if name and name not in found:
            listed = ", ".join(sorted(found)) or "nothing"
            raise DeskError(
                f"has no column {name!r} (the heading holds {listed})",
                place=f"{path.name}:1",
                remedy="Name the columns of the file",
            )


def _customer(row: Mapping[str, str | None], columns: Columns, place: str) -> Customer:
    def value(column: str) -> str:
        return (row.get(column) or "").strip() if column else ""

    if not value(columns.key):
        raise DeskError(f"no {columns.key}", place=place, remedy="Give each customer a key")
    birthday = value(columns.birthday)
    if birthday:
        try:
            birthday = date.fromisoformat(birthday).isoformat()
        except ValueError:
            raise DeskError(
                f"{columns.birthday} {birthday!r} is no day", place=place, remedy="Write days as 1990-12-31"
            ) from None
    return Customer(value(columns.key), value(columns.postcode), value(columns.name), birthday)


@dataclass(frozen=True)
class CustomerFile:
    """Customers laid out for identification: made once, shared by all calls.

    facts     what can be asked for, in the order in which it is asked; facts that no customer has are missing
    value_of  for each fact the place of each customer's value in `facts[item].values`, -1 where it is not
              known; shape (customers,)
    """

    keys: tuple[str, ...]
    facts: Mapping[Item, Facts]
    value_of: Mapping[Item, NDArray[np.intp]]
    place_of: Mapping[str, int] = field(repr=False)


def lay_out(customers: Iterable[Customer], today: date, language: str = "en-GB") -> CustomerFile:
    """Lay out a customer file; 10,000 customers take about a second.

    today     no customer is born later
    language  of the callers, BCP 47; "en-US" says the month first
    """
    words, sounds = load_words(language), Sounds(language)
    letters = alphabet(words, sounds)
    customers = tuple(customers)
    texts = {
        Item.POSTCODE: ["".join(c.postcode.lower().split()) for c in customers],
        Item.NAME: [full_name(c.name, words) for c in customers],
        Item.BIRTHDAY: [c.birthday for c in customers],
    }
    facts: dict[Item, Facts] = {}
    value_of: dict[Item, NDArray[np.intp]] = {}
    for item, some in texts.items():
        counts = Counter(text for text in some if text)
        if not counts:
            continue
        match item:
            case Item.POSTCODE:
                facts[item] = Postcodes(tuple(counts), words, letters)
            case Item.NAME:
                facts[item] = Names(tuple(counts), tuple(counts.values()), words, sounds, letters)
            case Item.BIRTHDAY:
                first = min(date.fromisoformat(day) for day in counts)
                last = max(today, *(date.fromisoformat(day) for day in counts))
                facts[item] = Birthdays(first, last, words, sounds, letters, language)
        places = {value: place for place, value in enumerate(facts[item].values)}
        value_of[item] = np.array([places.get(text, -1) for text in some], dtype=np.intp)
    keys = tuple(customer.key for customer in customers)
    return CustomerFile(
        keys,
        MappingProxyType(facts),
        MappingProxyType(value_of),
        MappingProxyType({key: place for place, key in enumerate(keys)}),
    )
