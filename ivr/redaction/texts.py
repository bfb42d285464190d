"""All kinds of numbers at once, and which of them a desk keeps."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from ivr.redaction.cards import without_card_numbers
from ivr.redaction.identities import without_identities
from ivr.redaction.phones import without_phone_numbers


class NumberKind(enum.StrEnum):
    """What a desk may keep in its records. Numbers of payment cards never are."""

    PHONE = "phone"
    ID = "id"


@dataclass(frozen=True, slots=True)
class NumberRules:
    """What the records of a desk hold of numbers, and of names.

    masked  names of slots whose values are masked wherever they are said
    shown   names of slots whose values are not, whatever they look like
    keep    kinds of numbers that are not looked for
    names   names of slots whose values are masked as names of persons, wherever they are said
    """

    masked: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    keep: frozenset[NumberKind] = frozenset()
    names: frozenset[str] = frozenset()


def without_numbers(text: str, keep: Collection[NumberKind] = ()) -> str:
    """The text without card numbers, and without numbers of telephones and persons unless they are kept."""
    text = without_card_numbers(text)
    if NumberKind.ID not in keep:
        text = without_identities(text)
    if NumberKind.PHONE not in keep:
        text = without_phone_numbers(text)
    return text
