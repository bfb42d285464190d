"""Accounts, sessions, tokens and the audit log, kept in one database. Secrets are kept as hashes only.

Passwords are hashed with Argon2id (RFC 9106, argon2-cffi's defaults); the second factor is TOTP (RFC 6238).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from pathlib import Path
from typing import Self

import argon2
import pyotp
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.accounts.account import (
    IDLE_TIME,
    LONGEST_PASSWORD,
    SESSION_TIME,
    Account,
    Deed,
    Remembered,
    Session,
    check_name,
    check_password,
    check_phone,
)
from ivr.accounts.schema import accounts, audit, sessions, tokens
from ivr.database.dialect import open_sqlite, reading, writing
from ivr.database.store import Store
from ivr.errors import UnknownError

ISSUER = "ivr"
_SECRET_BYTES = 32
_MOST_TEXT = 500


class AccountStore(Store):
    """The accounts of operators. `hasher` hashes their passwords, with argon2-cffi's defaults by default."""

    migrations = Path(__file__).parent / "migrations"

    def __init__(self, engine: Engine, hasher: argon2.PasswordHasher | None = None) -> None:
        self._hasher = hasher or argon2.PasswordHasher()
        # Checked for names that do not exist, so that the time of an answer does not tell which do.
        self._nobody = self._hasher.hash(secrets.token_hex())
        super().__init__(engine)

    @classmethod
    def open(cls, path: Path, hasher: argon2.PasswordHasher | None = None) -> Self:
        """As of every store."""
        return cls(open_sqlite(path), hasher)

    # --- accounts ----------------------------------------------------------------------------------------

    def add(self, account: Account, password: str, *, now: datetime, by: str = "") -> Account:
        """A new account. Raises UnknownError for a bad name or password, or one that exists."""
        name = check_name(account.name)
        values = {
            "name": name,
            "role": account.role,
            "password": self._hasher.hash(check_password(name, password)),
            "queues": _listed(account.queues),
            "skills": _listed(account.skills),
            "phone": check_phone(account.phone),
            "created": now,
        }
        with writing(self._engine) as connection:
            try:
                with connection.begin_nested():
                    connection.execute(insert(accounts).values(values))
            except IntegrityError:
                remedy = f"Choose another name, or set its password: ivr operator password {name}"
                raise UnknownError("exists already", place=f"account {name}", remedy=remedy) from None
            _remember(connection, now, by, Deed.ADDED, f"{name}, {account.role}")
            return _one(connection, name)

    def get(self, name: str) -> Account:
        """Raises UnknownError."""
        with reading(self._engine) as connection:
            return _one(connection, name)

    def all(self) -> tuple[Account, ...]:
        """Every account by name, also the disabled ones."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(accounts).order_by(accounts.c.name))
            return tuple(_account(row) for row in rows)

    def disable(self, name: str, *, disabled: bool = True, now: datetime, by: str = "") -> None:
        """Nobody gets in with this account any more; its sessions and tokens end. Raises UnknownError."""
        with writing(self._engine) as connection:
            _one(connection, name)
            connection.execute(update(accounts).where(accounts.c.name == name).values(disabled=disabled))
            if disabled:
                _end(connection, name)
                connection.execute(delete(tokens).where(tokens.c.name == name))
            _remember(connection, now, by, Deed.DISABLED if disabled else Deed.ENABLED, name)

    def set_password(self, name: str, password: str, *, now: datetime, by: str = "") -> None:
        """Raises UnknownError. All sessions of the account end."""
        hashed = self._hasher.hash(check_password(name, password))
        with writing(self._engine) as connection:
            _one(connection, name)
            connection.execute(update(accounts).where(accounts.c.name == name).values(password=hashed))
            _end(connection, name)
            _remember(connection, now, by, Deed.PASSWORD, name)

    def set_phone(self, name: str, phone: str, *, now: datetime, by: str = "") -> None:
        """The telephone that rings for them from their next login on, "" for none. Raises UnknownError."""
        check_phone(phone)
        with writing(self._engine) as connection:
            _one(connection, name)
            connection.execute(update(accounts).where(accounts.c.name == name).values(phone=phone))
            _remember(connection, now, by, Deed.CHANGED, f"{name}, telephone {phone or 'none'}")

    def ask_totp(self, name: str, *, wanted: bool = True, now: datetime, by: str = "") -> str:
        """Ask for a second factor from now on; returns the otpauth: address for the telephone's app.

        `wanted` False asks no longer and returns "". Raises UnknownError.
        """
        secret = pyotp.random_base32() if wanted else ""
        with writing(self._engine) as connection:
            _one(connection, name)
            connection.execute(update(accounts).where(accounts.c.name == name).values(totp=secret))
            _end(connection, name)
            _remember(connection, now, by, Deed.CHANGED, f"{name}, second factor {'on' if wanted else 'off'}")
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER) if wanted else ""

    def authenticate(self, name: str, password: str, code: str = "", *, now: datetime) -> Account | None:
        """The account if name, password and (where asked for) the second factor are right, else None.

        Takes about as long whether the name exists or not.
        """
        if len(password) > LONGEST_PASSWORD:
            return None
        with reading(self._engine) as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
        hashed = self._nobody if row is None else str(row.password)
        try:
            self._hasher.verify(hashed, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return None
        if row is None or row.disabled:
            return None
        if row.totp and not pyotp.TOTP(row.totp).verify(code.strip(), for_time=now, valid_window=1):
            return None
        if self._hasher.check_needs_rehash(hashed):
            better = self._hasher.hash(password)
            with writing(self._engine) as connection:
                same = (accounts.c.name == name) & (accounts.c.password == hashed)
                connection.execute(update(accounts).where(same).values(password=better))
        return _account(row)

    # --- sessions and tokens -----------------------------------------------------------------------------

    def open_session(self, name: str, address: str, *, now: datetime) -> str:
        """A new session; returns the secret for the browser's cookie, which is kept nowhere else."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        values = {"hash": _hash(secret), "name": name, "csrf": secrets.token_urlsafe(_SECRET_BYTES)}
        values |= {"address": address[:_MOST_TEXT]}
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.created < now - SESSION_TIME))
            connection.execute(insert(sessions).values(values | {"created": now, "seen": now}))
            _remember(connection, now, name, Deed.LOGIN, "", address)
        return secret

    def session(self, secret: str, *, now: datetime) -> Session | None:
        """The session with this secret, None when there is none, it is too old or the account is disabled."""
        joined = select(sessions, accounts).join(accounts, sessions.c.name == accounts.c.name)
        with reading(self._engine) as connection:
            row = connection.execute(joined.where(sessions.c.hash == _hash(secret))).one_or_none()
        if row is None or row.disabled or now - row.seen > IDLE_TIME:
            return None
        created = row._mapping[sessions.c.created]
        if now - created > SESSION_TIME:
            return None
        if (now - row.seen).total_seconds() > 60:
            with writing(self._engine) as connection:
                seen = update(sessions).where(sessions.c.hash == _hash(secret)).values(seen=now)
                connection.execute(seen)
        return Session(_account(row), row.csrf, created)

    def close_session(self, secret: str, *, now: datetime) -> None:
        """Log out. Harmless when there is no such session."""
        with writing(self._engine) as connection:
            mine = sessions.c.hash == _hash(secret)
            name = connection.execute(select(sessions.c.name).where(mine)).scalar_one_or_none()
            if name is not None:
                connection.execute(delete(sessions).where(mine))
                _remember(connection, now, name, Deed.LOGOUT)

    def add_token(self, name: str, label: str, *, now: datetime, by: str = "") -> str:
        """A token for programs that act as `name`; it is shown once. Raises UnknownError."""
        secret = f"ivr_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with writing(self._engine) as connection:
            _one(connection, name)
            values = {"hash": _hash(secret), "name": name, "label": label[:_MOST_TEXT], "created": now}
            connection.execute(insert(tokens).values(values))
            _remember(connection, now, by, Deed.TOKEN, f"{name}, {label}")
        return secret

    def token(self, secret: str) -> Account | None:
        """Whose token this is; None when it is nobody's, or theirs who are disabled."""
        joined = select(accounts).join(tokens, tokens.c.name == accounts.c.name)
        with reading(self._engine) as connection:
            row = connection.execute(joined.where(tokens.c.hash == _hash(secret))).one_or_none()
        return None if row is None or row.disabled else _account(row)

    # --- audit -------------------------------------------------------------------------------------------

    def remember(self, who: str, deed: Deed, about: str = "", address: str = "", *, now: datetime) -> None:
        """Write into the audit log."""
        with writing(self._engine) as connection:
            _remember(connection, now, who, deed, about, address)

    def remembered(self, most: int = 200) -> tuple[Remembered, ...]:
        """The audit log, latest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(most)
        with reading(self._engine) as connection:
            rows = connection.execute(query)
            return tuple(Remembered(row.at, row.who, row.deed, row.about, row.address) for row in rows)


def same_secret(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def _hash(secret: str) -> str:
    # The secrets are random: a fast hash hides them as well as a slow one.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _one(connection: Connection, name: str) -> Account:
    row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    if row is None:
        raise UnknownError("there is no such account", place=name[:80], remedy="ivr operator list shows them")
    return _account(row)


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        name=row.name,
        role=row.role,
        queues=None if row.queues is None else frozenset(row.queues),
        skills=None if row.skills is None else frozenset(row.skills),
        totp=bool(row.totp),
        disabled=row.disabled,
        created=row._mapping[accounts.c.created],
        phone=row.phone,
    )


def _end(connection: Connection, name: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.name == name))


def _remember(
    connection: Connection, now: datetime, who: str, deed: Deed, about: str = "", address: str = ""
) -> None:
    values = {"at": now, "who": _clean(who), "deed": deed, "about": _clean(about), "address": _clean(address)}
    connection.execute(insert(audit).values(values))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:_MOST_TEXT]


def _listed(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)
