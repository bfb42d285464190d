"""A customer file in a call: the example desk, typed; and what the file answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.dialog.load import load_desk
from ivr.errors import DeskError
from ivr.events import Answered, Event, LookedUp, LookUp, LookupResult, Outcome, Say
from ivr.identifying import open_lookups
from ivr.meaning import SlotValue
from ivr.parts import Reception

WHEN = datetime(2026, 11, 25, 10, tzinfo=UTC)
POSTCODE, NAME, BORN = "a l 6 0 t w", "antony shaw", "third of june nineteen thirty nine"


def said(*answers: tuple[str, str]) -> tuple[SlotValue, ...]:
    counts: dict[str, int] = {}
    out = []
    for item, text in answers:
        out.append(SlotValue(item, text, str(counts.get(item, 0)), 0.9, sensitive=True))
        counts[item] = counts.get(item, 0) + 1
    return tuple(out)


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "examples" / "customer-desk"


def answered(folder: Path, *answers: tuple[str, str]) -> LookedUp:
    desk = load_desk(folder, folder)
    lookups = open_lookups(desk.lookups, desk.language)
    try:
        return lookups.answer(LookUp("customer", said(*answers)))
    finally:
        lookups.close()


def test_questions_come_one_after_another_and_the_row_at_the_end(folder: Path) -> None:
    all_of_it = (("postcode", POSTCODE), ("name", NAME), ("dob", BORN))
    results = [answered(folder, *all_of_it[:many]) for many in range(4)]
    assert [one.result for one in results] == [LookupResult.ASK] * 3 + [LookupResult.FOUND]
    assert [one.rows[0][0].value for one in results[:3]] == ["postcode", "name", "dob"]
    row = {value.name: value.value for value in results[3].rows[0]}
    assert row == {"first_name": "Antony", "tariff": "Classic", "due": "2026-12-01"}


def test_what_a_neighbour_knows_is_not_enough(folder: Path) -> None:
    answers = [("postcode", POSTCODE), ("name", NAME), ("dob", "eleventh of august nineteen sixty nine")]
    last = answered(folder, *answers)
    while last.result is LookupResult.ASK:
        item = last.rows[0][0].value
        answers.append((item, dict(answers)[item]))
        last = answered(folder, *answers)
    assert last.result is LookupResult.NONE and last.rows == ()
    assert len(answers) <= 9


def test_the_example_typed(folder: Path, tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, cache=tmp_path / "cache", models=tmp_path / "models")
    typed = ("which tariff am I on", POSTCODE, NAME, BORN, "when is my next payment due", "goodbye")
    kept: list[Event] = []
    with Reception(folder, settings, folder) as reception:
        ended = reception.hold_typed(iter(typed), Answered(WHEN), lambda at, event: kept.append(event))
    said = [event.text for event in kept if isinstance(event, Say)]
    told = "You are on the tariff Classic. Your next payment is due on Tuesday, December first."
    assert [told in text for text in said].count(True) == 2
    assert said.count("What is your postcode?") == 1, "who is known is not asked again"
    assert ended.outcome is Outcome.ANSWERED
    asked = [event for event in kept if isinstance(event, LookUp)]
    assert len(asked) == 5 and not any(POSTCODE in repr(one) for one in asked)


def test_a_file_that_is_broken_is_named(folder: Path, tmp_path: Path) -> None:
    text = (folder / "desk.yaml").read_text(encoding="utf-8")
    (tmp_path / "desk.yaml").write_text(text, encoding="utf-8")
    rows = (folder / "customers.csv").read_text(encoding="utf-8")
    (tmp_path / "customers.csv").write_text(rows.replace("1939-06-03", "June"), encoding="utf-8")
    desk = load_desk(tmp_path, tmp_path)
    with pytest.raises(DeskError, match=r"customers.csv:3: born 'June' is no day"):
        open_lookups(desk.lookups, desk.language)
