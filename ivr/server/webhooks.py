"""From the settings to what tells other programs: targets with their secrets, the outbox, the sender."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from ivr.errors import ConfigError
from ivr.floor.dispatch import Dispatches
from ivr.floor.durable import DurableQueue
from ivr.floor.feed import DISPATCH, FOLLOW_UP_PREFIX, PREFIX, Feed
from ivr.serving.webhooks import WebhookSettings
from ivr.stores import WEBHOOKS_FILE
from ivr.webhooks.outbox import Outbox
from ivr.webhooks.sender import Sender, Target
from ivr.webhooks.signature import secret_bytes


class Webhooks:
    """What the queue tells others. `start` when it is open, `close` before it is closed."""

    def __init__(self, settings: Iterable[WebhookSettings], state: Path) -> None:
        """Raises ConfigError when a secret cannot be read."""
        self._targets = tuple(target_of(one) for one in settings)
        self._state = state
        self._sender: Sender | None = None
        self._feed: Feed | None = None
        self.dispatches: Dispatches | None = None

    async def start(self, queue: DurableQueue) -> None:
        """Send what the last run left, and what happens from now on. Raises StateError."""
        if not self._targets:
            return
        outbox = await asyncio.to_thread(Outbox.open, self._state / WEBHOOKS_FILE)
        self.dispatches = Dispatches(queue, outbox)
        self._sender = Sender(outbox, self._targets, self.dispatches.changed)
        self.dispatches.sender = self._sender
        self._sender.start()
        await self.dispatches.start()
        self._feed = Feed(queue, self._sender)
        await self._feed.start()

    async def close(self) -> None:
        """What is not sent is sent after the next start. Harmless when repeated."""
        if self._feed is not None:
            await self._feed.close()
        if self.dispatches is not None:
            await self.dispatches.close()
        if self._sender is not None:
            await self._sender.close()
            self._sender.outbox.close()
            self._sender = None


def target_of(settings: WebhookSettings) -> Target:
    """For the sender. Raises ConfigError when the secret cannot be read."""
    place, file = f"webhook {settings.name}", settings.secret_file
    try:
        key = secret_bytes(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        what = f"the secret {file} cannot be read ({getattr(error, 'strerror', None) or 'no text'})"
        raise ConfigError(what, place=place, remedy="openssl rand -base64 32 makes one") from None
    except ValueError as error:
        raise ConfigError(f"the secret {file} {error}", place=place) from None
    return Target(
        settings.name,
        settings.url,
        key,
        frozenset(map(_kind, settings.events)),
        frozenset(settings.queues),
        settings.attempts,
        longest=settings.longest_pause,
        patience=settings.timeout,
    )


def _kind(event: str) -> str:
    """What an event of the settings is called when it is told."""
    return event if event == DISPATCH or event.startswith(FOLLOW_UP_PREFIX) else PREFIX + event
