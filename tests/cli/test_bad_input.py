"""Bad input in one table: one line with the place and the remedy, status 2, nothing half-written.

Each row is a real command. What a row needs on disk is made by a function; what faults of the machine need (a
disk that is full or may only be read) is a file system of its own, where the user may mount one.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_helpers import CALLS, DESK, Run, files_under
from faults import tiny_disk

BILL = CALLS / "billing-plain" / "1.wav"
DESK_FILE = "grammars/small/desk.yaml"


def wav(rate: int = 8000, channels: int = 1, data: int = 8000, claimed: int | None = None) -> bytes:
    block = 2 * channels
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * block, block, 16)
    length = struct.pack("<I", data if claimed is None else claimed)
    return b"RIFF" + struct.pack("<I", 36 + data) + b"WAVEfmt " + form + b"data" + length + bytes(data)


def bomb() -> str:
    """A billion laughs."""
    lines = ['a: &a ["ha","ha","ha","ha","ha","ha","ha","ha","ha"]']
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]")
    return "\n".join(lines)


@dataclass(frozen=True)
class Bad:
    """`says` must be in the one line; `desk` replaces the small desk, `wav` is the file bad.wav."""

    name: str
    args: tuple[str, ...]
    says: tuple[str, ...]
    desk: str | None = None
    wav: bytes | None = None
    environ: tuple[tuple[str, str], ...] = ()


HEARD = ("call", "small", "--wav", "bad.wav", "--record", "call.wav", "--json", "events.jsonl")
FILE_STATE = (("IVR_STATE", DESK_FILE),)
TYPED = ("call", "small", "--text")
CIRCLE = DESK.replace("{route: billing}", "{go: hours}").replace(
    '{answer: "From nine to five."}', "{go: billing}"
)
KLINGON = DESK + "voice: klingon\n"
TYPO = DESK + "greting: Hi\n"
SAY = ("say", "hi", "--out", "x.wav", "--language")
GERMAN = DESK.replace("en-US", "de-DE")

TABLE = (
    Bad("empty", HEARD, ("bad.wav: is empty. Record or copy the file again",), wav=b""),
    Bad("truncated", HEARD, ("bad.wav: is cut off: 0.5 s of 1.0 s are missing",), wav=wav(claimed=16_000)),
    Bad("96 kHz", HEARD, ("bad.wav: is sampled at 96000 Hz; 8,000 to 48,000 Hz are read",), wav=wav(96_000)),
    Bad("6 channels", HEARD, ("bad.wav: has 6 channels; mono and stereo",), wav=wav(48_000, 6, 4_800)),
    Bad("4 GB header", HEARD, ("bad.wav: claims 4.3 GB of audio but holds",), wav=wav(claimed=0xFFFFFFF0)),
    Bad("not WAV", HEARD, ("bad.wav: is not a WAV file",), wav=bytes(range(256))),
    Bad("text", HEARD, ("bad.wav: is a text file, not WAV",), wav=b"good morning, I am a text"),
    Bad("a typo", TYPED, (f"{DESK_FILE}:18: greting: unknown key", "'greeting'"), desk=TYPO),
    Bad("a circle", TYPED, (f"{DESK_FILE}:", "goes in a circle (", "End one of them"), desk=CIRCLE),
    Bad("a missing prompt", TYPED, (f"{DESK_FILE}:1: prompts.", "Write it under"), desk=GERMAN),
    Bad("a YAML bomb", TYPED, (f"{DESK_FILE}:1: the anchor &a is not allowed", "Remove it"), desk=bomb()),
    Bad("a voice nobody has", TYPED, (f"{DESK_FILE}:18: voice: must be one of",), desk=KLINGON),
    Bad("a desk that is not there", ("call", "nowhere", "--text"), ("nowhere: no such desk. Known: small",)),
    Bad("a language without a voice", (*SAY, "tlh"), ("tlh", "Give a BCP 47")),
    Bad(
        "no model",
        ("call", "small", "--wav", str(BILL), "--record", "call.wav"),
        ("no recognizer for en-US is installed. Run: ivr models install moonshine-tiny-en",),
        environ=(("IVR_MODELS", "."),),
    ),
    Bad("a model that is none", ("models", "install", "klingon"), ("no model is called 'klingon'",)),
    Bad("a state folder that is a file", TYPED, (DESK_FILE, "Move"), environ=FILE_STATE),
)  # fmt: skip


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name)
def test_one_line_status_2_and_nothing_written(
    bad: Bad, ivr: Callable[..., Run], work: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bad.desk is not None:
        (work / DESK_FILE).write_text(bad.desk, encoding="utf-8")
    if bad.wav is not None:
        (work / "bad.wav").write_bytes(bad.wav)
    for name, value in bad.environ:
        monkeypatch.setenv(name, value)
    before = files_under(work)
    run = ivr(*bad.args)
    assert (run.status, run.out) == (2, ""), run
    lines = run.err.splitlines()
    assert all(line.startswith("error: ") for line in lines), run.err
    if bad.name != "a missing prompt":  # a line for each
        assert len(lines) == 1, run.err
    assert all(words in lines[0] for words in bad.says), lines[0]
    assert files_under(work) == before
    assert not (state / "calls").exists()


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_state_folder_on_a_disk_that_takes_nothing(
    how: str, ivr: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tiny_disk(16) as disk:
        if how == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        else:
            with suppress(OSError):
                (disk / "fill").write_bytes(bytes(1 << 20))
        monkeypatch.setenv("IVR_STATE", str(disk / "state"))
        for args in (TYPED, ("queue", "take")):
            error = ivr(*args).error
            assert error.startswith(str(disk)), error
            assert "Free some space" in error or "Let this user write there" in error, error
        assert all((disk / name).stat().st_size == 0 for name in files_under(disk) - {"fill"})
        if how == "full":
            (disk / "fill").write_bytes(b"")
            subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
            assert ivr("queue", "list").status == 0


def test_no_sound_device(ivr: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    class Silent:
        class PortAudioError(Exception):
            pass

        def __getattr__(self, name: str) -> object:
            raise self.PortAudioError("Error querying device -1")

    monkeypatch.setattr("ivr.lines.microphone.importlib", SimpleNamespace(import_module=lambda _: Silent()))
    error = ivr("call", "small", "--mic").error
    assert error.startswith("microphone: ") and "Connect a microphone" in error
    assert not (state / "calls").exists()
