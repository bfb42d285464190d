"""The booking system of the examples, asked by the desk's own lookup over HTTP."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from ivr.dialog.load import load_desk
from ivr.events import LookUp, LookupResult
from ivr.lookups.lookups import DeskLookups
from ivr.meaning import SlotValue


@pytest.fixture
def url(root: Path) -> Iterator[str]:
    spec = importlib.util.spec_from_file_location("visits", root / "examples" / "backends" / "visits.py")
    assert spec is not None and spec.loader is not None
    visits = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(visits)
    with ThreadingHTTPServer(("127.0.0.1", 0), visits.Visits) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def asked(day: str, call: str) -> LookUp:
    given = {"free.day": day, "free.time": "11:00", "caller": "+4420", "call": call}
    return LookUp("book", tuple(SlotValue(name, value, "", 1.0) for name, value in given.items()))


def test_visits_are_booked_once(root: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEADOW_VISITS", url)
    with DeskLookups(load_desk("support", root).lookups) as lookups:
        booked = lookups.answer(asked("2026-11-27", "a"))
        assert booked.result is LookupResult.FOUND and booked.rows[0][0].value == "5083"
        again = lookups.answer(asked("2026-11-27", "a"))
        assert again.rows[0][0].value == "5083", "the same request of the same call is done once"
        assert lookups.answer(asked("2026-11-27", "b")).result is LookupResult.NONE, "the time is taken"
        assert lookups.answer(asked("2026-11-30", "b")).rows[0][0].value == "5084"
