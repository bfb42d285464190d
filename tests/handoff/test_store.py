from __future__ import annotations

import itertools
import sqlite3
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.errors import ConfigError, HandoffError, UnknownError
from ivr.handoff.queue import Handoff, State, Step, StepKind
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Turn
from ivr.meaning import SlotValue

Make = Callable[..., HandoffRequest]


def ids(found: tuple[Handoff, ...]) -> list[int]:
    return [handoff.id for handoff in found]


def test_what_is_enqueued_comes_back_whole(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    request = request_of("c1", entered="2026-05-03T14:00:00+02:00")
    number = store.enqueue(request)
    handoff = store.get(number)
    assert handoff == Handoff(number, request, noon, State.WAITING)
    assert handoff.entered.utcoffset() == timedelta(0)
    assert store.waiting(now=noon) == (handoff,)
    assert store.history(number) == (Step(StepKind.ENTERED, noon, note="not understood"),)


def test_what_becomes_known_later(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    number = store.enqueue(request_of("c1"))
    more = request_of("c1", after=9, queue="danger", want="EMERGENCY", priority=0, reason=Reason.EMERGENCY)
    store.update(number, more)
    kept = store.get(number).request
    assert (kept.queue, kept.want, kept.priority, kept.reason) == ("danger", "EMERGENCY", 0, Reason.EMERGENCY)
    assert kept.entered == request_of("c1").entered  # nobody loses their place
    store.update(number, replace(more, priority=5))
    assert store.get(number).request.priority == 0
    store.take("anna", now=noon)
    store.update(number, replace(more, queue="billing", want="more"))
    assert (store.get(number).request.queue, store.get(number).request.want) == ("danger", "more")
    with pytest.raises(UnknownError):
        store.update(99, more)


def test_settled_without_anybody(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    number, taken = store.enqueue(request_of("c1")), store.enqueue(request_of("c2"))
    store.take("anna", now=noon, handoff_id=taken)
    for one in (number, taken):
        store.settle(one, "security", now=noon)
    assert (store.get(number).state, store.get(number).disposition) == (State.DONE, "security")
    assert store.get(taken).state is State.TAKEN


def test_the_way_of_a_handoff(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    number = store.enqueue(request_of("c1"))
    later = noon + timedelta(minutes=1)
    taken = store.take("anna", now=later)
    assert taken is not None
    assert (taken.id, taken.state, taken.operator) == (number, State.TAKEN, "anna")
    assert store.waiting(now=later) == ()
    assert store.taken() == (taken,)
    assert store.taken("sales") == ()
    done = store.done(number, "settled", "sent a copy", now=later + timedelta(minutes=5))
    assert (done.state, done.operator) == (State.DONE, "anna")
    assert (done.disposition, done.notes) == ("settled", "sent a copy")
    assert store.get(number) == done
    assert store.taken() == ()
    assert store.history(number) == (
        Step(StepKind.ENTERED, noon, "", "not understood"),
        Step(StepKind.TAKEN, later, "anna"),
        Step(StepKind.DONE, later + timedelta(minutes=5), "anna", "settled"),
    )


def test_everything_is_there_after_opening_again(tmp_path: Path, request_of: Make, noon: datetime) -> None:
    path = tmp_path / "queue.db"
    with HandoffStore.open(path) as store:
        for name in ("c1", "c2", "c3"):
            store.enqueue(request_of(name))
        store.take("anna", now=noon)
        before = [store.get(number) for number in (1, 2, 3)]
    with HandoffStore.open(path) as store:
        assert [store.get(number) for number in (1, 2, 3)] == before
        assert ids(store.waiting(now=noon)) == [2, 3]


def test_the_line_is_in_queue_order(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    store.enqueue(request_of("late", after=20))
    store.enqueue(request_of("early", after=-20))
    store.enqueue(request_of("urgent", after=30, priority=0))
    store.enqueue(request_of("sales", after=-90, queue="sales"))
    now = noon + timedelta(minutes=1)
    assert [h.request.call_id for h in store.waiting(now=now)] == ["urgent", "sales", "early", "late"]
    assert [h.request.call_id for h in store.waiting("billing", now=now)] == ["urgent", "early", "late"]
    order = [store.take("anna", now=now, queue="billing") for _ in range(4)]
    assert [h and h.request.call_id for h in order] == ["urgent", "early", "late", None]


def test_a_retried_enqueue_makes_no_second_one(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    number = store.enqueue(request_of("c1"))
    # the same moment, written for another place
    assert store.enqueue(request_of("c1", entered="2026-05-03T08:00:00-04:00", want="other words")) == number
    store.take("anna", now=noon)
    assert store.enqueue(request_of("c1")) == number
    assert store.get(number).state is State.TAKEN
    assert len(store.history(number)) == 2
    others = [request_of("c1", after=1), request_of("c2"), request_of("c1", queue="sales")]
    assert sorted(store.enqueue(other) for other in others) == [number + 1, number + 2, number + 3]


def test_a_moment_without_offset_is_refused(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    naive = datetime(2026, 5, 3, 12)
    number = store.enqueue(request_of("c1"))
    for wrong in (
        lambda: store.enqueue(request_of("c2", entered="2026-05-03T12:00:00")),
        lambda: store.take("anna", now=naive),
        lambda: store.done(number, "settled", now=naive),
    ):
        with pytest.raises(ValueError, match="has no offset"):
            wrong()
    assert ids(store.waiting(now=noon)) == [number]


def test_take_by_number_skills_and_queue(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    store.enqueue(request_of("c1", skills=("billing", "french")))
    store.enqueue(request_of("c2", after=1, skills=()))
    assert store.take("anna", now=noon, handoff_id=1, queue="sales") is None
    assert store.take("anna", now=noon, handoff_id=1, skills={"billing"}) is None
    second = store.take("anna", now=noon, skills={"billing"})
    assert second is not None
    assert second.id == 2
    assert store.take("bob", now=noon, handoff_id=2) is None
    first = store.take("bob", now=noon, handoff_id=1, queue="billing", skills={"french", "billing", "x"})
    assert first is not None
    assert first.operator == "bob"


@pytest.mark.parametrize("number", [0, -1, 2, 2**63, 10**30])
def test_a_number_that_does_not_exist(
    store: HandoffStore, request_of: Make, noon: datetime, number: int
) -> None:
    store.enqueue(request_of("c1"))
    for call in (
        lambda: store.get(number),
        lambda: store.history(number),
        lambda: store.take("anna", now=noon, handoff_id=number),
        lambda: store.done(number, "settled", now=noon),
    ):
        with pytest.raises(
            UnknownError, match=rf"handoff {number}: there is no such handoff. ivr queue list"
        ):
            call()
    assert ids(store.waiting(now=noon)) == [1]


def test_done_needs_somebody_who_took_it(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    number = store.enqueue(request_of("c1"))
    with pytest.raises(HandoffError, match=r"handoff 1: nobody has taken it\. ivr queue take 1"):
        store.done(number, "settled", now=noon)
    assert store.get(number).state is State.WAITING
    store.take("anna", now=noon)
    once = store.done(number, "settled", "a", now=noon)
    assert store.done(number, "settled", "a", now=noon + timedelta(hours=1)) == once
    with pytest.raises(HandoffError, match="is already done by anna: settled"):
        store.done(number, "no answer", now=noon)
    assert store.get(number) == once
    assert len(store.history(number)) == 3


@pytest.mark.parametrize("nobody", ["", " \t"])
def test_nobody_cannot_take(store: HandoffStore, request_of: Make, noon: datetime, nobody: str) -> None:
    store.enqueue(request_of("c1"))
    with pytest.raises(HandoffError, match="no operator is named"):
        store.take(nobody, now=noon)
    assert ids(store.waiting(now=noon)) == [1]


def test_numbers_are_never_used_again(store: HandoffStore, request_of: Make, tmp_path: Path) -> None:
    store.enqueue(request_of("c1"))
    last = store.enqueue(request_of("c2"))
    with sqlite3.connect(tmp_path / "state" / "queue.db") as other:
        other.execute("DELETE FROM steps")
        other.execute("DELETE FROM handoffs")
    other.close()
    assert store.enqueue(request_of("c3")) == last + 1


def test_one_winner_among_threads(store: HandoffStore, request_of: Make, noon: datetime) -> None:
    count, operators = 40, 6
    for index in range(count):
        store.enqueue(request_of(f"c{index}"))
    together = threading.Barrier(operators)

    def race(name: str) -> list[int]:
        won = []
        for number in range(1, count + 1):
            together.wait()
            if store.take(name, now=noon, handoff_id=number) is not None:
                won.append(number)
        return won

    with ThreadPoolExecutor(operators) as pool:
        wins = list(pool.map(race, [f"operator {n}" for n in range(operators)]))
    assert sorted(number for won in wins for number in won) == list(range(1, count + 1))
    for index, won in enumerate(wins):
        assert all(store.get(number).operator == f"operator {index}" for number in won)
    assert all(len(store.history(number)) == 2 for number in range(1, count + 1))


def test_settings_that_make_a_commit_last(store: HandoffStore) -> None:
    with store._engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_files_are_for_this_user_alone(store: HandoffStore, request_of: Make, tmp_path: Path) -> None:
    store.enqueue(request_of("c1"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert {"queue.db", "queue.db-wal", "queue.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_broken_characters_and_scores_lose_nobody(store: HandoffStore, request_of: Make) -> None:
    score = np.float32(0.5)
    request = request_of(
        "c\udcff",
        caller="nul\0 lone \ud800",
        waited=float("nan"),
        transcript=(Turn("caller", "\udc80", float("inf"), score),),
        tried=("a\0b",),
    )
    number = store.enqueue(request)
    kept = store.get(number).request
    assert (kept.call_id, kept.caller, kept.waited) == ("c?", "nul\ufffd lone ?", 0.0)
    assert kept.transcript == (Turn("caller", "?", 0.0, 0.5),)
    assert kept.tried == ("a\ufffdb",)
    assert store.enqueue(request) == number


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
chance = st.floats(0, 1)
requests = st.builds(
    HandoffRequest,
    call_id=words,
    desk=words,
    queue=words,
    caller=words,
    want=words,
    reason=st.sampled_from(Reason),
    entered=st.datetimes(
        datetime(1970, 1, 2),
        datetime(2100, 1, 1),
        timezones=st.timezones(),
    ).map(datetime.isoformat),
    waited=st.floats(0, 1e6),
    transcript=st.lists(st.builds(Turn, words, words, chance, chance), max_size=3).map(tuple),
    slots=st.lists(st.builds(SlotValue, words, words, words, chance), max_size=3).map(tuple),
    skills=st.lists(words, max_size=3).map(tuple),
    priority=st.integers(0, 9),
    tried=st.lists(words, max_size=3).map(tuple),
)

serial = itertools.count()


@given(requests)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_request_comes_back_whole(store: HandoffStore, request: HandoffRequest) -> None:
    request = replace(request, call_id=f"{next(serial)} {request.call_id}")
    number = store.enqueue(request)
    assert store.get(number).request == request
    assert store.get(number).entered == datetime.fromisoformat(request.entered)
    assert store.enqueue(request) == number


def test_a_url_that_is_none_is_refused_without_telling_its_password() -> None:
    for url in ("nonsense", "nosuchdb://ivr:secret@host/ivr"):
        with pytest.raises(ConfigError, match=r"^database URL: cannot be used") as caught:
            HandoffStore.connect(url)
        assert "secret" not in str(caught.value)
