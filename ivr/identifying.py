"""Who is calling, for a desk in a call: lookups in a customer file, answered from what was heard so far."""

from __future__ import annotations

import asyncio
import csv
import itertools
import time
from collections.abc import Mapping
from datetime import date

from ivr.events import LookedUp, LookUp, LookupResult
from ivr.inquiry import Customers, Inquiry, Lookups
from ivr.lookups.lookups import DeskLookups
from ivr.lookups.source import NoAnswerError, kept
from ivr.meaning import SlotValue
from ivr.understanding.customers import Columns, Item, lay_out, read_customers
from ivr.understanding.identify import Identifier, Policy, Verdict


def open_lookups(inquiries: Mapping[str, Inquiry], language: str) -> Lookups:
    """What answers the lookups of a desk. Close it.

    Raises DeskError: a customer file that is broken, a setting, a driver or a package that is missing.
    """
    files = {
        name: _CustomerLookup(one, one.source, language)
        for name, one in inquiries.items()
        if isinstance(one.source, Customers)
    }
    others = DeskLookups({name: one for name, one in inquiries.items() if name not in files})
    return _Identifying(files, others) if files else others


class _Identifying:
    """Answers for customer files; other lookups go on to `others`."""

    def __init__(self, files: Mapping[str, _CustomerLookup], others: Lookups) -> None:
        self._files = files
        self._others = others

    def answer(self, request: LookUp) -> LookedUp:
        file = self._files.get(request.lookup)
        return self._others.answer(request) if file is None else file.answer(request.values)

    async def ask(self, request: LookUp) -> LookedUp:
        file = self._files.get(request.lookup)
        if file is None:
            return await self._others.ask(request)
        return await asyncio.to_thread(file.answer, request.values)

    def close(self) -> None:
        self._others.close()


class _CustomerLookup:
    """One customer file, read when the desk is opened."""

    def __init__(self, inquiry: Inquiry, source: Customers, language: str) -> None:
        self._inquiry = inquiry
        columns = Columns(source.key, source.postcode, source.name, source.birthday)
        self._customers = lay_out(read_customers(source.file, columns), date.today(), language)
        self._policy = Policy(attempts=source.attempts)
        with source.file.open(encoding="utf-8-sig", newline="") as file:
            self._rows = {(row[source.key] or "").strip(): row for row in csv.DictReader(file)}

    def answer(self, answers: tuple[SlotValue, ...]) -> LookedUp:
        """What is known after all answers: each a run of readings of one fact, best first."""
        began = time.monotonic()
        identifier = Identifier(self._customers, self._policy)
        known = identifier.identification()
        for (item, _), readings in itertools.groupby(answers, lambda one: (one.name, one.said)):
            known = identifier.hear(Item(item), [one.value for one in readings])
            if known.verdict is Verdict.IDENTIFIED:
                break
        rows: tuple[tuple[SlotValue, ...], ...] = ()
        match known.verdict:
            case Verdict.ASK:
                assert known.ask is not None
                result, rows = LookupResult.ASK, ((SlotValue("ask", known.ask.value, "", 1.0),),)
            case Verdict.IDENTIFIED:
                result, rows = LookupResult.FOUND, (self._kept(known.customer),)
            case Verdict.REFUSED:
                result = LookupResult.NONE
        return LookedUp(self._inquiry.name, result, rows, round(time.monotonic() - began, 3))

    def _kept(self, key: str) -> tuple[SlotValue, ...]:
        try:
            return kept(self._rows[key], self._inquiry.keep)
        except NoAnswerError:  # all that is kept is empty in this row
            return ()
