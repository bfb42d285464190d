"""``ivr evaluate`` and ``ivr suggest`` as they are typed."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.cli.app import run
from ivr.config import Settings
from ivr.events import Answered
from ivr.media.wav import write_wav
from ivr.parts import Reception
from tests.evaluation.conftest import WriteLines

KEYS = [
    "n", "in_scope_accuracy", "oos_recall", "accuracy", "command_acceptance", "slot_accuracy", "wer",
    "calibration_error", "match_ms", "recognize_ms", "confusions",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _here(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("IVR_STATE", str(tmp_path / "state"))


@pytest.fixture
def cases(lines: WriteLines) -> str:
    return str(
        lines(
            {"text": "billing please", "intent": "billing"},
            {"text": "where are you", "intent": "address"},
            {"text": "purple monkeys juggle", "intent": None},
        )
    )


def test_json_alone_is_standard_output(lines: WriteLines, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ({"text": "seven", "intent": "digit", "slots": {"digit": "seven"}}, {"text": "ah", "intent": None})
    cases = str(lines(*rows))
    for args in (
        ["evaluate", cases, "--desk", "digits", "--json"],
        ["evaluate", "--json", cases, "--desk", "digits"],
        ["evaluate", cases, "--json", "--desk", "digits"],
        ["evaluate", "--desk", "digits", "--json", "-", cases],
        ["evaluate", "--desk", "digits", "--json", "--", cases],
    ):
        assert run(args) == 0
        read = capsys.readouterr()
        data = json.loads(read.out)
        assert list(data) == KEYS
        assert (data["n"], data["command_acceptance"], data["oos_recall"]) == (2, 1.0, 1.0)
        assert "threshold" in read.err


def test_json_and_html_files(cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, html = tmp_path / "result.json", tmp_path / "report.html"
    args = ["evaluate", "--desk", "company", "--json", str(result), cases, "--html", str(html)]
    assert run(args) == 0
    assert list(json.loads(result.read_text(encoding="utf-8"))) == KEYS
    assert "<svg" in html.read_text(encoding="utf-8")
    read = capsys.readouterr().out
    assert "in_scope_accuracy" in read
    assert "the desk's `offer`" in read


def test_labelled_sentences_are_enough(lines: WriteLines, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = (
        "open",
        "close",
        "paint",
        "clean",
        "mend",
        "sell",
        "move",
        "count",
        "lock",
        "wash",
        "find",
        "lift",
    )
    nouns = ("door", "window", "garden", "kitchen")
    rows = [{"text": f"please {verb} the {noun}", "intent": noun} for noun in nouns for verb in verbs]
    train = lines(*rows, name="train.jsonl")
    dev = lines({"text": "can you paint my door", "intent": "door"}, {"text": "sing", "intent": None})
    assert run(["evaluate", str(dev), "--examples", str(train)]) == 0
    assert "cross-validation on the examples" in capsys.readouterr().out
    assert run(["evaluate", str(dev), "--examples", str(train), "--threshold", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["in_scope_accuracy"] == 1.0


def test_a_recording_goes_through_the_ears(
    root: Path, tmp_path: Path, lines: WriteLines, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = root / "audio" / "calls" / "company" / "billing-plain" / "1.wav"
    noise = tmp_path / "noise.wav"
    write_wav(noise, np.random.default_rng(0).normal(0, 500, 16_000).astype(np.int16), 8_000)
    path = lines(
        {"audio": str(clip), "intent": "billing", "transcript": "Hello, I have a question about my invoice"}
    )
    args = ["evaluate", str(path), "--desk", "company", "--line", "g711", "--json"]
    assert run([*args, "--noise", str(noise), "--snr", "30", "--seed", "4"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["in_scope_accuracy"] == 1.0
    assert data["wer"] is not None
    assert data["wer"] < 0.3
    assert data["recognize_ms"]["p50"] > 0.0


@pytest.mark.parametrize(
    ("rows", "args", "message"),
    [
        (['{"text": "a", "intent": "billing"}', "{oops"], ["--desk", "company"], "cases.jsonl:2: not JSON"),
        (
            ['{"text": "a", "intent": "biling"}'],
            ["--desk", "company"],
            "cases.jsonl:1: no intent is called 'biling'",
        ),
        (['{"text": "a", "intent": "billing"}'], [], "neither --desk nor --examples"),
        (['{"text": "a", "intent": "billing"}'], ["--desk", "company", "--examples", "x"], "both --desk and"),
        (['{"text": "a", "intent": "billing"}'], ["--desk", "compny"], "no such desk"),
        (
            ['{"text": "a", "intent": "billing"}'],
            ["--examples", "missing.jsonl"],
            "missing.jsonl: no such file",
        ),
        (
            ['{"text": "a", "intent": "billing"}'],
            ["--desk", "company", "--snr", "5"],
            "--noise and --snr go together",
        ),
        *(
            (
                ['{"text": "a", "intent": "billing"}'],
                ["--desk", "company", option, value],
                f"'{option}': '{value}' is not a number from {numbers}",
            )
            for option, value, numbers in (
                ("--threshold", "2", "0 to 1"),
                ("--threshold", "nan", "0 to 1"),
                ("--snr", "nan", "-40 to 80"),
                ("--snr", "loud", "-40 to 80"),
            )
        ),
        (
            ['{"text": "a", "intent": "billing"}'],
            ["--desk", "company", "--noise", "missing.wav", "--snr", "5"],
            "missing.wav: no such file",
        ),
        (
            ['{"text": "a", "intent": "billing"}'],
            ["--desk", "company", "--html", "missing/report.html"],
            "missing/report.html: cannot be written",
        ),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    lines: WriteLines,
    capsys: pytest.CaptureFixture[str],
    rows: list[str],
    args: list[str],
    message: str,
) -> None:
    assert run(["evaluate", str(lines(*rows)), *args]) == 2
    complaint = [line for line in capsys.readouterr().err.splitlines() if "error:" in line]
    assert len(complaint) == 1
    assert message in complaint[0]


def test_broken_sound_names_its_line(
    lines: WriteLines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nan.wav").write_bytes(_nan_wav())
    path = lines({"text": "a", "intent": None}, {"audio": "nan.wav", "intent": "billing"})
    assert run(["evaluate", str(path), "--desk", "company"]) == 2
    assert "cases.jsonl:2: nan.wav: holds samples that are not numbers" in capsys.readouterr().err


def _nan_wav() -> bytes:
    sound = io.BytesIO()
    soundfile.write(sound, np.array([0.0, np.nan, 0.1]), 8_000, format="WAV", subtype="FLOAT")
    return sound.getvalue()


def test_no_input_is_ever_overwritten(cases: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(cases).read_bytes()
    for option in ("--json", "--html"):
        assert run(["evaluate", cases, "--desk", "company", option, cases]) == 2
        assert "would be overwritten" in capsys.readouterr().err
    assert Path(cases).read_bytes() == before


def test_a_folder_that_is_missing_is_known_before_the_work(
    cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--json", "--html"):
        assert run(["evaluate", cases, "--desk", "company", option, str(tmp_path / "no" / "x")]) == 2
        shown = capsys.readouterr().err
        assert "cannot be written (no such folder)" in shown
        assert len(shown.strip().splitlines()) == 1  # no progress: nothing was measured


def test_nothing_named_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--desk", "company", "--json"]) == 2
    assert "no cases are named" in capsys.readouterr().err


# --- suggest --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_call(root: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state that one call leaves."""
    folder = tmp_path_factory.mktemp("calls")
    settings = Settings(state=folder / "state", cache=cache, models=folder)
    with Reception("company", settings, root) as reception:
        turns = iter(["the slithy toves gimble", "where are you", "/bye"])
        reception.hold_typed(turns, Answered(datetime(2026, 11, 24, 10, 15, tzinfo=UTC)))
    return folder / "state"


@pytest.fixture
def calls(one_call: Path, tmp_path: Path) -> Path:
    """Records of one call, in the state that the commands use."""
    return Path(shutil.copytree(one_call, tmp_path / "state"))


def test_suggestions_as_text_and_json(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suggest", "--desk", "company"]) == 0
    shown = capsys.readouterr().out
    assert "probably address" in shown
    assert '- "the slithy toves gimble"' in shown
    assert "grammars/company/desk.yaml:" in shown
    assert run(["suggest", str(calls), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["calls"], data["not_understood"]) == (1, 1)
    (group,) = data["groups"]
    assert (group["count"], group["intent"], group["examples"]) == (1, "address", ["the slithy toves gimble"])
    assert group["line"] == '- "the slithy toves gimble"'
    assert group["place"] is None


def test_calls_of_other_desks_do_not_count(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suggest", "--desk", "digits", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["groups"] == []


def test_seldom_said_is_left_out(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suggest", "--least", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["groups"] == []


def test_no_calls_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["suggest"]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert run(["suggest", str(tmp_path)]) == 2
    assert "holds no events.jsonl" in capsys.readouterr().err


def test_a_damaged_log_is_passed_over(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (log,) = calls.rglob("events.jsonl")
    log.write_bytes(b"garbage\n\xff\n" + log.read_bytes())
    broken = calls / "calls" / "2026-11-24" / "x" / "events.jsonl"
    broken.mkdir(parents=True)
    assert run(["suggest", "--json"]) == 0
    read = capsys.readouterr()
    data = json.loads(read.out)
    assert (data["not_understood"], data["unreadable"]) == (1, 1)
    assert "passed over" in read.err
