"""Answers of other systems that a call file gives, so that a trial needs none of them and harms none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from ivr.errors import UnknownError
from ivr.events import LookedUp, LookUp, LookupResult
from ivr.inquiry import Inquiry, Lookups
from ivr.lookups.source import written
from ivr.meaning import SlotValue

Value: TypeAlias = str | int | float | bool | date | None
Given: TypeAlias = Literal["none", "failed"] | dict[str, Value] | tuple[dict[str, Value], ...]
"""What a lookup answers: nothing, not at all, or with the values it keeps, a row or several."""


class Rehearsed:
    """The desk's lookups, but for those whose answer the call file gives."""

    def __init__(
        self, given: Mapping[str, Given], inquiries: Mapping[str, Inquiry], otherwise: Lookups, place: str
    ) -> None:
        """Raises UnknownError for a lookup or a value that the desk does not have."""
        self._otherwise = otherwise
        self._answers = {name: _answer(name, what, inquiries, place) for name, what in given.items()}

    def answer(self, request: LookUp) -> LookedUp:
        """What is given, or else the real answer."""
        given = self._answers.get(request.lookup)
        return self._otherwise.answer(request) if given is None else given

    async def ask(self, request: LookUp) -> LookedUp:
        """The same beside an event loop."""
        given = self._answers.get(request.lookup)
        return await self._otherwise.ask(request) if given is None else given

    def close(self) -> None:
        """The desk's own stay open."""


def _answer(name: str, given: Given, inquiries: Mapping[str, Inquiry], place: str) -> LookedUp:
    inquiry = inquiries.get(name)
    if inquiry is None:
        known = ", ".join(inquiries) or "none"
        raise UnknownError(f"the desk has no lookup {name!r}", place=place, remedy=f"It has: {known}")
    if given == "none":
        return LookedUp(name, LookupResult.NONE, detail="from the call file")
    if given == "failed":
        return LookedUp(name, LookupResult.FAILED, detail="from the call file")
    rows = (given,) if isinstance(given, dict) else given
    names = {one.name for one in inquiry.keep}
    for row in rows:
        if wrong := sorted(set(row) - names):
            remedy = f"It keeps: {', '.join(sorted(names))}"
            raise UnknownError(f"lookup {name!r} keeps no {wrong[0]!r}", place=place, remedy=remedy)
    found = tuple(
        tuple(
            SlotValue(one.name, written(row[one.name], one.type), "", 1.0, one.sensitive)
            for one in inquiry.keep
            if row.get(one.name) is not None
        )
        for row in rows[: inquiry.rows]
    )
    return LookedUp(name, LookupResult.FOUND, found, detail="from the call file")
