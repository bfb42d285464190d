"""The lookups of one desk, asked by all its calls at once.

Each question has a time limit, is tried again where that may help, its answer may be kept for a while, and a
system that does not answer at all is left alone for a while. Nothing of what was asked or answered is logged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeAlias, assert_never

from cachetools import TTLCache
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random

from ivr.events import LookedUp, LookUp, LookupResult
from ivr.inquiry import CALL, Customers, Http, Inquiry, Python, Sql, TableFile
from ivr.lookups.breaker import Breaker
from ivr.lookups.files import CsvSource
from ivr.lookups.functions import PythonSource
from ivr.lookups.http import HttpSource
from ivr.lookups.source import NoAnswerError, Row, Source, kept
from ivr.lookups.sql import SqliteTable, SqlSource
from ivr.meaning import SlotValue

THREADS = 16
"""Questions that are asked at once; those that hang hold a thread until their system gives up."""
MOST_CACHED = 2_000
"""Answers that are kept of one lookup."""
PAUSE = (0.05, 0.25)
"""Seconds before another attempt, at random, so that callers who failed together do not return together."""

Rows: TypeAlias = tuple[tuple[SlotValue, ...], ...]
_Key: TypeAlias = tuple[str, ...]


class DeskLookups:
    """What answers the lookups of a desk. Close it."""

    def __init__(self, inquiries: Mapping[str, Inquiry], clock: Callable[[], float] = time.monotonic) -> None:
        """Open the sources. Raises DeskError where a setting, a driver or a package is missing."""
        self._clock = clock
        self._asked = {name: _Asked(inquiry, clock) for name, inquiry in inquiries.items()}
        self._threads = ThreadPoolExecutor(THREADS, "lookup")

    def close(self) -> None:
        """Let go of connections; what is still asked comes to nothing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for asked in self._asked.values():
            asked.source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, request: LookUp) -> LookedUp:
        """The answer, for a thread that has nothing else to do. Never raises."""
        return self._threads.submit(asyncio.run, self.ask(request)).result()

    async def ask(self, request: LookUp) -> LookedUp:
        """The answer, beside an event loop. Never raises."""
        began = self._clock()
        asked = self._asked[request.lookup]
        rows: Rows = ()
        detail = ""
        result = LookupResult.FAILED
        try:
            rows, detail = await self._rows(asked, {value.name: value.value for value in request.values})
            result = LookupResult.FOUND if rows else LookupResult.NONE
        except NoAnswerError as error:
            detail = str(error)
        return LookedUp(request.lookup, result, rows, round(self._clock() - began, 3), detail)

    async def _rows(self, asked: _Asked, values: Mapping[str, str]) -> tuple[Rows, str]:
        key = tuple(values[name] for name in sorted(values) if name != CALL)
        if (cached := asked.cached(key)) is not None:
            return cached, "cached"
        if not asked.breaker.allows(self._clock()):
            raise NoAnswerError("left alone for a while: it has not answered several times")
        try:
            rows = await self._attempts(asked, values)
        except NoAnswerError:
            asked.breaker.failed(self._clock())
            raise
        asked.breaker.succeeded()
        asked.keep(key, rows)
        return rows, ""

    async def _attempts(self, asked: _Asked, values: Mapping[str, str]) -> Rows:
        attempts = AsyncRetrying(
            stop=stop_after_attempt(1 + asked.inquiry.retries),
            wait=wait_random(*PAUSE),
            retry=retry_if_exception(lambda error: isinstance(error, NoAnswerError) and error.passing),
            reraise=True,
        )
        return await attempts(self._attempt, asked, values)

    async def _attempt(self, asked: _Asked, values: Mapping[str, str]) -> Rows:
        seconds = asked.inquiry.timeout
        work = asyncio.wrap_future(self._threads.submit(asked.source.rows, values, seconds))
        try:
            rows: Sequence[Row] = await asyncio.wait_for(work, seconds)
        except TimeoutError:
            raise NoAnswerError(f"no answer within {seconds:g} s") from None
        inquiry = asked.inquiry
        return tuple(kept(row, inquiry.keep) for row in rows[: inquiry.rows])


class _Asked:
    """One lookup with all that it remembers."""

    def __init__(self, inquiry: Inquiry, clock: Callable[[], float]) -> None:
        self.inquiry = inquiry
        self.source = open_source(inquiry)
        self.breaker = Breaker()
        self._cache: TTLCache[_Key, Rows] | None = None
        if inquiry.cache:
            self._cache = TTLCache(MOST_CACHED, inquiry.cache, clock)

    def cached(self, key: _Key) -> Rows | None:
        return None if self._cache is None else self._cache.get(key)

    def keep(self, key: _Key, rows: Rows) -> None:
        if self._cache is not None:
            self._cache[key] = rows


def open_source(inquiry: Inquiry) -> Source:
    """What answers a lookup. Raises DeskError where a setting, a driver or a package is missing."""
    place = f"lookups.{inquiry.name}"
    match inquiry.source:
        case Http() as http:
            return HttpSource(http, place)
        case Sql() as sql:
            return SqlSource(sql, place)
        case TableFile(file=file, by=by, table=""):
            return CsvSource(file, by)
        case TableFile(file=file, by=by, table=name):
            return SqliteTable(file, name, by, inquiry.keep)
        case Python() as python:
            return PythonSource(python, place)
        case Customers():
            raise TypeError("customer files are not asked but ask: see ivr.identifying")
        case other:
            assert_never(other)
