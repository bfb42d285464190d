"""What all commands share: help, mistakes in the arguments, completion, files, columns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import ROOT, Run, run_process

from ivr import __version__
from ivr.cli.app import COMMANDS as ALONE
from ivr.cli.app import GROUPS, run
from ivr.cli.console import print_columns, print_json
from ivr.cli.files import refuse_output
from ivr.cli.options import desk_names, model_names
from ivr.errors import StateError

Ivr = Callable[..., Run]
COMMANDS = [
    *("call", "check", "say", "demo", "doctor"),
    *("prompts list", "prompts render", "models list", "models install", "models path"),
    *("queue list", "queue take", "queue done"),
]


def test_the_version(ivr: Ivr) -> None:
    assert ivr("--version") == Run(0, f"ivr {__version__}\n", "")


@pytest.mark.parametrize("command", ["", *COMMANDS, "prompts", "models", "queue"])
def test_help_fits_a_terminal_and_says_what_each_option_does(ivr: Ivr, command: str) -> None:
    run = ivr(*command.split(), "--help")
    assert (run.status, run.err) == (0, "")
    text = run.out
    assert f"Usage: ivr {command}".strip() in text
    assert max(map(len, text.splitlines())) <= 80


def test_every_command_is_in_the_help(ivr: Ivr) -> None:
    text = ivr("--help").out
    for name in (*ALONE, *GROUPS):
        assert f"│ {name} " in text, name


def test_a_command_loads_what_it_needs_alone(environ: dict[str, str]) -> None:
    code = "import sys; from ivr.cli.app import run; run(['models', 'path', 'x']); print(*sys.modules)"
    environ |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "ivr.cli.models" in loaded
    assert not {"ivr.cli.call", "fastapi", "onnxruntime", "ivr.parts", "ivr.engines"} & set(loaded)


def test_stopped_while_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ivr.cli.app.application", stopped)
    assert run(["check", "x"]) == 130


@pytest.mark.parametrize("args", [(), ("queue",), ("models",), ("prompts",)])
def test_without_arguments_the_help_is_shown(ivr: Ivr, args: tuple[str, ...]) -> None:
    run = ivr(*args)
    assert run.status == 2 and run.err == "" and "Usage: ivr" in run.out


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("bogus",), "No such command 'bogus'. Help: ivr --help"),
        (("call",), "Missing argument 'DESK'. Help: ivr call --help"),
        (("call", "small", "--bogus"), "No such option: --bogus. Help: ivr call --help"),
        (("call", "small", "--wav"), "Option '--wav' requires an argument. Help: ivr --help"),
        (("models", "path"), "Missing argument 'MODEL'. Help: ivr models path --help"),
        (("check", "small", "more"), "Got unexpected extra argument(s) (more). Help: ivr check --help"),
        (("check", "\udcff\x1b[2J"), r"\udcff\x1b[2J: no such desk. Known: small"),
    ],
)
def test_a_mistake_in_the_arguments_is_one_line(ivr: Ivr, args: tuple[str, ...], line: str) -> None:
    assert ivr(*args).error == line


def test_values_that_are_none_of_the_choices(ivr: Ivr) -> None:
    for args in (("--recognizer", "whisper"), ("--mode", "x"), ("--hang-up-after", "-1")):
        assert f"'{args[0]}'" in ivr("call", "small", "--wav", "a.wav", *args).error
    for value in ("nan", "inf", "1e9", "soon"):
        assert "'--hang-up-after'" in ivr("call", "small", "--wav", "a.wav", "--hang-up-after", value).error


def test_a_fault_of_ours_is_no_bad_input(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("ivr.cli.check.load_desk", fault)
    with pytest.raises(RuntimeError, match="a bug"):
        ivr("check", "small")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ivr call sm", ["small"]),
        ("ivr models path moon", ["moonshine-tiny-en"]),
        ("ivr call small --rec", ["--record", "--recognizer"]),
    ],
)
def test_the_shell_completes(environ: dict[str, str], words: str, offered: list[str]) -> None:
    asked = {"_IVR_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    assert run_process(environ | asked).out.split() == offered


def test_desks_and_models_are_offered_by_their_beginning(environ: dict[str, str], work: Path) -> None:
    (work / "grammars" / "smart").mkdir()
    (work / "grammars" / "smart" / "desk.yaml").write_text("")
    (work / "grammars" / "no-desk").mkdir()
    assert desk_names("") == ["small", "smart"]
    assert desk_names("smar") == ["smart"]
    assert desk_names("x") == []
    assert "en-us" in model_names("en-") and "de" not in model_names("en-")


def test_a_file_that_can_be_written_is_not_made_yet(tmp_path: Path) -> None:
    refuse_output(tmp_path / "new", [tmp_path / "other"])
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "old").write_text("old")
    refuse_output(tmp_path / "old", [tmp_path / "gone"])
    assert (tmp_path / "old").read_text() == "old"


@pytest.mark.parametrize("name", ["a", "b", "./a"])
def test_a_file_that_is_in_use_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(StateError, match="would be overwritten"):
        refuse_output(tmp_path / name, [tmp_path / "a"])


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    print_columns(("a", "b"), [("한국어", "[x]"), ("longer than that", ""), ("x" * 100, "end")])
    assert capsys.readouterr().out.splitlines() == [
        "a" + " " * 101 + "b",
        "한국어" + " " * 96 + "[x]",
        "longer than that",
        "x" * 100 + "  end",
    ]


def test_json_holds_characters_that_utf_8_cannot(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"é": "\udcff"})
    assert capsys.readouterr().out == '{\n  "\\u00e9": "\\udcff"\n}\n'
    print_json({"é": "한"})
    assert capsys.readouterr().out == '{\n  "é": "한"\n}\n'


def test_an_example_in_help_can_be_copied(ivr: Ivr) -> None:
    assert "[[lines]]" in ivr("serve", "--help").out
