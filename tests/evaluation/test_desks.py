"""The desks for orders and digits: written as desk authors write, true to the labels of the data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ivr.dialog.check import check_desk
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.understanding.matcher import expand, sound_alike


@pytest.fixture(scope="module")
def coffee(root: Path) -> Desk:
    return load_desk("coffee", root)


@pytest.mark.parametrize("name", ["coffee", "digits"])
def test_the_check_finds_nothing(root: Path, name: str) -> None:
    assert check_desk(load_desk(name, root), sound_alike, expand) == ()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.shared
def test_the_desk_has_every_label(shared: Path, coffee: Desk) -> None:
    (intent,) = (one for one in coffee.vocabulary().intents if not one.alarms)
    values = {slot.name: {choice.value for choice in slot.choices} for slot in intent.slots}
    rows = [json.loads(line) for line in _lines(shared / "speech/en-commands/dev.jsonl")]
    assert {row["intent"] for row in rows} == {intent.name}
    for row in rows:
        for name, value in row["slots"].items():
            assert value in values[name], (name, value)
    assert len(rows) == 120


@pytest.mark.shared
def test_every_sentence_of_the_grammar_is_a_phrase_of_the_desk(shared: Path, coffee: Desk) -> None:
    (intent,) = (one for one in coffee.vocabulary().intents if not one.alarms)
    phrases = {sentence for template in intent.templates for sentence in expand(template)}
    slot_of = {choice.value: slot.name for slot in intent.slots for choice in slot.choices}
    longest_first = sorted(slot_of, key=len, reverse=True)
    value = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b")
    sentences = _lines(shared / "speech/en-commands/sentences.txt")
    assert len(sentences) == 432
    for sentence in sentences:
        (plain,) = expand(sentence)
        assert value.sub(lambda found: f"{{{slot_of[found[1]]}}}", plain) in phrases, sentence


@pytest.mark.shared
def test_every_digit_has_its_word(root: Path, shared: Path) -> None:
    (intent,) = (one for one in load_desk("digits", root).vocabulary().intents if not one.alarms)
    said = [json.loads(line)["transcript"] for line in _lines(shared / "speech/en-digits/dev.jsonl")]
    assert {choice.value for choice in intent.slots[0].choices} == set(said)
