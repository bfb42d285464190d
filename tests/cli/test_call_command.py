"""``ivr call``: what is shown and kept of a call, and what bad input says."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import soundfile
from cli_helpers import CALLS, Run, files_under, silent_caller

from ivr.cli.call import several
from ivr.handoff.store import HandoffStore
from ivr.media.wav import write_wav
from ivr.records.encode import from_line

Ivr = Callable[..., Run]
BILL = CALLS / "billing-plain" / "1.wav"


def test_a_typed_call(ivr: Ivr, state: Path) -> None:
    run = ivr("call", "small", "--text", typed="when are you open\nbilling please\n")
    lines = run.out.splitlines()
    assert (run.status, run.err) == (0, "")
    assert lines[0] == "Small desk  text:"
    assert lines[1].endswith("s  desk    Hello, this is the small desk. What can I do for you today?")
    assert any(line.endswith("s  caller  when are you open") for line in lines)
    assert lines[-1] == "outcome: routed (billing)"
    assert {Path(name).name for name in files_under(state / "calls")} == {"events.jsonl", "summary.json"}


def test_a_call_over_recordings_is_heard_recorded_and_written_down(ivr: Ivr, work: Path) -> None:
    run = ivr("call", "small", "--wav", BILL, "--record", "call.wav", "--json", "events.jsonl")
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines()[-3:] == [
        "recording: call.wav",
        "events: events.jsonl",
        "outcome: routed (billing)",
    ]
    assert "question about my" in run.out and "caller waited" in run.out
    sound, rate = soundfile.read(work / "call.wav")
    assert rate == 8000 and sound.shape[1] == 2 and abs(sound).max(axis=0).min() > 0.05
    entries = [from_line(line) for line in (work / "events.jsonl").read_bytes().splitlines()]
    assert type(entries[0].event).__name__ == "CallStarted"
    assert type(entries[-1].event).__name__ == "CallEnded"
    assert [entry.t for entry in entries] == sorted(entry.t for entry in entries)
    assert len(sound) / rate == pytest.approx(entries[-1].t, abs=0.1)


def test_several_files_are_turns_in_their_order(ivr: Ivr) -> None:
    run = ivr("call", "small", "--wav", "keys:7", BILL, "--at", "2026-11-24T10:15", "--json", "-")
    assert (run.status, run.err.splitlines()[-1]) == (0, "outcome: routed (billing)")
    events = [json.loads(line) for line in run.out.splitlines()]
    pressed = next(event["t"] for event in events if event["event"] == "KeyPressed")
    heard = next(event["t"] for event in events if event["event"] == "Understood")
    assert pressed < heard
    assert events[0]["when"].startswith("2026-11-24T10:15:00")


def test_a_caller_who_says_nothing_and_leaves(ivr: Ivr, tmp_path: Path) -> None:
    nothing = silent_caller(tmp_path / "nothing.wav")
    run = ivr("call", "small", "--wav", nothing, "--hang-up-after", "0.5", "--mode", "side")
    assert (run.status, run.out.splitlines()[-1]) == (0, "outcome: abandoned (the caller hung up)")


def test_json_to_standard_output_is_nothing_but_events(ivr: Ivr) -> None:
    run = ivr("call", "small", "--text", "--json", "-", "--caller", "+44 20", typed="operator\n")
    events = [json.loads(line) for line in run.out.splitlines()]
    assert all(list(event)[:2] == ["t", "event"] for event in events)
    assert events[1] | {"t": 0} == events[1] and events[1]["caller"] == "+44 20"
    assert "outcome: handed off (caller asked for a person)" in run.err
    assert "events:" not in run.err


def test_the_time_of_the_call_is_the_desks(ivr: Ivr, work: Path) -> None:
    desk = work / "grammars" / "small" / "desk.yaml"
    hours = 'hours: {timezone: Asia/Tokyo, open: ["mon-fri 09:00-18:00"]}\nclosed: We are closed.\n'
    desk.write_text(desk.read_text() + hours)
    shown = [
        "Hello" in ivr("call", "small", "--text", "--at", at).out
        for at in ("2026-11-24T10:15", "2026-11-24T08:15", "2026-11-24T08:15+05:00", "2026-11-24")
    ]
    assert shown == [True, False, True, False]


def test_a_desk_may_be_a_file_or_a_folder(ivr: Ivr) -> None:
    for desk in ("grammars/small", "grammars/small/desk.yaml", "./grammars/small/"):
        assert ivr("call", desk, "--text", typed="goodbye\n").status == 0


def test_a_mistyped_line_is_not_taken_for_words(ivr: Ivr) -> None:
    run = ivr("call", "small", "--text", typed="/key 12\n/keys 1x\nbilling\n")
    assert [line.partition(".")[0] for line in run.err.splitlines()] == [
        "/key 12: no such command",
        "/keys: 'X' is not a telephone key",
    ]
    assert "/key" not in run.out
    assert run.out.splitlines()[-1] == "outcome: routed (billing)"


def test_what_is_typed_may_be_anything(ivr: Ivr) -> None:
    typed = b"\xff\xfe\x00 \x1b[2J\n" + b"a" * 300_000 + b"\n[/red]\nbilling please"
    run = ivr("call", "small", "--text", typed=typed)
    assert run.status in (0, 2) and "Traceback" not in run.err
    assert "\x1b" not in run.out


def test_a_failed_call_is_status_1(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: HandoffStore, request: object) -> int:
        raise_full()

    def raise_full() -> int:
        from ivr.errors import StateError

        raise StateError("no space left on the disk")

    monkeypatch.setattr(HandoffStore, "enqueue", full)
    run = ivr("call", "small", "--text", typed="operator\n")
    assert run.status == 1
    assert run.out.splitlines()[-1].startswith("outcome: failed")
    assert run.out.count("no space left") == 1


def test_events_that_cannot_be_written_are_told_and_the_call_goes_on(ivr: Ivr) -> None:
    run = ivr("call", "small", "--text", "--json", "/dev/full", typed="billing\n")
    assert run.status == 1
    assert run.err == (
        "error: /dev/full: the events cannot be written (No space left on device); the call goes on\n"
    )
    assert run.out.splitlines()[-1] == "outcome: routed (billing)"


# --- what cannot be a call -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "ivr call: say how the caller speaks. Give one of --wav FILE..., --mic or --text"),
        (("--text", "--mic"), "say how the caller speaks"),
        (("--text", "--record", "a.wav"), "--record: does nothing here: a typed call has no sound. Leave"),
        (("--text", "--recognizer", "vosk"), "--recognizer: does nothing here: a typed call has no sound"),
        (("--text", "--realtime"), "--realtime: does nothing here"),
        (("--text", "--mode", "side"), "--mode: does nothing here: it is for recorded callers (--wav)"),
        (("--mic", "--hang-up-after", "3"), "--hang-up-after: does nothing here"),
        (("--text", "--at", "yesterday"), "--at: 'yesterday' is no time. Write it as 2026-11-24T10:15"),
        (("--text", "--at", "0001-01-01"), "--at: '0001-01-01' is no time"),
        (("--text", "--at", "9999-12-31T23:59"), "--at: '9999-12-31T23:59' is no time"),
        (("--text", "--at", "5"), "--at: '5' is no time"),
        (("--wav", "none.wav"), "none.wav: no such file. Give the path of a WAV file"),
        (("--wav", "."), ".: is a folder. Give the path of a WAV file"),
        (("--wav", "/dev/zero"), "/dev/zero: is a device, not a file"),
        (("--wav", "keys:1x"), "keys:1x: 'X' is not a telephone key"),
        (("--wav", "keys:"), "no keys are given"),
        (("--wav", "\udcff.wav"), r"\udcff.wav: no such file"),
        (("--wav", "a\x1b[2J.wav"), r"a\x1b[2J.wav: no such file"),
        (("--text", "--json", "."), ".: is a folder. Give the path of a file"),
        (("--text", "--json", "no/events"), "no/events: its folder does not exist. Make it: mkdir -p no"),
        (("--text", "--config", "no.toml"), "no.toml: no such file. Give the path of a TOML file"),
    ],
)  # fmt: skip
def test_one_line_says_what_is_wrong(ivr: Ivr, work: Path, args: tuple[str, ...], says: str) -> None:
    before = files_under(work)
    assert says in ivr("call", "small", *args).error
    assert files_under(work) == before


def wav(rate: int, channels: int, data: int, claimed: int | None = None) -> bytes:
    block = 2 * channels
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * block, block, 16)
    length = struct.pack("<I", data if claimed is None else claimed)
    return b"RIFF" + struct.pack("<I", 36 + data) + b"WAVEfmt " + form + b"data" + length + bytes(data)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (wav(8000, 1, 8000, 16000), "is cut off: 0.5 s of 1.0 s are missing"),
        (wav(8000, 1, 100)[:20], "is cut off or damaged"),
        (wav(8000, 1, 0), "holds no audio"),
        (wav(96000, 1, 9600), "is sampled at 96000 Hz; 8,000 to 48,000 Hz are read"),
        (wav(48000, 6, 4800), "has 6 channels; mono and stereo are read"),
        (wav(8000, 1, 8000, 0xFFFFFFF0), "claims 4.3 GB of audio but holds 0.5 s"),
        (b"good morning, I am a text", "is a text file, not WAV"),
        (bytes(range(256)), "is not a WAV file"),
    ],
    ids=["empty", "truncated", "half", "silent", "96k", "six", "4GB", "text", "bytes"],
)
def test_bad_audio_is_told_before_the_call_and_leaves_nothing(
    ivr: Ivr, work: Path, state: Path, content: bytes, says: str
) -> None:
    (work / "bad.wav").write_bytes(content)
    before = files_under(work)
    run = ivr("call", "small", "--wav", BILL, "bad.wav", "--record", "call.wav", "--json", "events.jsonl")
    assert run.error.startswith(f"bad.wav: {says}")
    assert files_under(work) == before
    assert not (state / "calls").exists()


@pytest.mark.parametrize("option", ["--record", "--json"])
@pytest.mark.parametrize("name", ["in.wav", "./in.wav", "soft.wav", "hard.wav", "grammars/../in.wav"])
def test_the_callers_own_recording_is_not_overwritten(ivr: Ivr, work: Path, option: str, name: str) -> None:
    write_wav(work / "in.wav", soundfile.read(BILL, dtype="int16")[0], 8000)
    content = (work / "in.wav").read_bytes()
    (work / "soft.wav").symlink_to("in.wav")
    os.link(work / "in.wav", work / "hard.wav")
    assert (
        "would be overwritten. Give another name"
        in ivr("call", "small", "--wav", "in.wav", option, name).error
    )
    assert (work / "in.wav").read_bytes() == content


def test_recording_and_events_are_two_files(ivr: Ivr, work: Path) -> None:
    run = ivr("call", "small", "--wav", BILL, "--record", "x", "--json", "./x")
    assert run.error.startswith("x: is a file that this call uses already")
    assert not (work / "x").exists()


def test_a_recording_is_not_for_standard_output(ivr: Ivr) -> None:
    assert ivr("call", "small", "--wav", BILL, "--record", "-").error.startswith(
        "standard output: is not for"
    )


def test_no_model_names_the_command_to_run(ivr: Ivr, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_MODELS", str(work))
    run = ivr("call", "small", "--wav", BILL, "--record", "a.wav")
    assert run.error == (
        f"{work}: no recognizer for en-US is installed. Run: ivr models install moonshine-tiny-en"
    )
    assert not (work / "a.wav").exists()


def test_no_sound_system_says_what_to_install(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr("ivr.lines.microphone.importlib", SimpleNamespace(import_module=missing))
    assert ivr("call", "small", "--mic").error == (
        "microphone: the system library PortAudio is missing. "
        "Install it, on Debian and Ubuntu with: apt install libportaudio2"
    )


@pytest.mark.parametrize("state_is", ["file", "below a file"])
def test_a_file_in_place_of_the_state_folder(
    ivr: Ivr, work: Path, monkeypatch: pytest.MonkeyPatch, state_is: str
) -> None:
    (work / "taken").write_text("")
    monkeypatch.setenv("IVR_STATE", "taken" if state_is == "file" else "taken/state")
    error = ivr("call", "small", "--text").error
    assert error.startswith("taken") and "a file is where a folder is needed. Move the file away" in error


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("greting: Hi", "grammars/small/desk.yaml:18: greting: unknown key. Did you mean 'greeting'?"),
        ("x: &a [*a]", "the anchor &a is not allowed in a desk. Remove it"),
        ("a: {b: [}", "grammars/small/desk.yaml:18"),
    ],
    ids=["typo", "cycle", "not YAML"],
)
def test_a_broken_desk_names_file_line_and_key(ivr: Ivr, work: Path, text: str, says: str) -> None:
    desk = work / "grammars" / "small" / "desk.yaml"
    desk.write_text(desk.read_text() + text + "\n")
    assert says in ivr("call", "small", "--text").error


def test_a_desk_that_does_not_exist(ivr: Ivr) -> None:
    assert ivr("call", "smal", "--text").error == "smal: no such desk. Did you mean 'small'?"


def test_the_option_takes_all_files_that_follow() -> None:
    options = frozenset({"--wav", "--record"})
    assert several(["d", "--wav", "a", "b", "--realtime", "c"], options) == [
        *("d", "--wav", "a", "--wav", "b", "--realtime", "c")
    ]
    assert several(["d", "--wav=a", "b", "--record", "c", "--wav", "e", "-"], options) == [
        *("d", "--wav=a", "--wav", "b", "--record", "c", "--wav", "e", "--wav", "-")
    ]
    assert several(["--record", "r", "--wav", "a", "d"], options) == ["--record", "r", "--wav", "a", "d"]
    assert several(["d", "--wav", "a", "--", "b"], options) == ["d", "--wav", "a", "--", "b"]
    assert several(["d", "--wav"], options) == ["d", "--wav"]


def test_a_file_before_the_option_is_refused_rather_than_played_last(ivr: Ivr) -> None:
    assert "b.wav" in ivr("call", "small", "b.wav", "--wav", BILL).error
