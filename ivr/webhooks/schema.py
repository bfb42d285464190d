"""The tables of what is to be sent. How they came to be is in `ivr.webhooks.migrations`."""

from __future__ import annotations

import enum

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.database.columns import NUMBER, UtcTime, named, one_of, words

metadata = named()


class Fate(enum.StrEnum):
    """What has become of a delivery."""

    WAITING = "waiting"
    SENT = "sent"
    TOLD = "told"
    """Somebody told the receiver by other means."""
    DEAD = "dead"
    """Nobody took it: it waits for somebody to send it again."""


deliveries = Table(
    "deliveries",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("target", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("made", UtcTime, nullable=False),
    Column("fate", one_of(Fate), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    words("trouble"),
    Index(None, "fate", "id"),
    # a number once told to somebody is never given to another delivery
    sqlite_autoincrement=True,
)

marks = Table(
    "marks",
    metadata,
    # how far a source was read, so that nothing is told twice and nothing left out
    Column("source", String(64), primary_key=True),
    Column("place", NUMBER, nullable=False),
)
