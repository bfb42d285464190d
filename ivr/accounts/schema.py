"""The tables of the accounts. What is in them now; how they came to be is in `ivr.accounts.migrations`."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, String, Table, Text, false, text

from ivr.accounts.account import Deed, Role
from ivr.database.columns import NUMBER, UtcTime, named, one_of, words

metadata = named()
_Json: type[JSON] = JSON

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", one_of(Role), nullable=False),
    Column("password", Text, nullable=False),
    words("totp"),
    # null: all of them
    Column("queues", _Json, nullable=True),
    Column("skills", _Json, nullable=True),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("phone", Text, nullable=False, server_default=text("''")),
    Column("created", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    # of the secret that the browser has: who reads this table cannot use it
    Column("hash", String(64), primary_key=True),
    Column("name", ForeignKey("accounts.name"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    words("address"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", ForeignKey("accounts.name"), nullable=False, index=True),
    words("label"),
    Column("created", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False, index=True),
    words("who"),
    Column("deed", one_of(Deed), nullable=False),
    words("about"),
    words("address"),
    sqlite_autoincrement=True,
)
