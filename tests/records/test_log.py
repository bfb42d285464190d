from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from faults import largest_file, tiny_disk, without_rights
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ivr.records.log
from ivr.errors import StateError
from ivr.events import CallEnded, HandedOff, HungUp, NoInput, Outcome, Say, Trouble
from ivr.records.encode import Entry, to_line
from ivr.records.log import CallLog, LogFile, Recovered, read_log, read_summary, recover
from ivr.records.running import is_marked, is_running
from ivr.records.summary import Summary

SLOW_FIXTURE = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def log(tmp_path: Path, when: datetime) -> Iterator[CallLog]:
    with CallLog.open(tmp_path / "state", "call-1", when) as opened:
        yield opened


def fill(log: CallLog, entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        log.record(entry.t, entry.event)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def leave_as_killed(log: CallLog) -> None:
    """What a SIGKILL leaves: the files as they are, the lock gone."""
    os.close(log._file)
    log._file = -1
    log._lock.release()
    log._summary = Summary("", "", "", "", datetime.min, 0.0, Outcome.FAILED, "")


def test_a_call_is_kept_in_its_folder(log: CallLog, tmp_path: Path, whole_call: tuple[Entry, ...]) -> None:
    assert log.folder == tmp_path / "state" / "calls" / "2026-05-03" / "call-1"
    assert log.recording == log.folder / "recording.wav"
    assert is_running(log.folder)
    fill(log, whole_call)
    summary = log.close()
    assert not is_marked(log.folder)
    assert files(log.folder) == {"events.jsonl", "summary.json"}
    assert read_log(log.folder) == LogFile(whole_call)
    assert read_summary(log.folder) == summary == log.close()
    assert (summary.outcome, summary.handoff_id, summary.recording) == (Outcome.HANDED_OFF, 7, "")
    assert log.failure is None
    assert recover(tmp_path / "state").summaries == ()


def test_every_event_is_in_the_file_at_once(log: CallLog, whole_call: tuple[Entry, ...]) -> None:
    for count, entry in enumerate(whole_call, 1):
        log.record(entry.t, entry.event)
        assert read_log(log.folder).entries == whole_call[:count]


def test_handoff_and_end_are_synced(
    log: CallLog, whole_call: tuple[Entry, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    written = 0
    expected = []
    for entry in whole_call:
        log.record(entry.t, entry.event)
        written += len(to_line(entry.t, entry.event))
        if isinstance(entry.event, HandedOff | CallEnded):
            expected.append(written)
    assert len(expected) == 2
    assert synced == expected


def test_a_recording_is_named(log: CallLog, whole_call: tuple[Entry, ...]) -> None:
    log.recording.write_bytes(b"RIFF")
    fill(log, whole_call)
    assert log.close().recording == "recording.wav"


def test_only_this_user_may_read(log: CallLog, tmp_path: Path, whole_call: tuple[Entry, ...]) -> None:
    fill(log, whole_call)
    assert stat.S_IMODE((log.folder / "running").stat().st_mode) == 0o600
    log.close()
    modes = {
        path: stat.S_IMODE(path.stat().st_mode)
        for path in [tmp_path / "state", *tmp_path.rglob("state/**/*")]
    }
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_a_call_without_an_end_failed(log: CallLog, whole_call: tuple[Entry, ...]) -> None:
    fill(log, whole_call[:5])
    summary = log.close()
    assert (summary.outcome, summary.detail) == (Outcome.FAILED, "interrupted")


def test_an_id_is_used_once(log: CallLog, tmp_path: Path, when: datetime) -> None:
    with pytest.raises(StateError, match=r"call-1: there is a record of this call already"):
        CallLog.open(tmp_path / "state", "call-1", when)
    assert is_running(log.folder)


@pytest.mark.parametrize(
    "wrong", ["", ".", "..", "a/b", "../x", "a\0", "a b", "-x", ".hidden", "ä", "x" * 129, "a\n"]
)
def test_an_id_that_could_leave_the_folder(tmp_path: Path, when: datetime, wrong: str) -> None:
    with pytest.raises(ValueError, match="cannot name a folder"):
        CallLog.open(tmp_path, wrong, when)
    assert files(tmp_path) == set()


def test_a_wrong_value_in_an_event_does_not_raise(log: CallLog) -> None:
    log.record(1.0, NoInput(2.0))
    log.record(2.0, NoInput("soon"))  # type: ignore[arg-type]
    log.record(float("nan"), HungUp())
    log.record(3.0, HungUp())
    kept = read_log(log.folder).entries
    assert kept[0] == Entry(1.0, NoInput(2.0))
    assert [type(entry.event) for entry in kept[1:]] == [Trouble, Trouble, HungUp]
    assert isinstance(kept[1].event, Trouble)
    assert kept[1].event.what.startswith("NoInput could not be written")


def test_a_record_after_the_close_is_harmless(log: CallLog, whole_call: tuple[Entry, ...]) -> None:
    fill(log, whole_call)
    summary = log.close()
    with (log.folder / "other").open("wb"):  # gets the number of the file that was closed
        log.record(20.0, HungUp())
    assert (log.folder / "other").read_bytes() == b""
    assert read_log(log.folder).entries == whole_call
    assert log.close() == summary


# --- disks and rights ---------------------------------------------------------------------------------


def test_a_disk_that_is_full_for_a_while(log: CallLog) -> None:
    events = [Say("p", "word " * 50) for _ in range(12)]
    with largest_file(1_000):
        for index, event in enumerate(events[:8]):
            log.record(index, event)
    assert "no space left on the disk" in str(log.failure)
    assert str(log.failure).startswith(str(log.folder / "events.jsonl"))
    held = read_log(log.folder)
    assert (held.broken, held.torn) == ((), False)
    assert [entry.event for entry in held.entries] == events[: len(held.entries)]
    assert 0 < len(held.entries) < 8
    for index, event in enumerate(events[8:], 8):
        log.record(index, event)
    assert [entry.event for entry in read_log(log.folder).entries] == events


def test_a_full_disk_at_the_end(when: datetime, whole_call: tuple[Entry, ...]) -> None:
    with tiny_disk(40) as disk:
        log = CallLog.open(disk, "call-1", when)
        fill(log, whole_call[:-1])
        (disk / "filler").write_bytes(b"")
        with (disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 256) == 256 and os.statvfs(disk).f_bavail:
                pass
        with pytest.raises(StateError, match="no space left on the disk"):
            log.close()
        assert files(log.folder) == {"events.jsonl", "running"}
        (disk / "filler").unlink()
        recovered = recover(disk)
        assert [summary.call_id for summary in recovered.summaries] == ["call-1"]
        assert files(log.folder) == {"events.jsonl", "summary.json"}
        assert log.close() == recovered.summaries[0]


@pytest.mark.parametrize("room", range(1, 7))
def test_no_room_for_a_new_call(when: datetime, room: int) -> None:
    with tiny_disk(40, files=1 + room) as disk:
        try:
            # state, calls, day, call, running, events: what fits is one file more each time
            CallLog.open(disk / "state", "call-1", when).close()
        except StateError as error:
            assert "no space left on the disk" in str(error)
        else:
            pytest.fail("there was room")
        assert not list(disk.glob("state/calls/*/*/summary.json"))
        if room < 6:
            assert not list(disk.glob("state/calls/*/*"))


def test_a_folder_that_may_not_be_written(when: datetime) -> None:
    with without_rights() as folder:
        folder.chmod(0o500)
        with pytest.raises(StateError, match="may not be written"):
            CallLog.open(folder, "call-1", when)
        folder.chmod(0o700)
        day = folder / "calls" / "2026-05-03"
        CallLog.open(folder, "call-1", when).close()
        day.chmod(0o500)
        with pytest.raises(StateError, match="may not be written"):
            CallLog.open(folder, "call-2", when)
        day.chmod(0o000)
        with pytest.raises(StateError, match="may not be written"):
            recover(folder)


def test_a_file_in_place_of_the_folder(tmp_path: Path, when: datetime) -> None:
    (tmp_path / "calls").write_text("")
    with pytest.raises(StateError, match="a file is where a folder is needed"):
        CallLog.open(tmp_path, "call-1", when)
    with pytest.raises(StateError, match="a file is where a folder is needed"):
        recover(tmp_path)


# --- what is left of a call whose process died --------------------------------------------------------


def test_recover_completes_what_a_dead_process_left(
    tmp_path: Path, when: datetime, whole_call: tuple[Entry, ...]
) -> None:
    dead, ended, running = (CallLog.open(tmp_path, name, when) for name in ("dead", "ended", "running"))
    fill(dead, whole_call[1:15])
    with (dead.folder / "events.jsonl").open("ab") as torn:
        torn.write(b'{"t": 12.5, "event": "Under')
    fill(ended, whole_call)
    fill(running, whole_call[:5])
    leave_as_killed(dead)
    leave_as_killed(ended)
    before = (dead.folder / "events.jsonl").read_bytes()
    recovered = recover(tmp_path)
    assert recovered.failures == ()
    first, second = recovered.summaries
    assert (first.call_id, first.outcome, first.detail) == ("dead", Outcome.FAILED, "interrupted")
    assert first.started.isoformat() == "2026-05-03T00:00:00+00:00"
    assert first.seconds == 11.0
    assert second.outcome is Outcome.HANDED_OFF
    assert files(dead.folder) == {"events.jsonl", "summary.json"}
    assert read_summary(dead.folder) == first
    assert (dead.folder / "events.jsonl").read_bytes() == before
    assert files(running.folder) == {"events.jsonl", "running"}
    assert is_running(running.folder)
    assert recover(tmp_path).summaries == ()
    fill(running, whole_call[5:])
    assert running.close().outcome is Outcome.HANDED_OFF


def test_recover_leaves_a_call_about_to_begin(tmp_path: Path) -> None:
    folder = tmp_path / "calls" / "2026-05-03" / "call-1"
    folder.mkdir(parents=True)
    (folder / "running").touch()
    assert recover(tmp_path) == Recovered((), ())
    assert files(folder) == {"running"}


def test_recover_keeps_the_summary_of_a_call_that_died_after_writing_it(
    tmp_path: Path, when: datetime, whole_call: tuple[Entry, ...]
) -> None:
    log = CallLog.open(tmp_path, "call-1", when)
    fill(log, whole_call)
    (log.folder / "summary.json").write_text("{}")
    leave_as_killed(log)
    assert recover(tmp_path).summaries == ()
    assert (log.folder / "summary.json").read_text() == "{}"
    assert not is_marked(log.folder)


def test_one_folder_that_cannot_be_mended_does_not_keep_the_others(tmp_path: Path, when: datetime) -> None:
    for name in ("a", "b"):
        log = CallLog.open(tmp_path, name, when)
        leave_as_killed(log)
    broken = tmp_path / "calls" / "2026-05-03" / "a"
    (broken / "events.jsonl").unlink()
    (broken / "events.jsonl").mkdir()
    recovered = recover(tmp_path)
    assert [summary.call_id for summary in recovered.summaries] == ["b"]
    assert [failure.place for failure in recovered.failures] == [str(broken / "events.jsonl")]
    assert is_marked(broken)


def test_other_things_in_the_folder_of_calls(tmp_path: Path) -> None:
    for name in ("calls/notes", "calls/2026-13-01/x", "calls/2026-05-03/.part", "elsewhere/call"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "calls" / "2026-05-04").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "call" / "running").touch()
    (tmp_path / "elsewhere" / "call" / "events.jsonl").touch()
    assert recover(tmp_path).summaries == ()
    assert files(tmp_path / "elsewhere" / "call") == {"running", "events.jsonl"}
    assert recover(tmp_path / "nothing") == recover(tmp_path)


# --- reading damaged logs -----------------------------------------------------------------------------


def write_log(folder: Path, data: bytes) -> Path:
    (folder / "events.jsonl").write_bytes(data)
    return folder


def lines_of(entries: tuple[Entry, ...]) -> bytes:
    return b"".join(to_line(entry.t, entry.event) for entry in entries)


def test_a_log_cut_off_anywhere(tmp_path: Path, whole_call: tuple[Entry, ...]) -> None:
    whole = lines_of(whole_call)
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(0, len(whole) + 1, 7):
        read = read_log(write_log(tmp_path, whole[:size]))
        complete = sum(end - 1 <= size for end in ends)
        assert read.entries == whole_call[:complete]
        assert read.broken == ()
        assert read.torn == (size not in {0, *ends, *(end - 1 for end in ends)})


def test_broken_lines_are_counted_and_passed_over(tmp_path: Path, whole_call: tuple[Entry, ...]) -> None:
    lines = lines_of(whole_call).splitlines(keepends=True)
    lines[2:2] = [b"\n", b"\xff\xfe\n", b'{"t": 1}\n']
    read = read_log(write_log(tmp_path, b"".join(lines) + b"garbage\n"))
    assert read == LogFile(whole_call, (3, 4, 5, len(lines) + 1), False)


def test_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivr.records.log, "LONGEST_LINE", 100)
    good = to_line(1.0, HungUp())
    for length in (99, 100, 101, 250, 300):
        data = good + b"x" * length + b"\n" + good
        assert read_log(write_log(tmp_path, data)) == LogFile((Entry(1.0, HungUp()),) * 2, (2,), False)
        assert read_log(write_log(tmp_path, good + b"x" * length)) == LogFile(
            (Entry(1.0, HungUp()),), (), True
        )
    too_long = to_line(1.0, Say("p", "x" * 100))
    assert read_log(write_log(tmp_path, too_long + good)).broken == (1,)


@given(st.lists(st.tuples(st.integers(0, 10**5), st.binary(min_size=1, max_size=30)), max_size=5), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_FIXTURE)
def test_broken_bytes(
    tmp_path: Path, whole_call: tuple[Entry, ...], damage: list[tuple[int, bytes]], data: Any
) -> None:
    log = bytearray(lines_of(whole_call))
    touched = set()
    for at, junk in damage:
        junk = junk.replace(b"\n", b" ")
        at %= len(log) - len(junk)
        for offset, byte in enumerate(junk, at):
            if log[offset] != ord("\n"):
                touched.add(log[:offset].count(b"\n"))
                log[offset] = byte
    read = read_log(write_log(tmp_path, bytes(log)))
    assert {number - 1 for number in read.broken} <= touched
    assert not read.torn
    intact = [entry for index, entry in enumerate(whole_call) if index not in touched]
    assert [entry for entry in read.entries if entry in intact] == intact
    size = data.draw(st.integers(0, len(log)))
    assert len(read_log(write_log(tmp_path, bytes(log[:size]))).entries) <= len(whole_call)


@given(st.binary(max_size=300))
@settings(suppress_health_check=SLOW_FIXTURE, deadline=None)
def test_any_bytes(tmp_path: Path, junk: bytes) -> None:
    read = read_log(write_log(tmp_path, junk))
    assert read.entries == ()
    lines = junk.split(b"\n")
    assert len(read.broken) + read.torn == len(lines) - (lines[-1] == b"")


def test_no_log(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"events\.jsonl: "):
        read_log(tmp_path)


@pytest.mark.parametrize("data", [None, b"", b"{", b"\xff", b"{}", b"[]", b"[" * 100_000])
def test_a_damaged_summary(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "summary.json").write_bytes(data)
    with pytest.raises(StateError, match=r"summary\.json: "):
        read_summary(tmp_path)


def test_a_summary_with_broken_characters(log: CallLog) -> None:
    log.record(0.0, Say("p", "half \ud800"))
    summary = log.close()
    assert summary.transcript[0].text == "half \ud800"
    assert read_summary(log.folder).transcript[0].text == "half ?"
    assert "\ud800" in json.loads((log.folder / "events.jsonl").read_bytes())["text"]
