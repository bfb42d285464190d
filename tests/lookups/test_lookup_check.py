"""What `ivr check` says of lookups."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ivr.inquiry import Http, Inquiry, Kept, Python, Source, Sql, TableFile, Variable
from ivr.lookups.check import check_sources
from ivr.meaning import SlotType

KEEP = (Kept("state", SlotType.TEXT, ("state",)),)
BY = (("number", "{order}"),)


def found(source: Source) -> list[str]:
    return [fault.what for fault in check_sources([Inquiry("orders", source, KEEP, ())])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.csv").write_text("number,state\n1,x\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("id,stat\n1,x\n", encoding="utf-8")
    (tmp_path / "latin.csv").write_bytes(b"n\xe9,x\n")
    with sqlite3.connect(tmp_path / "shop.sqlite") as connection:
        connection.execute("create table orders (number text, state text)")
    connection.close()
    return tmp_path


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (("good.csv", ""), []),
        (("none.csv", ""), ["no file 'none.csv'"]),
        (("bad.csv", ""), ["'bad.csv' has no column 'number'", "'bad.csv' has no column 'state'"]),
        (("latin.csv", ""), ["'latin.csv' cannot be read (UnicodeDecodeError)"]),
        (("shop.sqlite", "orders"), []),
        (("shop.sqlite", "order"), ["'shop.sqlite' has no table 'order'"]),
        (("good.csv", "orders"), ["'good.csv' does not take the question (file is not a database)"]),
    ],
    ids=["csv", "missing", "columns", "encoding", "table", "no-table", "no-database"],
)
def test_files(folder: Path, source: tuple[str, str], what: list[str]) -> None:
    assert found(TableFile(folder / source[0], BY, source[1])) == what


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("select state from orders where number = :n", []),
        ("select number from orders where number = :n", ["'the query' has no column 'state'"]),
        ("select state from order_ where number = :n", ["no such table: order_"]),
    ],
    ids=["good", "column", "table"],
)
def test_queries(folder: Path, query: str, what: list[str]) -> None:
    faults = found(Sql(query, (("n", "{order}"),), file=folder / "shop.sqlite"))
    assert len(faults) == len(what) and all(part in fault for part, fault in zip(what, faults, strict=True))


def test_settings_and_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "x")
    source = Http(
        "GET", Variable("NOT_GIVEN"), "/", (("A", Variable("GIVEN")), ("B", Variable("NOR_THIS", "")))
    )
    assert found(source) == ["the environment variable NOT_GIVEN is not set here"]
    assert found(Sql("select 1", (), Variable("NOT_GIVEN")))
    assert found(Python("nobody", ())) == ["no installed package offers 'nobody'"]
