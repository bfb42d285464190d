"""Sentences with values in braces: ``Order {order_number} is with {person.department}.``"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_REF = re.compile(r"\{([a-z][A-Za-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?\}")
_MARKS = (",", ".", ";", ":", "?", "!", "，", "。", "、", "；", "：", "？", "！")

_ENDS = (".", "?", "!", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class Ref:
    """A value in a text: a slot, or a `column` of the data row the slot's value names."""

    name: str
    column: str = ""

    def __str__(self) -> str:
        return "{" + self.name + (f".{self.column}" if self.column else "") + "}"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence as fixed parts and values."""

    parts: tuple[str | Ref, ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The values it needs."""
        return tuple(part for part in self.parts if isinstance(part, Ref))

    @property
    def fixed(self) -> bool:
        """Whether it is always the same words, so that it can be rendered or recorded before the call."""
        return not self.refs

    def render(self, value: Callable[[Ref], str]) -> str:
        """The sentence with its values."""
        said = last = ""
        for part in self.parts:
            if isinstance(part, Ref):
                said += (last := value(part))
                continue
            if not last and part.startswith(_MARKS):  # "for {person}: call back" without a person
                said = said.rstrip()
                if not said or said.endswith(_ENDS):  # "{place}. What has happened?" without a place
                    part = part.lstrip("".join(_MARKS))
            # "at {time}." with a value that ends in a point: "at nine a.m."
            said += part[1:] if said.endswith(".") and part.startswith(".") else part
            last = part
        return " ".join(said.split())

    def filled(self, values: Mapping[str, Text]) -> Text:
        """The same sentence with some values replaced by texts, which may have values of their own."""
        parts: list[str | Ref] = []
        for part in self.parts:
            if isinstance(part, Ref) and part.name in values:
                parts.extend(values[part.name].parts)
            else:
                parts.append(part)
        return Text(tuple(parts))

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


def parse_text(source: str) -> Text:
    """Read a sentence. Raises ValueError for a brace that is not part of ``{slot}`` or ``{slot.column}``."""
    parts: list[str | Ref] = []
    end = 0
    for match in _REF.finditer(source):
        parts.extend((source[end : match.start()], Ref(match[1], match[2] or "")))
        end = match.end()
    parts.append(source[end:])
    kept = tuple(part for part in parts if part)
    for part in kept:
        if isinstance(part, str) and ("{" in part or "}" in part):
            raise ValueError("has a brace that is not part of {slot} or {slot.column}")
    return Text(kept)
