"""Real processes, really killed: what was told is true afterwards, and nothing happened twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from ivr.handoff.queue import LEADS_TO, StepKind
from ivr.handoff.store import HandoffStore

# Imports once, then forks; each child opens the store itself and tells what it was told, a short write each.
PROGRAM = """
import json, os, random, signal, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Turn

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
REQUEST = HandoffRequest("", "company", "q", "+49", "x", Reason.ASKED, NOON.isoformat(), 1.0,
                         (Turn("caller", "hello " * 50, 1.0),))

told, tells = os.pipe()

def tell(what, *more):
    os.write(1, (json.dumps([what, *more]) + "\\n").encode())
    os.write(tells, b".")

def enqueue(store, name):
    call = 0
    while True:
        call += 1
        tell("enqueued", f"{name}/{call}", store.enqueue(replace(REQUEST, call_id=f"{name}/{call}")))
        if call % 3 == 0:
            handoff = store.take(name, now=NOON)
            tell("taken", name, handoff.id)
            if call % 2 == 0:
                store.done(handoff.id, "settled", now=NOON)
                tell("done", name, handoff.id)

def take_most(store, name):
    # 60 of 200 each: whatever the scheduler does, all four have to take part.
    for _ in range(60):
        if (handoff := store.take(name, now=NOON)) is None:
            return
        tell("taken", name, handoff.id)

def child(path, name, work, ready):
    pid = os.fork()
    if pid:
        return pid
    try:
        os.read(ready, 1)
        with HandoffStore.open(path) as store:
            work(store, name)
    finally:
        os._exit(0 if sys.exc_info()[0] is None else 1)

"""


def run(program: str, *arguments: object) -> list[list[Any]]:
    """What the children told."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM + program, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stderr == b""
    return [json.loads(line) for line in ran.stdout.splitlines()]


KILLED = """
chance = random.Random(20260503)
for number in range(int(sys.argv[2])):
    path = Path(sys.argv[1]) / f"{number // 20}.db"  # every twentieth starts with the making of the tables
    ready, go = os.pipe()
    pid = child(path, f"child {number}", enqueue, ready)
    os.write(go, b"g")
    for _ in range(chance.randrange(12)):
        os.read(told, 1)
    time.sleep(chance.uniform(0.0, 0.01))
    os.kill(pid, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(pid, 0)[1]), "the child ended before it was killed"
    tell("killed", path.name, number)
    os.close(ready), os.close(go), os.close(told), os.close(tells)
    told, tells = os.pipe()
"""


def test_killed_at_any_moment(tmp_path: Path) -> None:
    told = run(KILLED, tmp_path, 60)
    rounds: list[list[list[Any]]] = [[]]
    databases: dict[str, list[list[Any]]] = {}
    for line in told:
        if line[0] == "killed":
            databases.setdefault(line[1], []).extend(rounds.pop())
            rounds.append([])
        else:
            rounds[-1].append(line)
    assert len(databases) == 3
    counts = Counter(line[0] for line in told)
    assert counts["enqueued"] > 100, counts
    assert counts["taken"] > 10, counts
    assert counts["done"] > 5, counts
    for name, lines in databases.items():
        check(tmp_path / name, lines)


def check(path: Path, lines: list[list[Any]]) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = database.execute("SELECT id, call_id, state, operator FROM handoffs").fetchall()
    assert max(Counter(row[1] for row in rows).values(), default=0) <= 1, "a call was enqueued twice"
    by_number = {row[0]: row for row in rows}
    for what, name, number in lines:
        if what == "enqueued":
            assert by_number[number][1] == name
        else:
            assert by_number[number][3] == name
            assert by_number[number][2] == "done" if what == "done" else by_number[number][2] != "waiting"
    taken = [number for what, _, number in lines if what == "taken"]
    assert len(taken) == len(set(taken)), "a handoff was given twice"
    with HandoffStore.open(path) as store:
        for number in by_number:
            kinds = [step.kind for step in store.history(number)]
            assert kinds == [StepKind.ENTERED, StepKind.TAKEN, StepKind.DONE][: len(kinds)]
            assert LEADS_TO[kinds[-1]] is store.get(number).state


RACE = """
path = Path(sys.argv[1])
with HandoffStore.open(path) as store:
    for number in range(int(sys.argv[2])):
        store.enqueue(replace(REQUEST, call_id=f"call {number}"))
ready, go = os.pipe()
children = [child(path, f"operator {number}", take_most, ready) for number in range(4)]
os.write(go, b"goes")
assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0, 0]
"""


def test_processes_that_take_from_one_line(tmp_path: Path, noon: datetime) -> None:
    count = 200
    told = run(RACE, tmp_path / "queue.db", count)
    assert sorted(number for _, _, number in told) == list(range(1, count + 1))
    assert len({name for _, name, _ in told}) == 4
    with HandoffStore.open(tmp_path / "queue.db") as store:
        assert store.waiting(now=noon) == ()
        assert all(store.get(number).operator == name for _, name, number in told)


SAME = """
ready, go = os.pipe()
def same(store, name):
    tell("enqueued", name, [store.enqueue(replace(REQUEST, call_id=f"call {n}")) for n in range(40)])
for attempt in range(3):
    path = Path(sys.argv[1]) / f"{attempt}.db"
    children = [child(path, f"{attempt} {number}", same, ready) for number in range(4)]
    os.write(go, b"goes")
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0, 0]
"""


def test_processes_that_make_the_queue_and_enqueue_the_same_calls(tmp_path: Path) -> None:
    told = run(SAME, tmp_path)
    assert len(told) == 12
    assert all(numbers == list(range(1, 41)) for _, _, numbers in told)
