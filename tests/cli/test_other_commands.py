"""``ivr check``, ``say``, ``prompts``, ``models`` and ``demo``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from cli_helpers import CALLS, ROOT, Run, files_under

from ivr.cli import demo
from ivr.ears.catalog import MODELS
from ivr.errors import ModelError
from ivr.trials.callfile import load_calls

Ivr = Callable[..., Run]
CALL = Path("tests") / "calls" / "small" / "billing-plain.yaml"

# --- check ---------------------------------------------------------------------------------------------


def test_a_good_desk(ivr: Ivr) -> None:
    assert ivr("check", "small") == Run(0, "0 errors, 0 warnings\n", "")
    assert json.loads(ivr("check", "small", "--json").out) == {"findings": [], "load_errors": []}


def test_findings_name_file_line_and_remedy(ivr: Ivr, work: Path) -> None:
    desk = work / "grammars" / "small" / "desk.yaml"
    desk.write_text(
        desk.read_text() + '  bill:\n    label: bill\n    say: ["billing"]\n    then: {answer: x}\n'
    )
    run = ivr("check", "small")
    lines = run.out.splitlines()
    assert run.status == 1 and run.err == ""
    assert lines[0].startswith("grammars/small/desk.yaml:") and "error:" in lines[0]
    assert lines[-1] == f"{len(lines) - 1} error{'s' * (len(lines) > 2)}, 0 warnings"
    finding = json.loads(ivr("check", "small", "--json").out)["findings"][0]
    assert finding["severity"] == "error" and finding["line"] > 10 and finding["remedy"]


def test_warnings_count_when_strict(ivr: Ivr, work: Path) -> None:
    recordings = work / "grammars" / "small" / "prompts"
    recordings.mkdir()
    shutil.copy(next((ROOT / "audio" / "calls" / "company").rglob("*.wav")), recordings / "greting.wav")
    assert ivr("check", "small").status == 0
    run = ivr("check", "small", "--strict")
    assert run.status == 1 and run.out.endswith("0 errors, 1 warning\n")


def test_holidays_of_the_past_are_found(ivr: Ivr, work: Path) -> None:
    desk = work / "grammars" / "small" / "desk.yaml"
    hours = 'hours: {timezone: Europe/Paris, open: ["mon-fri 09:00-18:00"], closed: ["2020-12-25"]}\n'
    desk.write_text(desk.read_text() + hours)
    assert "every holiday with a year is in the past" in ivr("check", "small").out


def test_a_recorded_prompt_that_cannot_be_played_is_found(ivr: Ivr, work: Path) -> None:
    recordings = work / "grammars" / "small" / "prompts"
    recordings.mkdir()
    (recordings / "greeting.wav").write_bytes(b"")
    run = ivr("check", "small")
    assert run.status == 1
    assert "greeting.wav:1: error: recordings: is empty" in run.out


def test_a_desk_that_cannot_be_loaded(ivr: Ivr, work: Path) -> None:
    (work / "bad.yaml").write_text("name: Bad\nlanguage: en-US\ngreting: Hi\n")
    run = ivr("check", "bad.yaml")
    assert run.status == 2 and run.out == ""
    assert "error: bad.yaml:3: greting: unknown key. Did you mean 'greeting'?" in run.err.splitlines()
    run = ivr("check", "bad.yaml", "--json")
    assert (run.status, run.err) == (2, "")
    assert any("greting" in problem for problem in json.loads(run.out)["load_errors"])
    assert json.loads(ivr("check", "no", "--json").out)["load_errors"] == ["no: no such desk. Known: small"]


# --- say -----------------------------------------------------------------------------------------------


def test_say(ivr: Ivr, work: Path) -> None:
    run = ivr("say", "Your order is on its way.", "--out", "order.wav", "--rate", "16000")
    assert (run.status, run.out) == (0, "")
    assert run.err.startswith("order.wav: 1.") and "hibari" in run.err
    sound, rate = soundfile.read(work / "order.wav")
    assert rate == 16000 and sound.ndim == 1 and len(sound) > rate


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("", "--out", "a.wav"), "TEXT: there is nothing in it to speak. Give words"),
        (("...", "--out", "a.wav"), "TEXT: there is nothing in it to speak"),
        (("Hi", "--out", "no/a.wav"), "no/a.wav: its folder does not exist. Make it: mkdir -p no"),
        (("Hi", "--out", "."), ".: is a folder"),
        (("Hi", "--out", "-"), "standard output: is not for sound"),
        (("Hi", "--out", "a.wav", "--rate", "44100"), "--rate: 44100 is no rate of a line. Give 8000"),
        (("Hi", "--out", "a.wav", "--language", "xx"), "language: no voice speaks 'xx'. Give a BCP 47 tag"),
        (("Hi", "--out", "a.wav", "--language", "ko", "--voice", "hibari"), "hibari: speaks only English"),
        (("Hi",), "Missing option '--out'. Help: ivr say --help"),
        (("Hi", "--out", "a.wav", "--voice", "siri"), "Help: ivr say --help"),
    ],
)  # fmt: skip
def test_say_what_cannot_be_said(ivr: Ivr, work: Path, args: tuple[str, ...], says: str) -> None:
    before = files_under(work)
    assert says in ivr("say", *args).error
    assert files_under(work) == before


# --- prompts -------------------------------------------------------------------------------------------


def test_prompts_are_listed_with_their_names(ivr: Ivr) -> None:
    lines = ivr("prompts", "list", "small").out.splitlines()
    assert lines[0] == "greeting  Hello, this is the small desk. What can I do for you today?"
    assert any(line.endswith("  (made during the call)") for line in lines)
    listed = json.loads(ivr("prompts", "list", "small", "--json").out)
    assert len(listed) == len(lines) and {"name", "text", "fixed"} == set(listed[0])


def test_prompts_are_rendered_into_the_cache(
    ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("IVR_CACHE", str(cache))
    run = ivr("prompts", "render", "small")
    assert (run.status, run.out) == (0, "")
    assert "prompts are ready (hibari" in run.err.splitlines()[-1]
    assert list(cache.rglob("*.pcm"))


def test_a_cache_that_cannot_be_written_is_an_error_of_rendering_alone(
    ivr: Ivr, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "taken").write_text("")
    monkeypatch.setenv("IVR_CACHE", "taken")
    assert ivr("prompts", "render", "small").error == (
        "taken: rendered prompts cannot be kept there (File exists). "
        "Make room, or set IVR_CACHE to a folder that may be written"
    )
    bill = ROOT / "audio" / "calls" / "company" / "billing-plain" / "1.wav"
    run = ivr("call", "small", "--wav", bill)
    assert (run.status, run.out.splitlines()[-1]) == (0, "outcome: routed (billing)")


# --- models --------------------------------------------------------------------------------------------


def test_the_list_of_models_fits_a_terminal(ivr: Ivr) -> None:
    lines = ivr("models", "list").out.splitlines()
    assert lines[0].split() == ["name", "installed", "language", "engine", "download", "licence"]
    assert [line.split()[0] for line in lines[1:]] == [model.name for model in MODELS]
    assert max(map(len, lines)) < 80
    assert next(line for line in lines if line.startswith("moonshine-tiny-en")).split()[1] == "yes"


def test_the_list_for_programs_has_the_paths(ivr: Ivr) -> None:
    models = json.loads(ivr("models", "list", "--json").out)
    moonshine = next(model for model in models if model["name"] == "moonshine-tiny-en")
    assert ivr("models", "path", "moonshine-tiny-en").out == f"{moonshine['path']}\n"


def test_installing_what_is_there_needs_no_network(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    run = ivr("models", "install", "moonshine-tiny-en")
    assert (run.status, run.out) == (0, "") and run.err.startswith("moonshine-tiny-en: /")


def test_models_that_cannot_be_had(ivr: Ivr, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ivr("models", "path", "en-xx").error.startswith("no model is called 'en-xx'. Models: moonshine")
    assert ivr("models", "install", "en-xx").error.startswith("no model is called 'en-xx'")
    assert "the model de is not installed. Run: ivr models install de" in ivr("models", "path", "de").error
    (work / "taken").write_text("")
    monkeypatch.setenv("IVR_MODELS", "taken")
    assert ivr("models", "install", "moonshine-tiny-en").error.startswith("taken: a file is where a folder")


def test_a_site_out_of_reach_is_one_line(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach(name: str, *_: object) -> Path:
        raise ModelError(f"{name} was not installed", remedy="Try again later")

    monkeypatch.setattr("ivr.cli.models.install", out_of_reach)
    assert ivr("models", "install", "de").error == "de was not installed. Try again later"


# --- demo ----------------------------------------------------------------------------------------------


@pytest.fixture
def clone(work: Path) -> Path:
    """A folder with one recorded caller of the small desk."""
    (work / "tests" / "calls" / "small").mkdir(parents=True)
    call = (ROOT / "tests" / "calls" / "company" / "billing-plain.yaml").read_text()
    (work / CALL).write_text(call.replace("desk: company", "desk: small"))
    shutil.copytree(CALLS / "billing-plain", work / "audio" / "calls" / "small" / "billing-plain")
    return work


def test_the_demo_plays_callers_and_tells_where_all_is(ivr: Ivr, clone: Path) -> None:
    run = ivr("demo", "small")
    assert run.status == 0
    lines = run.out.splitlines()
    assert lines[0].startswith("--- billing-plain: ")
    assert "outcome: routed (billing)  as expected" in lines
    assert "recording: var/demo/billing-plain.wav" in lines
    assert "events: var/demo/billing-plain.jsonl" in lines
    assert "1 of 1 callers got what they called for" in lines
    assert soundfile.info(clone / "var/demo/billing-plain.wav").channels == 2
    events = [json.loads(line) for line in (clone / "var/demo/billing-plain.jsonl").read_text().splitlines()]
    assert events[-1]["event"] == "CallEnded"


def test_the_demo_fails_when_a_caller_does_not_get_it(ivr: Ivr, clone: Path) -> None:
    (clone / CALL).write_text((clone / CALL).read_text().replace("detail: billing", "detail: sales"))
    run = ivr("demo", "small", "--out", "elsewhere")
    assert run.status == 1
    assert "0 of 1 callers got what they called for" in run.out
    assert (clone / "elsewhere" / "billing-plain.wav").exists()


def test_the_demo_where_there_are_no_callers(ivr: Ivr) -> None:
    assert ivr("demo").error.startswith(
        "tests/calls/company: there are no recorded callers. Run it in a clone"
    )


def test_the_demo_with_a_file_in_place_of_its_folder(ivr: Ivr, clone: Path) -> None:
    (clone / "taken").write_text("")
    assert ivr("demo", "small", "--out", "taken").error == (
        "taken: cannot be made (a file is in its place). Name another folder with --out"
    )


@pytest.mark.parametrize("desk", ["company", "shop", "telecom", "support"])
def test_a_desk_has_callers_for_a_first_look(root: Path, desk: str) -> None:
    shown = [call for call in load_calls(root / demo.CALLS / desk) if call.shown]
    assert 2 <= len(shown) <= 5
