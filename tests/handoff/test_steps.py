"""The steps of the floor in the store: each from where it may happen, once, and still there afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command

from ivr.database.dialect import open_sqlite, writing
from ivr.database.migrate import alembic_config
from ivr.errors import HandoffError, UnknownError
from ivr.handoff.queue import ALLOWED_FROM, LEADS_TO, SETTLED, State, Step, StepKind
from ivr.handoff.rows import Changes
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest

Make = Callable[..., HandoffRequest]


def test_a_call_back_from_beginning_to_end(tmp_path: Path, request_of: Make, noon: datetime) -> None:
    path, later = tmp_path / "queue.db", noon + timedelta(minutes=5)
    with HandoffStore.open(path) as store:
        number = store.enqueue(request_of("c1"))
        assert store.advance(number, Step(StepKind.CALL_BACK, noon, note="+49"), Changes(call_back="+49"))
        assert store.advance(number, Step(StepKind.OFFERED, noon, "ann"))
        assert store.advance(number, Step(StepKind.ACCEPTED, noon, "ann"), Changes(operator="ann"))
        missed = Changes(operator="", attempts=1, not_before=later)
        assert store.advance(number, Step(StepKind.NOT_REACHED, noon, "ann"), missed)
    with HandoffStore.open(path) as store:
        handoff = store.get(number)
        assert (handoff.state, handoff.call_back, handoff.attempts) == (State.WAITING, "+49", 1)
        assert handoff.not_before == later
        assert store.waiting(now=noon) == store.unsettled() == (handoff,)
        assert store.advance(number, Step(StepKind.ACCEPTED, later, "bob"), Changes(operator="bob"))
        assert store.advance(number, Step(StepKind.CONNECTED, later, "bob"))
        assert store.advance(number, Step(StepKind.ENDED, later, "bob"))
        assert store.unsettled()[0].state is State.WRAPPING_UP
        assert store.done(number, "reached", now=later).operator == "bob"
        assert store.unsettled() == ()
        assert [step.kind for step in store.history(number)][-2:] == [StepKind.ENDED, StepKind.DONE]


@pytest.mark.parametrize("kind", [kind for kind in StepKind if ALLOWED_FROM[kind]], ids=str)
def test_a_step_out_of_its_turn_changes_nothing(
    kind: StepKind, store: HandoffStore, request_of: Make, noon: datetime
) -> None:
    number = store.enqueue(request_of("c1"))
    assert store.advance(number, Step(StepKind.ABANDONED, noon))
    before = store.get(number), store.history(number)
    assert not store.advance(number, Step(kind, noon, "ann"), Changes(operator="ann"))
    assert (store.get(number), store.history(number)) == before
    with pytest.raises(HandoffError, match="is abandoned"):
        store.done(number, "x", now=noon)


def test_a_number_that_does_not_exist(store: HandoffStore, noon: datetime) -> None:
    with pytest.raises(UnknownError):
        store.advance(7, Step(StepKind.OFFERED, noon))


def test_every_state_is_reached_and_left() -> None:
    assert set(LEADS_TO.values()) == set(State)
    left = frozenset[State]().union(*ALLOWED_FROM.values())
    assert left == set(State) - SETTLED


def test_a_queue_of_the_first_version_is_brought_up_to_date(
    tmp_path: Path, request_of: Make, noon: datetime
) -> None:
    path = tmp_path / "queue.db"
    engine = open_sqlite(path)
    with writing(engine) as connection:
        config = alembic_config(HandoffStore.migrations)
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        texts = ("call_id", "desk", "queue", "caller", "want", "operator", "disposition", "notes")
        names = (*texts, "reason", "entered", "entered_local", "waited", "priority", "state")
        values = [
            *texts,
            "not understood",
            "2026-05-03 12:00:00",
            "2026-05-03T12:00:00+00:00",
            1.5,
            5,
            "waiting",
        ]
        lists = ("skills", "transcript", "slots", "tried")
        marks = ", ".join("?" for _ in (*names, *lists))
        database.execute(
            f"INSERT INTO handoffs ({', '.join((*names, *lists))}) VALUES ({marks})",  # noqa: S608
            [*values, *("[]" for _ in lists)],
        )
        database.commit()
    with HandoffStore.open(path) as store:
        (handoff,) = store.waiting(now=noon)
        assert (handoff.request.caller, handoff.call_back, handoff.attempts) == ("caller", "", 0)
        assert handoff.returned is False
