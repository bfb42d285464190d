"""Accounts: who gets in, with what, for how long, and what is remembered of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
import pyotp
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ivr.accounts.account import IDLE_TIME, SESSION_TIME, Account, Deed, Role
from ivr.accounts.schema import metadata
from ivr.accounts.store import AccountStore, same_secret
from ivr.accounts.throttle import FREE, LONGEST, MOST, Throttle
from ivr.errors import UnknownError

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
GOOD = "correct horse battery"
FAST = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[AccountStore]:
    with AccountStore.open(path, FAST) as store:
        store.add(Account("ann", Role.OPERATOR, frozenset({"billing"})), GOOD, now=NOW, by="root")
        yield store


def test_the_tables_are_those_of_the_migrations(store: AccountStore) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_right_password_gets_in(store: AccountStore) -> None:
    account = store.authenticate("ann", GOOD, now=NOW)
    assert account is not None
    assert (account.role, account.queues, account.skills) == (Role.OPERATOR, frozenset({"billing"}), None)


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong horse battery"), ("nobody", GOOD), ("", ""), ("ann", "x" * 10_000_000), ("ann", "\0")],
    ids=["wrong", "unknown", "empty", "ten million", "NUL"],
)
def test_others_do_not(store: AccountStore, name: str, password: str) -> None:
    assert store.authenticate(name, password, now=NOW) is None


def test_a_disabled_account_is_out_at_once(store: AccountStore) -> None:
    secret, token = store.open_session("ann", "::1", now=NOW), store.add_token("ann", "x", now=NOW)
    store.disable("ann", now=NOW)
    assert store.authenticate("ann", GOOD, now=NOW) is None
    assert store.session(secret, now=NOW) is None
    assert store.token(token) is None
    store.disable("ann", disabled=False, now=NOW)
    assert store.authenticate("ann", GOOD, now=NOW) is not None
    assert store.token(token) is None


def test_a_new_password_ends_sessions(store: AccountStore) -> None:
    secret = store.open_session("ann", "::1", now=NOW)
    store.set_password("ann", "another long one", now=NOW)
    assert store.session(secret, now=NOW) is None
    assert store.authenticate("ann", GOOD, now=NOW) is None
    assert store.authenticate("ann", "another long one", now=NOW) is not None


def test_a_second_factor(store: AccountStore) -> None:
    address = store.ask_totp("ann", now=NOW)
    code = pyotp.parse_uri(address)
    assert isinstance(code, pyotp.TOTP)
    assert store.get("ann").totp
    assert store.authenticate("ann", GOOD, now=NOW) is None
    assert store.authenticate("ann", GOOD, "000000", now=NOW) is None
    assert store.authenticate("ann", GOOD, code.at(NOW), now=NOW) is not None
    assert store.authenticate("ann", GOOD, code.at(NOW), now=NOW + timedelta(minutes=5)) is None
    assert store.ask_totp("ann", wanted=False, now=NOW) == ""
    assert store.authenticate("ann", GOOD, now=NOW) is not None


def test_a_session_ends_by_itself(store: AccountStore) -> None:
    secret = store.open_session("ann", "::1", now=NOW)
    session = store.session(secret, now=NOW + IDLE_TIME)
    assert session is not None
    assert session.account.name == "ann"
    assert len(session.csrf) > 40
    assert store.session(secret, now=NOW + 2 * IDLE_TIME) is not None  # it was used in between
    assert store.session(secret, now=NOW + 3 * IDLE_TIME + timedelta(seconds=1)) is None
    busy = store.open_session("ann", "::1", now=NOW)
    at = NOW
    while at < NOW + SESSION_TIME:
        assert store.session(busy, now=at) is not None
        at += timedelta(hours=1)
    assert store.session(busy, now=NOW + SESSION_TIME + timedelta(seconds=1)) is None


def test_logging_out(store: AccountStore) -> None:
    secret = store.open_session("ann", "::1", now=NOW)
    store.close_session(secret, now=NOW)
    store.close_session("never was one", now=NOW)
    assert store.session(secret, now=NOW) is None


def test_forged_secrets(store: AccountStore) -> None:
    for forged in ("", "x", "\0", "ivr_", "é" * 100, "' OR 1=1 --"):
        assert store.session(forged, now=NOW) is None
        assert store.token(forged) is None


def test_no_secret_is_in_the_file(store: AccountStore, path: Path) -> None:
    secret, token = store.open_session("ann", "::1", now=NOW), store.add_token("ann", "x", now=NOW)
    store.close()
    with closing(sqlite3.connect(path)) as database:
        dump = "\n".join(database.iterdump())
    assert "ann" in dump
    for hidden in (GOOD, secret, token):
        assert hidden not in dump


def test_what_is_remembered(store: AccountStore) -> None:
    store.remember("ann", Deed.PLAYED, "call 1\0" + "x" * 1_000, "192.0.2.1", now=NOW)
    last, first = store.remembered()[0], store.remembered()[-1]
    assert (last.who, last.deed, last.address) == ("ann", Deed.PLAYED, "192.0.2.1")
    assert len(last.about) == 500
    assert (first.who, first.deed, first.about) == ("root", Deed.ADDED, "ann, operator")


@pytest.mark.parametrize("name", ["", "Ann", "-ann", "a b", "x" * 64, "ann\n", "<b>", "../x"])
def test_names_that_cannot_be(store: AccountStore, name: str) -> None:
    with pytest.raises(UnknownError, match="is no name for an account"):
        store.add(Account(name, Role.OPERATOR), GOOD, now=NOW)


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaa", "my name is ann", "x" * 257])
def test_passwords_that_cannot_be(store: AccountStore, password: str) -> None:
    with pytest.raises(UnknownError, match="^the password of ann: ") as error:
        store.set_password("ann", password, now=NOW)
    assert not password or password not in str(error.value)


def test_one_name_one_account(store: AccountStore) -> None:
    with pytest.raises(UnknownError, match="account ann: exists already"):
        store.add(Account("ann", Role.ADMIN), GOOD, now=NOW)
    assert store.get("ann").role is Role.OPERATOR


def test_an_account_that_does_not_exist(store: AccountStore) -> None:
    missing = pytest.raises(UnknownError, match="there is no such account")
    with missing:
        store.get("zoe")
    with missing:
        store.disable("zoe", now=NOW)
    with missing:
        store.set_password("zoe", GOOD, now=NOW)
    with missing:
        store.ask_totp("zoe", now=NOW)


def test_roles_include_those_before() -> None:
    assert [Role.SUPERVISOR.may(role) for role in Role] == [True, True, False]
    assert Account("a", Role.OPERATOR, frozenset({"x"})).sees("x")
    assert not Account("a", Role.OPERATOR, frozenset({"x"})).sees("y")
    assert Account("a", Role.SUPERVISOR, frozenset({"x"})).sees("y")


def test_same_secret() -> None:
    assert same_secret("é1", "é1")
    assert not same_secret("é1", "é2")


def test_wrong_passwords_cost_more_and_more() -> None:
    throttle = Throttle()
    waits = []
    for _ in range(20):
        throttle.failed("ann", 0.0)
        waits.append(throttle.wait("ann", 0.0))
    assert waits[:FREE] == [0.0] * FREE
    assert waits[FREE : FREE + 3] == [2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST
    assert throttle.wait("ann", 1e6) == 0.0
    assert throttle.wait("bob", 0.0) == 0.0
    throttle.succeeded("ann")
    assert throttle.wait("ann", 0.0) == 0.0


def test_a_storm_does_not_fill_the_memory() -> None:
    throttle = Throttle()
    for number in range(MOST + 500):
        throttle.failed(f"10.0.{number}", 0.0)
    assert len(throttle._failures) == MOST
