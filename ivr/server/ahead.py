"""The other languages of the desks, opened beside the calls before the first caller wants them.

A recognizer takes seconds and hundreds of megabytes to open (Korean: 2.3 s, 540 MB), so one language comes
after another, and only while the machine has memory to spare and nobody calls: what is read and rendered for
it in a thread holds up every call of the process. What is not
opened ahead is opened at the first change.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from ivr.errors import IvrError
from ivr.memory import free_bytes, keep
from ivr.server.desks import Desks, OpenDesk

SPARE_BYTES = 1_000_000_000
"""What must be free before a language is opened: the largest recognizer measured takes 540 MB, and calls
need the rest."""
LOOK_SECONDS = 0.5
"""How often it is looked whether anybody still calls."""

_log = logging.getLogger(__name__)


class Ahead:
    """`begin` when desks were loaded, and again when some were replaced; `close` before them.

    free   bytes that may be taken, None where nobody knows
    calls  how many are in progress
    """

    def __init__(
        self,
        desks: Desks,
        free: Callable[[], int | None] = free_bytes,
        calls: Callable[[], int] = lambda: 0,
    ) -> None:
        self._desks = desks
        self._free = free
        self._calls = calls
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def done(self) -> bool:
        """Whether there is nothing left to open."""
        return self._task is None or self._task.done()

    def begin(self) -> None:
        """Look at all desks once, after what is under way."""
        self._task = asyncio.create_task(self._open_all(self._task))

    async def close(self) -> None:
        """After the language that is being opened: a thread cannot be stopped. Harmless when repeated."""
        self._closing.set()
        if self._task is not None:
            await self._task

    async def _open_all(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        for name in self._desks.names:
            desk = self._desks.take(name)
            try:
                await self._open(desk)
            finally:
                self._desks.give_back(desk)
        if not self._calls():
            keep()

    async def _open(self, desk: OpenDesk) -> None:
        reception = desk.reception
        for language, file in reception.desk.languages.items():
            if reception.tongues.has(str(file), sound=True):
                continue
            await self._until_nobody_calls()
            if self._closing.is_set() or desk.replaced:
                continue
            free = self._free()
            if free is not None and free < SPARE_BYTES:
                _log.warning(
                    "desk %s: %s is opened at the first change of the language: only %d MB are free",
                    desk.name,
                    language,
                    free // 1_000_000,
                )
                continue
            try:
                tongue = await asyncio.to_thread(reception.tongues.of, str(file), sound=True)
                for rate in self._desks.rates_of(desk.name):
                    if not self._closing.is_set():
                        await tongue.render(rate)
            except IvrError as error:
                _log.warning("desk %s: %s cannot be opened ahead: %s", desk.name, language, error)
            else:
                deaf = tongue.sound.deaf if tongue.sound is not None else ""
                _log.info(
                    "desk %s: %s is open for callers who change to it%s",
                    desk.name,
                    language,
                    f", and hears nothing: {deaf}" if deaf else "",
                )

    async def _until_nobody_calls(self) -> None:
        while self._calls() and not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), LOOK_SECONDS)
