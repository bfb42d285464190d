"""The tables of the queue. What is in them now; how they came to be is in `ivr.handoff.migrations`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ivr.database.columns import NUMBER, UtcTime, named, one_of, words
from ivr.handoff.followup import FollowUpState, FollowUpStepKind
from ivr.handoff.queue import State, StepKind
from ivr.handover import FollowUpKind

metadata = named()
_Json: type[JSON] = JSON

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("call_id", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("want", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered", UtcTime, nullable=False),
    # as the call wrote it, with the offset of the desk's place
    Column("entered_local", String(40), nullable=False),
    Column("waited", Float, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("skills", _Json, nullable=False),
    Column("transcript", _Json, nullable=False),
    Column("slots", _Json, nullable=False),
    Column("tried", _Json, nullable=False),
    Column("state", one_of(State), nullable=False),
    words("operator"),
    words("disposition"),
    words("notes"),
    Column("call_back", Text, nullable=False, server_default=text("''")),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcTime, nullable=True),
    Column("identity", Text, nullable=False, server_default=text("''")),
    Column("mood", Text, nullable=False, server_default=text("''")),
    Column("returned", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("call_id", "entered", "queue"),
    Index(None, "state", "queue"),
    # a number once told to somebody is never given to another handoff
    sqlite_autoincrement=True,
)

steps = Table(
    "steps",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("handoff_id", NUMBER, ForeignKey("handoffs.id"), nullable=False, index=True),
    Column("kind", one_of(StepKind), nullable=False),
    Column("at", UtcTime, nullable=False),
    words("who"),
    words("note"),
    sqlite_autoincrement=True,
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("desk", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("kind", one_of(FollowUpKind), nullable=False),
    Column("what", Text, nullable=False),
    Column("made", UtcTime, nullable=False),
    # as the call wrote them, with the offset of the desk's place
    Column("made_local", String(40), nullable=False),
    Column("due", UtcTime, nullable=True),
    Column("due_local", String(40), nullable=False),
    words("caller"),
    words("contact"),
    words("addressee"),
    Column("slots", _Json, nullable=False),
    Column("state", one_of(FollowUpState), nullable=False),
    words("owner"),
    words("outcome"),
    Column("settled", UtcTime, nullable=True),
    Column("alarmed", UtcTime, nullable=True),
    Index(None, "state", "due"),
    sqlite_autoincrement=True,
)

follow_up_steps = Table(
    "follow_up_steps",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("follow_up_id", NUMBER, ForeignKey("follow_ups.id"), nullable=False, index=True),
    Column("kind", one_of(FollowUpStepKind), nullable=False),
    Column("at", UtcTime, nullable=False),
    words("who"),
    words("note"),
    sqlite_autoincrement=True,
)
