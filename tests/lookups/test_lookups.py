"""Lookups against real sources: a web server, databases and files of this test."""

from __future__ import annotations

import http.server
import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest

from ivr.errors import DeskError
from ivr.events import LookedUp, LookUp, LookupResult
from ivr.inquiry import Http, Inquiry, Json, Kept, Python, Source, Sql, TableFile, Variable
from ivr.lookups.lookups import DeskLookups
from ivr.lookups.source import written
from ivr.meaning import SlotType, SlotValue

STATE = Kept("state", SlotType.TEXT, ("state",))


class Shop(http.server.BaseHTTPRequestHandler):
    """Answers what a test has put into `answers`, one after another, the last for ever."""

    answers: list[tuple[int, bytes]]
    requests: list[tuple[str, str, bytes, dict[str, str]]]
    gate: threading.Event

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.requests.append((self.command, self.path, body, dict(self.headers)))
        status, answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.gate.wait(10)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


class Server:
    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.handler = type(
            "Handler", (Shop,), {"answers": [(200, b"{}")], "requests": [], "gate": self.gate}
        )
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def requests(self) -> list[tuple[str, str, bytes, dict[str, str]]]:
        return self.handler.requests  # type: ignore[attr-defined, no-any-return]

    def answers(self, *answers: object) -> None:
        made = [one if isinstance(one, tuple) else (200, json.dumps(one).encode()) for one in answers]
        self.handler.answers = made  # type: ignore[attr-defined]

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


def ask(source: Source, *keep: Kept, values: dict[str, str] | None = None, **options: object) -> LookedUp:
    inquiry = Inquiry("orders", source, keep or (STATE,), (), **{"retries": 0, **options})  # type: ignore[arg-type]
    with DeskLookups({"orders": inquiry}) as lookups:
        return lookups.answer(request(values or {"order": "482913"}))


def request(values: dict[str, str]) -> LookUp:
    return LookUp("orders", tuple(SlotValue(name, value, value, 1.0) for name, value in values.items()))


def plain(answer: LookedUp) -> list[dict[str, str]]:
    return [{value.name: value.value for value in row} for row in answer.rows]


# --- HTTP --------------------------------------------------------------------------------------------


def test_a_request_with_values_in_address_header_and_body(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "secret-1")
    server.answers({"result": {"items": [{"state": "shipped", "when": {"day": "2026-11-26T09:00"}}]}})
    source = Http(
        "POST",
        server.url,
        "/find/{order}?who={name}",
        (("Authorization", Variable("SHOP_TOKEN")),),
        {"order": "{order}", "parts": ["x{name}", 3, None]},
        ("result", "items"),
    )
    answer = ask(
        source,
        STATE,
        Kept("day", SlotType.DATE, ("when", "day")),
        values={"order": "48/2913", "name": "Ann & Bo", "call": "c1"},
    )
    assert (answer.result, plain(answer)) == (LookupResult.FOUND, [{"state": "shipped", "day": "2026-11-26"}])
    method, path, body, headers = server.requests[0]
    assert (method, path) == ("POST", "/find/48%2F2913?who=Ann%20%26%20Bo")
    assert json.loads(body) == {"order": "48/2913", "parts": ["xAnn & Bo", 3, None]}
    assert headers["Authorization"] == "secret-1"
    assert len(headers["Idempotency-Key"]) == 32


@pytest.mark.parametrize(
    ("given", "result", "detail"),
    [
        ((404, b""), LookupResult.NONE, ""),
        ((204, b""), LookupResult.NONE, ""),
        ([], LookupResult.NONE, ""),
        ((500, b"boom secret"), LookupResult.FAILED, "status 500"),
        ((403, b""), LookupResult.FAILED, "status 403"),
        ((302, b""), LookupResult.FAILED, "status 302"),
        ((200, b"<html>"), LookupResult.FAILED, "the answer is not JSON"),
        ((200, b"[" * 100_000), LookupResult.FAILED, "the answer is not JSON"),
        ((200, b'"' + b"x" * 2_000_000 + b'"'), LookupResult.FAILED, "the answer is longer than 1000 kB"),
        ("words", LookupResult.FAILED, "the answer is neither an object nor a list of objects"),
        ({"other": 1}, LookupResult.FAILED, "the answer holds none of the values that are kept"),
    ],
    ids=["404", "204", "empty", "500", "403", "redirect", "html", "deep", "huge", "text", "other"],
)
def test_what_a_server_may_answer(server: Server, given: object, result: LookupResult, detail: str) -> None:
    server.answers(given)
    answer = ask(Http("GET", server.url, "/"))
    assert (answer.result, answer.detail) == (result, detail)


def test_nobody_there() -> None:
    assert ask(Http("GET", "http://127.0.0.1:9", "/")).detail == "no answer (ConnectError)"


def test_a_slow_server_costs_no_more_than_its_time(server: Server) -> None:
    server.gate.clear()
    answer = ask(Http("GET", server.url, "/"), timeout=0.1, retries=1)
    assert answer.result is LookupResult.FAILED and answer.seconds < 5.0
    assert answer.detail in ("no answer within 0.1 s", "no answer (ReadTimeout)")


@pytest.mark.parametrize(("status", "times"), [(503, 2), (400, 1)])
def test_only_what_may_pass_is_tried_again(server: Server, status: int, times: int) -> None:
    server.answers((status, b""), {"state": "shipped"})
    answer = ask(Http("GET", server.url, "/"), retries=3)
    assert len(server.requests) == times
    assert answer.result is (LookupResult.FOUND if times > 1 else LookupResult.FAILED)


def test_answers_are_kept_for_a_while_and_a_dead_system_is_left_alone(server: Server) -> None:
    now = [0.0]
    inquiry = Inquiry("orders", Http("GET", server.url, "/{order}"), (STATE,), (), retries=0, cache=60.0)
    with DeskLookups({"orders": inquiry}, clock=lambda: now[0]) as lookups:
        server.answers({"state": "packed"})
        assert lookups.answer(request({"order": "1", "call": "a"})).result is LookupResult.FOUND
        assert lookups.answer(request({"order": "1", "call": "b"})).detail == "cached"
        assert lookups.answer(request({"order": "2"})).detail == ""
        now[0] = 61.0
        assert lookups.answer(request({"order": "1"})).detail == ""
        server.answers((500, b""))
        for n in range(5):
            assert lookups.answer(request({"order": f"x{n}"})).detail == "status 500"
        asked = len(server.requests)
        assert "left alone" in lookups.answer(request({"order": "9"})).detail
        assert len(server.requests) == asked
        now[0] = 92.0
        server.answers({"state": "packed"})
        assert lookups.answer(request({"order": "9"})).result is LookupResult.FOUND


# --- databases and files -----------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table orders (number text, state text, due date, price real)")
        connection.executemany(
            "insert into orders values (?, ?, ?, ?)",
            [("482913", "Shipped", "2026-11-26", 12.5), ("ab1", "lost", None, 3)],
        )
    connection.close()
    return file


def test_a_query_with_bound_parameters(database: Path) -> None:
    source = Sql("select state, due, price from orders where number = :n", (("n", "{order}"),), file=database)
    keep = (STATE, Kept("due", SlotType.DATE, ("due",)), Kept("price", SlotType.MONEY, ("price",)))
    assert plain(ask(source, *keep)) == [{"state": "Shipped", "due": "2026-11-26", "price": "12.5"}]
    assert ask(source, values={"order": "x' or '1'='1"}).result is LookupResult.NONE


def test_a_query_cannot_write(database: Path) -> None:
    source = Sql("with x as (select 1) delete from orders", (), file=database)
    assert ask(source).result is LookupResult.FAILED
    with sqlite3.connect(database) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (2,)
    connection.close()


def test_a_database_that_is_not_there_says_nothing_of_its_address(tmp_path: Path) -> None:
    answer = ask(Sql("select 1 as state", (), file=tmp_path / "none" / "x.sqlite"))
    assert answer.detail == "the database does not answer (OperationalError)"


def test_a_sqlite_table(database: Path) -> None:
    assert plain(ask(TableFile(database, (("number", "{order}"),), "orders"), values={"order": "AB1"})) == [
        {"state": "lost"}
    ]


def test_a_csv_file_is_read_anew_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("number,state\n482913,packed\nA 1,lost\na  1,found\n", encoding="utf-8")
    inquiry = Inquiry("orders", TableFile(file, (("number", "{order}"),)), (STATE,), (), rows=5)
    with DeskLookups({"orders": inquiry}) as lookups:
        assert plain(lookups.answer(request({"order": "482913"}))) == [{"state": "packed"}]
        assert plain(lookups.answer(request({"order": "a 1"}))) == [{"state": "lost"}, {"state": "found"}]
        assert lookups.answer(request({"order": "7"})).result is LookupResult.NONE
        file.write_text("number,state\n7,shipped by car\n", encoding="utf-8")
        assert plain(lookups.answer(request({"order": "7"}))) == [{"state": "shipped by car"}]
        file.unlink()
        assert (
            lookups.answer(request({"order": "7"})).detail == "orders.csv cannot be read (FileNotFoundError)"
        )


# --- functions ---------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slots_of_ours.py").write_text(
        "def find(values):\n"
        "    if values['order'] == '0': raise RuntimeError('secret')\n"
        "    return {'1': None, '2': 'no'}.get(values['order'], {'state': True})\n",
        encoding="utf-8",
    )
    info = tmp_path / "slots_of_ours-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slots-of-ours\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[ivr.lookups]\nslots = slots_of_ours:find\ngone = slots_of_ours:gone\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


def test_a_function_of_another_package(package: None) -> None:
    source = Python("slots", (("order", "{order}"),))
    assert plain(ask(source)) == [{"state": "yes"}]
    assert ask(source, values={"order": "1"}).result is LookupResult.NONE
    assert ask(source, values={"order": "0"}).detail == "it raised RuntimeError"
    assert ask(source, values={"order": "2"}).detail == "it gave neither a mapping nor a list of mappings"


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (Python("nobody", ()), "lookups.orders: no installed package offers 'nobody'"),
        (Python("gone", ()), "lookups.orders: 'gone' cannot be loaded"),
        (Http("GET", Variable("NOT_SET_HERE"), "/"), "the environment variable NOT_SET_HERE is not set"),
        (Sql("select 1", (), Variable("NOT_SET_HERE")), "the environment variable NOT_SET_HERE is not set"),
        (Sql("select 1", (), "postgresql://me:pass word@"), "its driver is not installed"),
        (Sql("select 1", (), "x"), "no address of a database"),
    ],
    ids=["nobody", "gone", "http", "sql", "driver", "address"],
)
def test_what_is_missing_is_said_when_the_desk_opens(package: None, source: Source, what: str) -> None:
    with pytest.raises(DeskError, match=what) as caught:
        ask(source)
    assert "pass word" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (True, SlotType.YES_NO, "yes"),
        (None, SlotType.TEXT, ""),
        (12.0, SlotType.NUMBER, "12"),
        (3, SlotType.NUMBER, "3"),
        (date(2026, 11, 26), SlotType.DATE, "2026-11-26"),
        (datetime(2026, 11, 26, 9, 30), SlotType.TIME, "09:30"),
        (time(9, 30), SlotType.TIME, "09:30"),
        ("2026-11-26 09:30:00", SlotType.TIME, "09:30"),
        (" a\nb\x00c ", SlotType.TEXT, "a b c"),
        ("x" * 9_000, SlotType.TEXT, "x" * 500),
        ({"a": 1}, SlotType.TEXT, ""),
    ],
    ids=["bool", "none", "float", "int", "date", "datetime", "time", "text", "control", "long", "nested"],
)
def test_values_in_the_form_of_slots(value: Json, kind: SlotType, text: str) -> None:
    assert written(value, kind) == text
