"""Runs of ``ivr`` inside the test, with folders of their own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import DESK, Run

Ivr = Callable[..., Run]

# Rich and typer look at these when they are imported; what a pipe gets is tested here.
for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "NO_COLOR", "TERM", "TERMINAL_WIDTH"):
    os.environ.pop(name, None)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The folder that ``ivr`` is called in, with a desk named small."""
    folder = tmp_path / "work"
    (folder / "grammars" / "small").mkdir(parents=True)
    (folder / "grammars" / "small" / "desk.yaml").write_text(DESK, encoding="utf-8")
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def environ(work: Path, state: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a run, here and in a child; nothing of the machine's own settings is left."""
    for name in [name for name in os.environ if name.startswith("IVR_") and name != "IVR_MODELS"]:
        monkeypatch.delenv(name)
    for name in ("PYTHONIOENCODING", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("IVR_STATE", state), ("IVR_CACHE", cache), ("COLUMNS", "80")):
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(work)
    return dict(os.environ)


@pytest.fixture
def ivr(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ivr:
    """``ivr("call", "small", "--text", typed="hello\\n")`` in this process."""
    from ivr.cli.app import run  # not before the environment is clean

    def call(*args: str | Path, typed: str | bytes = "") -> Run:
        data = typed.encode() if isinstance(typed, str) else typed
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8", "replace"))
        capsys.readouterr()
        status = run([str(arg) for arg in args])
        said = capsys.readouterr()
        return Run(status, said.out, said.err)

    return call
