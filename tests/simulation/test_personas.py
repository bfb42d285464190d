"""Who calls, and the file that says what they want."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.dialog.load import load_desk
from ivr.errors import UnknownError
from ivr.meaning import SlotSpec, SlotType
from ivr.simulation.callers import Callers, CallersError, Want, load_callers
from ivr.simulation.facts import keys_for, said_for
from ivr.simulation.persona import Persona, personas
from ivr.understanding.matcher import expand

ROOT = Path(__file__).resolve().parents[2]
COMPANY = ROOT / "grammars" / "company"


def some(count: int = 40, seed: int = 1, callers: Callers | None = None) -> list[Persona]:
    return list(personas(load_desk("company", ROOT), callers, count, seed, (10.0, 20.0), expand))


def test_the_same_seed_is_the_same_people() -> None:
    assert some(seed=3) == some(seed=3)
    assert some(seed=3) != some(seed=4)


def test_people_differ_and_call_when_the_desk_is_open() -> None:
    people = some()
    assert len({(p.voice.pitch, p.voice.tract, p.voice.speed) for p in people}) > 30
    assert len({p.line.noise for p in people}) > 2 and all(10 <= p.line.snr <= 20 for p in people)
    hours = load_desk("company", ROOT).hours
    assert hours is not None and all(hours.is_open(p.at) for p in people)


def test_every_wording_of_the_file_is_said_before_one_is_said_again() -> None:
    callers = load_callers(COMPANY / "callers.yaml")
    wordings = sum(len(want.says) for want in callers.callers)
    people = some(count=wordings, callers=callers)
    assert len({(p.intent, p.says) for p in people}) >= wordings - 1
    assert "{" not in "".join(p.says + p.plain for p in people)


def test_no_wording_of_our_callers_is_in_its_desk() -> None:
    for file in sorted((ROOT / "grammars").glob("*/callers.yaml")):
        desk = load_desk(file.parent.name, ROOT)
        held = {
            " ".join(sentence.lower().split())
            for intent in desk.intents.values()
            for template, _ in intent.templates
            for sentence in expand(template)
        } | {text.lower() for intent in desk.intents.values() for text, _ in intent.examples}
        for want in load_callers(file).callers:
            assert not [says for says in want.says if says.lower() in held], file


@pytest.mark.parametrize("kind", [kind for kind in SlotType if kind is not SlotType.CHOICE])
def test_every_kind_of_fact_has_something_to_say(kind: SlotType) -> None:
    import random

    assert said_for(SlotSpec("x", kind), random.Random(1))


def test_digits_have_their_length_and_keys() -> None:
    import random

    said = said_for(SlotSpec("x", SlotType.DIGITS, (5, 5)), random.Random(1))
    keys = keys_for(said)
    assert len(keys) == 6 and keys[-1] == "#" and keys[:-1].isdigit()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("callers: []", "callers: Tuple should have at least 1 item"),
        ("callers:\n  - intent: billing\n", "callers.0.says: Field required"),
        ("callers:\n  - {intent: billing, says: [x], fact: {}}", "callers.0.fact: Extra inputs"),
        ("callers: [", "cannot be read"),
        ("", "Input should be a valid dictionary"),
    ],
)
def test_a_broken_file_names_the_key(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "callers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CallersError, match=r"callers\.yaml") as caught:
        load_callers(file)
    assert wrong in str(caught.value)


def test_a_want_that_the_desk_does_not_know() -> None:
    with pytest.raises(UnknownError, match="no intent 'pizza'"):
        some(callers=Callers(callers=(Want(intent="pizza", says=("a pizza",)),)))
