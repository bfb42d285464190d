"""Deleting what is too old: each kind by itself, never what is not settled, whole also after a stop."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.errors import StateError
from ivr.events import Answered, CallEnded, CallStarted, Outcome, Say
from ivr.handoff.followup import FollowUpStepKind
from ivr.handoff.forgetting import forget_cases
from ivr.handoff.queue import Step, StepKind
from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest, HandoffRequest, Reason, Turn
from ivr.meaning import SlotValue
from ivr.records.log import CallLog, read_summary
from ivr.retention import Keep, Pruned, prune
from ivr.webhooks.outbox import Message, Outbox

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
ALL = Keep(30, 30, 30, 30, 30)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HandoffStore]:
    with HandoffStore.open(tmp_path / "queue.sqlite") as opened:
        yield opened


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Path]:
    """call(days ago): the folder of a call with sound."""

    def make(days: float, name: str = "c") -> Path:
        when = ago(days)
        with CallLog.open(tmp_path, f"{name}{days:g}", when) as log:
            log.record(0.0, CallStarted(f"{name}{days:g}", "desk", "text:", "en", "", "", when))
            log.record(0.0, Answered(when, "…123"))
            log.record(0.5, Say("greeting", "Hello SECRET words"))
            log.record(9.0, CallEnded(Outcome.ANSWERED, "", 9.0))
            log.recording.write_bytes(b"x" * 1_000)
            (log.folder / "call-back-1.wav").write_bytes(b"x" * 500)
        return log.folder

    return make


def enter(store: HandoffStore, days: float, *, settled: bool = True, call: str = "") -> int:
    request = HandoffRequest(
        call or f"h{days:g}{settled}",
        "desk",
        "bills",
        "+4930",
        "A bill",
        Reason.ASKED,
        ago(days).isoformat(),
        1.0,
        (Turn("caller", "SECRET words", 1.0),),
        (SlotValue("n", "12345", "SECRET", 0.9),),
    )
    number = store.enqueue(request)
    if settled:
        store.settle(number, "routed", now=ago(days))
    return number


def promise(store: HandoffStore, days: float, *, settled: bool = True, call: str = "p") -> int:
    made = ago(days).isoformat()
    number = store.promise(FollowUpRequest(call, "desk", "bills", FollowUpKind.TICKET, "x", made))
    if settled:
        store.follow_ups.settle(number, FollowUpStepKind.DONE, "", by="ann", now=ago(days))
    return number


def test_each_kind_by_itself(tmp_path: Path, store: HandoffStore, call: Callable[..., Path]) -> None:
    old, new = call(31), call(29)
    enter(store, 31), enter(store, 29), promise(store, 31), promise(store, 29)
    for keep, done in (
        (Keep(recordings=30), Pruned(recordings=1, size=1_500)),
        (Keep(transcripts=30), Pruned(transcripts=1)),
        (Keep(cases=30), Pruned(cases=1)),
        (Keep(follow_ups=30), Pruned(follow_ups=1)),
        (Keep(calls=30), Pruned(calls=1)),
    ):
        would = prune(tmp_path, store, keep, NOW, dry_run=True)
        found = prune(tmp_path, store, keep, NOW)
        assert would == found
        assert {name: getattr(found, name) for name in ("recordings", "transcripts", "calls", "cases")} == {
            name: getattr(done, name) for name in ("recordings", "transcripts", "calls", "cases")
        }
        assert found.follow_ups == done.follow_ups
        assert prune(tmp_path, store, keep, NOW).nothing
    assert not old.exists()
    assert (new / "recording.wav").exists() and (new / "events.jsonl").exists()
    assert len(store.follow_ups.find(settled=True)) == 1


def test_what_is_not_settled_stays(tmp_path: Path, store: HandoffStore) -> None:
    waits, owed = enter(store, 400, settled=False), enter(store, 400, call="owed")
    promised = promise(store, 400, settled=False, call="owed")
    assert prune(tmp_path, store, ALL, NOW).cases == 0
    assert store.get(waits).request.transcript and store.get(owed)
    assert store.follow_ups.get(promised)
    store.follow_ups.settle(promised, FollowUpStepKind.DONE, "", by="ann", now=NOW)
    assert prune(tmp_path, store, ALL, NOW) == Pruned(cases=1)  # the follow-up was settled just now


def test_the_figures_of_a_call_outlive_its_words(
    tmp_path: Path, store: HandoffStore, call: Callable[..., Path]
) -> None:
    folder, number = call(31), enter(store, 31)
    before = read_summary(folder)
    assert prune(tmp_path, store, Keep(transcripts=30), NOW).transcripts == 1
    after = read_summary(folder)
    assert (after.outcome, after.seconds, after.started) == (before.outcome, before.seconds, before.started)
    assert after.transcript == () and not (folder / "events.jsonl").exists()
    assert "SECRET" not in (folder / "summary.json").read_text("utf-8")
    case = store.get(number)
    assert (case.request.transcript, case.request.slots, case.request.want) == ((), (), "A bill")
    assert prune(tmp_path, store, Keep(transcripts=30), NOW).nothing


def test_deleted_words_are_not_left_in_the_file(tmp_path: Path, store: HandoffStore) -> None:
    for n in range(300):
        enter(store, 31, call=f"c{n}")
    assert forget_cases(store, ago(30)) == 300  # more than one transaction
    store.close()
    with closing(sqlite3.connect(tmp_path / "queue.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert database.execute("SELECT count(*) FROM steps").fetchone() == (0,)
    assert b"SECRET" not in (tmp_path / "queue.sqlite").read_bytes()


def test_stopped_in_the_middle_of_a_call(
    tmp_path: Path, store: HandoffStore, call: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    call(31, "a"), call(31, "b")
    real = shutil.rmtree

    def killed(path: Path, **_: object) -> None:
        next(iter(Path(path).iterdir())).unlink()  # a part of it
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        prune(tmp_path, store, ALL, NOW)
    (day,) = (tmp_path / "calls").iterdir()
    assert [path.name for path in day.iterdir() if not path.name.startswith(".gone-")] == ["b31"]
    monkeypatch.setattr("shutil.rmtree", real)
    assert prune(tmp_path, store, ALL, NOW).calls == 1
    assert not day.exists()


def test_stopped_between_the_summary_and_the_log(
    tmp_path: Path, store: HandoffStore, call: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = call(31)
    real = Path.unlink

    def killed(self: Path, missing_ok: bool = False) -> None:
        if self.name == "events.jsonl":
            raise KeyboardInterrupt
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        prune(tmp_path, store, Keep(transcripts=30), NOW)
    assert read_summary(folder).transcript == ()
    monkeypatch.setattr(Path, "unlink", real)
    assert prune(tmp_path, store, Keep(transcripts=30), NOW).transcripts == 1
    assert not (folder / "events.jsonl").exists()


def test_a_transaction_that_fails_leaves_whole_cases(
    store: HandoffStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = enter(store, 31)
    real = __import__("ivr.handoff.forgetting", fromlist=["delete"]).delete
    calls = []

    def fails(table: object) -> object:
        calls.append(table)
        if len(calls) == 2:
            raise StateError("no space left")
        return real(table)

    monkeypatch.setattr("ivr.handoff.forgetting.delete", fails)
    with pytest.raises(StateError):
        forget_cases(store, ago(30))
    assert [step.kind for step in store.history(number)] == [StepKind.ENTERED, StepKind.DONE]


def test_a_damaged_summary_is_named_and_the_others_go(
    tmp_path: Path, store: HandoffStore, call: Callable[..., Path]
) -> None:
    broken, fine = call(31, "a"), call(31, "b")
    (broken / "events.jsonl").unlink()
    (broken / "summary.json").write_text("{", encoding="utf-8")
    done = prune(tmp_path, store, Keep(transcripts=30), NOW)
    assert done.transcripts == 1
    assert len(done.failures) == 1
    assert json.loads((fine / "summary.json").read_text("utf-8"))["transcript"] == []


def test_how_it_is_told() -> None:
    assert str(Pruned()) == "nothing"
    assert str(Pruned(recordings=1, calls=2, follow_ups=1)) == "1 recording, 2 calls, 1 follow-up"
    assert not Keep()
    assert Keep(calls=0)


def test_a_step_of_a_case_that_is_deleted_is_none_any_more(store: HandoffStore) -> None:
    number = enter(store, 31)
    forget_cases(store, ago(30))
    later = enter(store, 1)
    assert later > number  # a number once told is never given to another
    assert store.advance(later, Step(StepKind.OFFERED, NOW, "ann")) is False


def test_what_other_programs_did_not_take_goes_with_the_cases(tmp_path: Path, store: HandoffStore) -> None:
    with Outbox.open(tmp_path / "w.sqlite") as outbox:
        old, new, waits = (
            outbox.put([Message("crm", "queue.ended", ago(days), {"caller": "+4930"})])[0]
            for days in (31, 29, 31)
        )
        outbox.bury(old, "HTTP 410"), outbox.bury(new, "HTTP 410")
        for dry_run in (True, False):
            done = prune(tmp_path, store, Keep(cases=30), NOW, outbox=outbox, dry_run=dry_run)
            assert (done.untold, str(done)) == (1, "1 webhook")
        assert [one.id for one in outbox.dead()] == [new]
        assert [one.id for one in outbox.waiting()] == [waits]
