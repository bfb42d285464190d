"""``ivr`` as a process: signals, pipes, closed streams, terminals, and what is left after ``kill -9``."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import soundfile
from cli_helpers import (
    CALLS,
    ROOT,
    Run,
    command,
    heeds_ctrl_c,
    read_until,
    run_process,
    silent_caller,
    started,
)
from faults import tiny_disk

from ivr.records.log import read_log, read_summary

Ivr = Callable[..., Run]
SPEAKS = " s  desk "
"""What the line of a prompt holds, and the line before it, with the desk's name, does not."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_call_that_is_stopped_closes_its_records(
    environ: dict[str, str], work: Path, state: Path, number: signal.Signals
) -> None:
    silent_caller(work / "caller.wav", 20.0)
    args = ("--wav", "caller.wav", "--realtime", "--record", "call.wav", "--json", "events.jsonl")
    with started(environ, "call", "small", *args) as process:
        read_until(process, SPEAKS)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (128 + number, "stopped\n")
    assert out == "recording: call.wav\nevents: events.jsonl\n"
    assert soundfile.info(work / "call.wav").channels == 2
    (folder,) = (state / "calls").glob("*/*")
    assert read_summary(folder).detail == "interrupted"
    assert (work / "events.jsonl").read_bytes() == (folder / "events.jsonl").read_bytes()


def test_a_typed_call_is_stopped_while_it_waits(environ: dict[str, str]) -> None:
    with started(environ, "call", "small", "--text") as process:
        read_until(process, SPEAKS)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "stopped\n")
    assert process.returncode == 130


def test_a_background_job_that_ignores_ctrl_c_can_be_stopped(environ: dict[str, str]) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with started(environ, "call", "small", "--text", preexec_fn=ignore) as process:
        read_until(process, SPEAKS)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30) == ("", "stopped\n")
    assert process.returncode == 143


def test_after_a_kill_the_log_and_the_recording_are_there_and_the_next_run_completes_them(
    ivr: Ivr, environ: dict[str, str], work: Path, state: Path
) -> None:
    silent_caller(work / "caller.wav", 20.0)
    args = ("--wav", "caller.wav", "--realtime", "--record", "call.wav", "--json", "-")
    with started(environ, "call", "small", *args) as process:
        read_until(process, "PromptEnded")  # the greeting takes more than a second
        process.kill()
        process.wait(30)
    assert process.returncode == -signal.SIGKILL
    (folder,) = (state / "calls").glob("*/*")
    assert not (folder / "summary.json").exists()
    log = read_log(folder)
    assert [type(entry.event).__name__ for entry in log.entries][-1] == "PromptEnded" and not log.broken
    sound, rate = soundfile.read(work / "call.wav")
    assert len(sound) >= rate and abs(sound[:, 1]).max() > 0.05, "the desk's words are not in the recording"

    assert ivr("call", "small", "--text").status == 0
    summary = read_summary(folder)
    assert (summary.outcome, summary.detail) == ("failed", "interrupted")
    assert summary.transcript[0].text.startswith("Hello, this is the small desk.")


def test_the_reader_of_a_pipe_may_go_away(environ: dict[str, str], state: Path) -> None:
    """``| head -1``: no traceback, no complaint, and the call's record is closed."""
    with started(environ, "call", "small", "--text") as process:
        read_until(process, SPEAKS)
        assert process.stdout and process.stdin and process.stderr
        process.stdout.close()
        process.stdin.write("billing please\n")
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 141
    (folder,) = (state / "calls").glob("*/*")
    assert (folder / "summary.json").exists()


@pytest.mark.parametrize("args", [("models", "list"), ("models", "list", "--json")])
def test_a_list_whose_reader_is_gone(environ: dict[str, str], args: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command(*args),
            env=environ | {"PYTHONPATH": str(ROOT)},
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b"" and done.returncode in (1, 141)


def test_standard_output_on_a_full_disk(environ: dict[str, str]) -> None:
    for args in (("call", "small", "--text"), ("call", "small", "--text", "--json", "-")):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                command(*args),
                env=environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
        assert done.returncode == 2
        assert done.stderr.decode().splitlines()[-1] == (
            "error: standard output: cannot be written (No space left on device). "
            "Make room, or send it somewhere else"
        )
        assert b"Traceback" not in done.stderr


def test_streams_that_are_closed(environ: dict[str, str]) -> None:
    shell = " ".join(command("call", "small", "--text"))
    for closed, out in (("<&- 2>&-", "outcome: abandoned"), (">&- 2>&-", "")):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{shell} {closed}"],
            env=environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), closed
        assert out in done.stdout.splitlines()[-1] if out else done.stdout == ""


def test_a_locale_without_unicode(environ: dict[str, str]) -> None:
    poor = environ | {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    run = run_process(poor, "call", "small", "--text", "--json", "-", typed="café operator\n")
    assert run.status == 0
    heard = [event for line in run.out.splitlines() if (event := json.loads(line))["event"] == "Understood"]
    assert heard[0]["heard"]["hypotheses"][0]["text"] == "caf\ufffd\ufffd operator"
    assert r"caf\ufffd\ufffd operator" in run.err and run.err.isascii()


def test_no_colour_and_no_wrapping_in_a_pipe(environ: dict[str, str], work: Path) -> None:
    silent_caller(work / "caller.wav")
    deep = work / ("long-" * 30)
    deep.mkdir()
    args = ("--wav", "caller.wav", "--hang-up-after", "0", "--mode", "side", "--record", f"{deep}/call.wav")
    run = run_process(environ | {"COLUMNS": "40"}, "call", "small", *args)
    assert run.status == 0 and "\x1b" not in run.out
    assert f"recording: {deep}/call.wav" in run.out.splitlines()
    assert run.out.splitlines()[-1] == "outcome: abandoned (the caller hung up)"


def at_terminal(environ: dict[str, str], *args: str, types: tuple[str, ...] = ()) -> tuple[int, str]:
    """Status and screen of a run at a terminal; a text is typed at each prompt."""
    pid, terminal = pty.fork()
    if pid == 0:
        heeds_ctrl_c()
        os.execve(sys.executable, command(*args), environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"})
    screen = b""
    todo = list(types)
    quiet = 0
    with suppress(OSError):  # Linux says EIO when the other end is closed
        while True:
            if not select.select([terminal], [], [], 10.0)[0]:
                quiet += 1
                if quiet == 6:
                    break
                # A signal between readline's prompt and its wait for a key is seen at the next key only.
                if types and not todo and types[-1].endswith("\x03"):
                    os.write(terminal, b"\x03")
                continue
            if not (data := os.read(terminal, 4096)):
                break
            screen += data
            # The terminal library may set modes after its prompt, in the same read or in a later one.
            if todo and re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", screen).endswith(b"> "):
                os.write(terminal, todo.pop(0).encode())
    os.close(terminal)  # hangs up on whoever still runs
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def test_a_typed_call_at_a_terminal_has_a_prompt_and_does_not_say_words_twice(
    environ: dict[str, str],
) -> None:
    status, screen = at_terminal(environ, "call", "small", "--text", types=("when are you open\r", "\x04"))
    assert status == 0
    assert "Type what the caller says." in screen
    assert screen.count("when are you open") == 1
    assert "outcome: answered" in screen
    assert "\x1b[" in screen, "colours"


def test_ctrl_c_at_the_prompt(environ: dict[str, str]) -> None:
    status, screen = at_terminal(environ, "call", "small", "--text", types=("bill\x03",))
    assert (status, "stopped" in screen, "Traceback" in screen) == (130, True, False), screen


def test_no_color_is_respected(environ: dict[str, str]) -> None:
    status, screen = at_terminal(environ | {"NO_COLOR": "1"}, "check", "small")
    assert status == 0 and "\x1b[3" not in screen


# --- disks ---------------------------------------------------------------------------------------------


def test_a_disk_without_space_for_the_state(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    with tiny_disk(16) as disk:
        monkeypatch.setenv("IVR_STATE", str(disk / "state"))
        (disk / "fill").write_bytes(b"")
        with suppress(OSError):
            (disk / "fill").write_bytes(bytes(1 << 20))
        for args in (("call", "small", "--text"), ("queue", "list")):
            error = ivr(*args).error
            assert error.startswith(str(disk)) and "no space left on the disk" in error


def test_a_disk_that_is_full_when_the_call_ends(environ: dict[str, str]) -> None:
    with tiny_disk(600) as disk:
        environ["IVR_STATE"] = str(disk / "state")
        with started(environ, "call", "small", "--text") as process:
            read_until(process, SPEAKS)
            with suppress(OSError), (disk / "fill").open("wb", buffering=0) as fill:
                while True:
                    for size in (65_536, 4_096, 1):
                        while fill.write(bytes(size)) == size:
                            pass
            out, err = process.communicate("operator\n", timeout=60)
        assert process.returncode == 1
        assert out.splitlines()[-1].startswith("outcome: failed")
        assert out.count("no space left on the disk") == 1
        assert err.startswith(f"error: {disk}") and "summary.json: no space left on the disk" in err
        (disk / "fill").unlink()
        assert run_process(environ, "call", "small", "--text").status == 0
        folders = list((disk / "state" / "calls").glob("*/*"))
        assert len(folders) == 2 and all((folder / "summary.json").exists() for folder in folders)


def test_a_recording_that_fills_the_disk(ivr: Ivr) -> None:
    with tiny_disk(64) as disk:
        run = ivr("call", "small", "--wav", CALLS / "billing-plain" / "1.wav", "--record", disk / "call.wav")
        assert run.status == 1
        assert run.err == (
            f"error: {disk}/call.wav: the recording cannot be written (No space left on device). "
            "Make room, or record into a folder that exists and may be written; the call goes on\n"
        )
        assert run.out.splitlines()[-1] == "outcome: routed (billing)"
        assert soundfile.info(str(disk / "call.wav")).channels == 2


def test_a_disk_that_may_only_be_read(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    with tiny_disk(600) as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        bill = CALLS / "billing-plain" / "1.wav"
        for option in ("--record", "--json"):
            assert ivr("call", "small", "--wav", bill, option, disk / "x").error == (
                f"{disk}/x: may not be written. Give a file in a folder of yours"
            )
        monkeypatch.setenv("IVR_STATE", str(disk / "state"))
        assert "may not be written. Let this user write there" in ivr("call", "small", "--text").error
