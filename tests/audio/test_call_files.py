"""Call files: what is refused, and what the company desk's calls cover."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from audio.call_file import Call, CallFileError, Noise, load_call, load_calls
from ivr.events import Outcome

GOOD = """
call: billing
desk: company
about: a question
at: 2026-11-24T10:15:00+01:00
voice: {pitch: -8}
line: {noise: pink}
turns:
  - say: ["Um,", 0.5, "billing."]
    audio: billing/1.wav
    line: {snr: 3}
expect: {outcome: routed, detail: billing}
"""


def load(tmp_path: Path, text: str) -> Call:
    path = tmp_path / "billing.yaml"
    path.write_text(text, encoding="utf-8")
    return load_call(path)


def test_a_turn_takes_voice_and_line_from_its_call(tmp_path: Path) -> None:
    call = load(tmp_path, GOOD)
    (turn,) = call.turns
    assert turn.text == "Um, billing."
    assert call.voice_of(turn).pitch == -8
    line = call.line_of(turn)
    assert (line.noise, line.snr, line.level) == (Noise.PINK, 3, -20)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("    line: {snr: 3}", '    keys: "1"', "turns.0"),
        ('  - say: ["Um,", 0.5, "billing."]', "  - if_asked: right", "turns.0"),
        ('  - say: ["Um,", 0.5, "billing."]', "  - keys: 12", "turns.0.keys"),
        ('  - say: ["Um,", 0.5, "billing."]', '  - keys: "1x"', "turns.0.keys"),
        ('  - say: ["Um,", 0.5, "billing."]', "  - silence: -1", "turns.0.silence"),
        ("    line: {snr: 3}", "    line: {snrr: 3}", "snrr"),
        ("voice: {pitch: -8}", "voice: {pitch: -80}", "voice.pitch"),
        ("at: 2026-11-24T10:15:00+01:00", "at: 2026-11-24T10:15:00", "offset"),
        ("desk: company", "desk: company\naudio: billing/whole.wav", "one long file"),
        ("outcome: routed", "outcome: lost", "expect.outcome"),
        ("call: billing", "call: sales", "name of its file"),
        ("call: billing", "call: billing\ncalls: 1", "calls"),
        ("turns:", "turns: [", "cannot be read"),
    ],
)
def test_a_wrong_call_file_is_refused_by_name_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(CallFileError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith(str(tmp_path / "billing.yaml"))
    assert key in str(caught.value)


def test_a_call_with_one_long_file_has_no_keys(tmp_path: Path) -> None:
    whole = GOOD.replace("desk: company", "desk: company\naudio: billing/whole.wav").replace(
        "    audio: billing/1.wav\n", ""
    )
    assert load(tmp_path, whole).audio == Path("billing/whole.wav")
    with pytest.raises(CallFileError, match="one long file"):
        load(tmp_path, whole.replace("expect:", '  - keys: "1"\nexpect:'))


@pytest.fixture(scope="module")
def company(root: Path) -> list[Call]:
    return load_calls(root / "tests" / "calls" / "company")


def test_the_company_calls_reach_every_route_and_queue_of_callers(root: Path, company: list[Call]) -> None:
    desk = YAML(typ="safe").load((root / "grammars" / "company" / "desk.yaml").read_text(encoding="utf-8"))
    reached = {call.expect.detail for call in company}
    assert set(desk["routes"]) <= reached
    assert {"reception", "messages", "complaints"} <= reached


def test_the_company_calls_cover_what_a_switchboard_meets(company: list[Call]) -> None:
    assert len(company) >= 26
    assert len({c.expect.slots.get("person") for c in company if c.expect.detail == "person"}) >= 6
    outcomes = [c.expect.outcome for c in company]
    assert outcomes.count(Outcome.SCREENED_OUT) >= 2
    assert {Outcome.ANSWERED, Outcome.ROUTED, Outcome.HANDED_OFF, Outcome.ABANDONED} <= set(outcomes)
    lines = [call.line_of(turn) for call in company for turn in call.turns if turn.audio]
    assert {line.noise for line in lines} == set(Noise)
    assert {line.rate for line in lines} >= {8_000, 16_000, 44_100, 48_000}
    assert any(call.audio for call in company)


def test_every_person_asked_for_is_in_the_directory(root: Path, company: list[Call]) -> None:
    table = (root / "grammars" / "company" / "staff.csv").read_text(encoding="utf-8").splitlines()
    names = {row.split(",")[0] for row in table[1:]}
    assert len(names) == len(table) - 1 == 30
    assert {c.expect.slots["person"] for c in company if "person" in c.expect.slots} <= names
