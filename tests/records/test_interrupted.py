"""Real processes, really killed in the middle of calls."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ivr.events import Outcome
from ivr.records.layout import calls, days
from ivr.records.log import read_log, read_summary, recover
from ivr.records.running import is_running

# Imports once, then forks; each child holds calls of its own and tells what was recorded, a short write each.
PROGRAM = """
import json, os, random, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from ivr.events import CallEnded, CallStarted, HandedOff, NoInput, Outcome
from ivr.records.log import CallLog

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
STATE = Path(sys.argv[1])

told, tells = os.pipe()

def tell(*what):
    os.write(1, (json.dumps(what) + "\\n").encode())
    os.write(tells, b".")

def hold(name):
    call = 0
    while True:
        call += 1
        log = CallLog.open(STATE, f"{name}-{call}", NOON)
        tell("opened", log.folder.name, 0)
        for number in range(12):
            log.record(number, HandedOff(number, "q" * 200) if number % 4 == 0 else NoInput(number))
            tell("recorded", log.folder.name, number + 1)
        log.record(20, CallEnded(Outcome.ANSWERED, "", 20))
        log.close()
        tell("closed", log.folder.name, 13)

"""

KILLED = """
chance = random.Random(20260503)
for number in range(40):
    pid = os.fork()
    if not pid:
        try:
            hold(f"child{number}")
        finally:
            os._exit(1)
    for _ in range(chance.randrange(40)):
        os.read(told, 1)
    time.sleep(chance.uniform(0.0, 0.003))
    os.kill(pid, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(pid, 0)[1]), "the child ended before it was killed"
    os.close(told), os.close(tells)
    told, tells = os.pipe()
"""


def run(program: str, state: Path) -> list[list[Any]]:
    command = [sys.executable, "-W", "error", "-c", PROGRAM + program, str(state)]
    ran = subprocess.run(command, capture_output=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stderr == b""
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_killed_at_any_moment(tmp_path: Path) -> None:
    told: dict[str, tuple[str, int]] = {name: (what, count) for what, name, count in run(KILLED, tmp_path)}
    interrupted = {name for name, (what, _) in told.items() if what != "closed"}
    assert len(interrupted) > 10
    assert len(told) > len(interrupted), "no call was ever closed"
    recovered = recover(tmp_path)
    assert recovered.failures == ()
    assert {summary.call_id for summary in recovered.summaries} >= {
        name for name in interrupted if told[name][1] < 12
    }
    folders = {folder.name: folder for _, day in days(tmp_path) for folder in calls(day)}
    assert set(told) <= set(folders)
    for name, (what, count) in told.items():
        summary = read_summary(folders[name])
        log = read_log(folders[name])
        assert len(log.entries) >= count, "an event that was recorded is gone"
        assert log.broken == ()
        assert not (folders[name] / "running").exists()
        if what == "closed" or len(log.entries) == 13:
            assert summary.outcome is Outcome.ANSWERED
        else:
            assert (summary.outcome, summary.detail) == (Outcome.FAILED, "interrupted")
    assert recover(tmp_path).summaries == ()


HELD = """
log = CallLog.open(STATE, "held", NOON)
log.record(1, NoInput(1))
tell("opened", "held", 1)
sys.stdin.read()
"""


def test_a_call_held_by_another_process_is_left_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM + HELD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline()
        folder = tmp_path / "calls" / "2026-05-03" / "held"
        assert is_running(folder)
        assert recover(tmp_path).summaries == ()
        assert not (folder / "summary.json").exists()
        holder.kill()
        holder.wait()
        assert not is_running(folder)
        assert [summary.call_id for summary in recover(tmp_path).summaries] == ["held"]
