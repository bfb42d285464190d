"""Call files: what a call takes from them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.trials.callfile import CallFile, CallFileError, Noise, load_call

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


def load(tmp_path: Path, text: str) -> CallFile:
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
        ("turns:", "turns: [", "not valid YAML"),
        ("outcome: routed", "outcom: routed", "expect.outcom: unknown key. Did you mean 'outcome'?"),
        (GOOD, "", "the file is empty"),
        (GOOD, "- a list", "must be a mapping, not a list"),
    ],
)
def test_a_wrong_call_file_is_refused_by_name_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(CallFileError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith(f"{tmp_path / 'billing.yaml'}:" if new else str(tmp_path))
    assert "\n" not in str(caught.value)
    assert key in str(caught.value)


def test_a_call_with_one_long_file_has_no_keys(tmp_path: Path) -> None:
    whole = GOOD.replace("desk: company", "desk: company\naudio: billing/whole.wav").replace(
        "    audio: billing/1.wav\n", ""
    )
    assert load(tmp_path, whole).audio == Path("billing/whole.wav")
    with pytest.raises(CallFileError, match="one long file"):
        load(tmp_path, whole.replace("expect:", '  - keys: "1"\nexpect:'))
