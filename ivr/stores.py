"""The databases of an installation, by the names of their files in its state folder."""

from __future__ import annotations

from ivr.config import Settings
from ivr.handoff.store import HandoffStore

QUEUE_FILE = "queue.sqlite"
WEBHOOKS_FILE = "webhooks.sqlite"
ACCOUNTS_FILE = "accounts.sqlite"


def open_queue(settings: Settings) -> HandoffStore:
    """The durable queue of this installation. Raises StateError."""
    return HandoffStore.open(settings.state / QUEUE_FILE)
