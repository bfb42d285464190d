"""Sends what is in the outbox: each delivery tried again with growing pauses, then put aside for a person.

What was not sent when the program ended is sent after the next start. A receiver may get a delivery twice
(it answered, and we did not hear it): ``webhook-id`` tells.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    RetryError,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from ivr.errors import StateError
from ivr.webhooks.outbox import Delivery, Outbox
from ivr.webhooks.signature import signed

LOOK_SECONDS = 2.0
"""How often is looked for what other programs want sent again."""
MOST_AT_ONCE = 8
FORGET_SECONDS = 3600.0
_GONE = 410

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """Who is told.

    kinds     the things that are told; empty for all
    queues    whose; empty for all
    attempts  until a delivery is put aside; the pauses between double from `first` to `longest` seconds
    patience  seconds for one attempt
    """

    name: str
    url: str
    key: bytes = field(repr=False)
    kinds: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    attempts: int = 10
    first: float = 1.0
    longest: float = 300.0
    patience: float = 10.0

    def wants(self, kind: str, queue: str) -> bool:
        """Whether it is told of this."""
        return (not self.kinds or kind in self.kinds) and (not self.queues or queue in self.queues)


class Undelivered(Exception):  # noqa: N818 - a receiver's answer
    """One attempt was for nothing; `final`: the receiver wants no other."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(why)


class Sender:
    """`start` it in an event loop, `wake` it after something was put into the outbox, `close` it."""

    def __init__(
        self, outbox: Outbox, targets: Iterable[Target], changed: Callable[[], None] = lambda: None
    ) -> None:
        """`changed` is called after what became of an attempt was kept."""
        self.outbox = outbox
        self._changed = changed
        self.targets = {one.name: one for one in targets}
        self._client = httpx.AsyncClient(follow_redirects=False)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._wake = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._forgot = float("-inf")

    def start(self) -> None:
        """Send from now on, first what the last run left."""
        self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Stop; what is not sent stays in the outbox. Harmless when repeated."""
        tasks = [*self._under_way.values(), *([self._looking] if self._looking else [])]
        self._looking = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    def drop(self, number: int) -> None:
        """Try this delivery no more."""
        if (task := self._under_way.get(number)) is not None:
            task.cancel()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    async def _look(self) -> None:
        while True:
            self._wake.clear()
            try:
                for one in await asyncio.to_thread(self.outbox.waiting):
                    if one.id not in self._under_way:
                        self._begin(one)
                if time.monotonic() - self._forgot > FORGET_SECONDS:
                    self._forgot = time.monotonic()
                    await asyncio.to_thread(self.outbox.forget, datetime.now(UTC))
            except StateError as error:
                _log.error("the list of what is to be sent cannot be used: %s", error)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(delivery))
        self._under_way[delivery.id] = task
        task.add_done_callback(lambda _: self._under_way.pop(delivery.id, None))

    async def _deliver(self, delivery: Delivery) -> None:
        target = self.targets.get(delivery.target)
        if target is None:
            why = f"there is no target {delivery.target} in the settings"
            await self._kept(self.outbox.bury, delivery.id, why)
            return

        async def failed(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome is not None else None
            await self._kept(self.outbox.failed, delivery.id, str(error))

        def again(error: BaseException) -> bool:
            return isinstance(error, Undelivered) and not error.final

        trying = AsyncRetrying(
            stop=stop_after_attempt(target.attempts),
            wait=wait_exponential(multiplier=target.first, max=target.longest) + wait_random(0, target.first),
            retry=retry_if_exception(again),
            after=failed,
            reraise=True,
        )
        try:
            await trying(self._post, target, delivery)
        except (Undelivered, RetryError) as error:
            _log.error("webhook %s: %s %d was not taken: %s", target.name, delivery.kind, delivery.id, error)
            await self._kept(self.outbox.bury, delivery.id, str(error))
        else:
            await self._kept(self.outbox.sent, delivery.id)

    async def _post(self, target: Target, delivery: Delivery) -> None:
        """One attempt. Raises Undelivered."""
        body = delivery.body.encode()
        headers = signed(target.key, f"ivr-{delivery.id}", int(time.time()), body)
        headers |= {"Content-Type": "application/json", "User-Agent": "ivr"}
        async with self._at_once:
            try:
                answer = await self._client.post(
                    target.url, content=body, headers=headers, timeout=target.patience
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise Undelivered(str(error) or type(error).__name__) from None
        if not answer.is_success:
            raise Undelivered(f"HTTP {answer.status_code}", final=answer.status_code == _GONE)

    async def _kept(self, work: Callable[..., _T], *args: object) -> None:
        try:
            await asyncio.to_thread(work, *args)
        except StateError as error:
            _log.error("what became of a webhook could not be kept: %s", error)
        self._changed()
