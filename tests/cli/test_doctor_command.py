"""``ivr doctor``: each check tried for real, each fault with its remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_helpers import Run, files_under
from faults import tiny_disk

from ivr.cli import doctor

Ivr = Callable[..., Run]
ORDER = [
    *("ivr", "state", "queue", "cache", "temporary", "models"),
    *("voice", "voice", "ears", "speech detector", "microphone"),
]


@pytest.fixture
def checks(ivr: Ivr) -> Callable[..., dict[str, dict[str, str]]]:
    """The checks by name, the last of each; with the exit status under "status"."""

    def run(*args: str) -> dict[str, dict[str, str]]:
        done = ivr("doctor", "--json", *args)
        assert done.err == ""
        found = {check["what"]: check for check in json.loads(done.out)}
        return found | {"status": {"health": str(done.status)}}

    return run


def test_a_machine_that_can_take_calls(ivr: Ivr, state: Path) -> None:
    run = ivr("doctor")
    assert (run.status, run.err) == (0, "")
    lines = run.out.splitlines()
    assert [line[6:21].strip() for line in lines] == ORDER
    assert not any(line.startswith("fail") for line in lines)
    assert all(line.startswith("ok    ") for line in lines[5:10]), "models, voices, ears, detector"
    assert "hibari" in lines[6] and "pyttsx3" in lines[7]
    assert "two" in lines[8].lower(), "the ears hear what the voice says"
    assert not state.exists(), "looking makes nothing"


def test_the_microphone_is_only_a_warning(
    checks: Callable[..., dict[str, dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> object:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr("ivr.lines.microphone.importlib", SimpleNamespace(import_module=missing))
    found = checks()
    assert found["microphone"] == {
        "what": "microphone",
        "health": "warn",
        "found": "the system library PortAudio is missing",
        "remedy": "Install it, on Debian and Ubuntu with: apt install libportaudio2",
    }
    assert found["status"]["health"] == "0"


def test_folders_that_cannot_be_used(ivr: Ivr, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "taken").write_text("")
    monkeypatch.setenv("IVR_STATE", "taken/state")
    monkeypatch.setenv("IVR_CACHE", "taken")
    before = files_under(work)
    run = ivr("doctor")
    lines = run.out.splitlines()
    assert run.status == 1
    assert lines[1].startswith(
        "fail  state            taken/state cannot be written (Not a directory). Let this"
    )
    assert lines[3].startswith(
        "warn  cache            taken cannot be written (Not a directory). Let this user"
    )
    assert files_under(work) == before


def test_a_language_without_a_model(
    checks: Callable[..., dict[str, dict[str, str]]], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_MODELS", str(work))
    found = checks()
    assert (found["ears"]["health"], found["ears"]["remedy"]) == (
        "fail",
        "Run: ivr models install moonshine-tiny-en",
    )
    assert found["status"]["health"] == "1"


def test_a_language_without_a_voice(checks: Callable[..., dict[str, dict[str, str]]]) -> None:
    found = checks("--language", "xx")
    assert found["voice"]["health"] == found["ears"]["health"] == "fail"
    assert "no voice speaks 'xx'" in found["voice"]["found"]
    assert found["speech detector"]["health"] == "warn"


def test_a_damaged_queue(checks: Callable[..., dict[str, dict[str, str]]], state: Path) -> None:
    state.mkdir()
    (state / "queue.sqlite").write_bytes(b"no database" * 1000)
    found = checks()
    assert found["queue"]["health"] == "fail" and "damaged" in found["queue"]["found"]


def test_callers_who_wait_are_counted(ivr: Ivr, checks: Callable[..., dict[str, dict[str, str]]]) -> None:
    ivr("call", "small", "--text", typed="operator\n")
    assert checks()["queue"] == {
        "what": "queue",
        "health": "ok",
        "found": "1 waiting, 0 with an operator",
        "remedy": "",
    }


def test_little_space() -> None:
    with tiny_disk(600) as disk:
        check = doctor._folder("state", disk / "state", doctor.Health.FAIL, "")
        assert (check.health, check.remedy) == (doctor.Health.FAIL, "Make room")
        assert check.found == f"{disk}/state, 0.0 GB free"


def test_bad_settings_are_bad_input(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_CALL_SECONDS", "x")
    assert ivr("doctor").error.startswith("IVR_CALL_SECONDS: ")
