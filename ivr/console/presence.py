"""Who sits at the console: signed on while a page of theirs is open, gone soon after the last one closes."""

from __future__ import annotations

import asyncio
from collections import Counter

from ivr.accounts.account import Account
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.handoff import messages as told

GRACE_SECONDS = 4.0
"""A page that is loaded again comes back within this; a browser that died does not."""


class Presence:
    """Counts the open pages of each operator."""

    def __init__(self, floor: Floor, phones: Phones, grace: float = GRACE_SECONDS) -> None:
        self._floor = floor
        self._phones = phones
        self._grace = grace
        self._pages: Counter[str] = Counter()
        self._leaving: dict[str, asyncio.Task[None]] = {}

    async def came(self, account: Account) -> None:
        """A page was opened."""
        self._pages[account.name] += 1
        if (leaving := self._leaving.pop(account.name, None)) is not None:
            leaving.cancel()
        self._phones.know(account.name, account.phone)
        await self._floor.tell(told.SignedOn(account.name, account.queues, account.skills))

    def went(self, name: str) -> None:
        """A page was closed, or its connection is lost."""
        self._pages[name] -= 1
        if self._pages[name] <= 0:
            del self._pages[name]
            self._leaving[name] = asyncio.ensure_future(self._leave(name))

    def close(self) -> None:
        """The server ends."""
        for task in self._leaving.values():
            task.cancel()

    async def _leave(self, name: str) -> None:
        await asyncio.sleep(self._grace)
        del self._leaving[name]
        # Who talks over a telephone does not need the page for it.
        talks = self._phones.state(name) == "talks"
        await self._floor.tell(told.Away(name, "console closed") if talks else told.Gone(name))
