"""`ivr check`: each kind of finding, with its line, and nothing on a good desk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from dialog_helpers import make_desk
from rapidfuzz.distance import Indel

from ivr.dialog.check import check_desk, check_structure, refuse_faults
from ivr.dialog.desk import Desk
from ivr.dialog.findings import Finding, Severity
from ivr.dialog.load import load_desk
from ivr.errors import DeskError

TODAY = date(2026, 11, 23)

SMALL = """\
name: Small
greeting: Hello
intents:
  sales:
    say: sales please
    then: {answer: We sell.}
  prices:
    label: our prices
    say: what does it cost
    then: {answer: A lot.}
"""


def expand(template: str) -> list[str]:
    """Only what the templates here need: one choice a template, brackets dropped."""
    if "((" in template:
        raise DeskError("an open bracket", place="column 3", remedy="Close it")
    options = [template]
    while "(" in options[0]:
        head, _, rest = options[0].partition("(")
        inner, _, tail = rest.partition(")")
        options = [head + way + tail for way in inner.split("|")] + options[1:]
    return [text.replace("[", "").replace("]", "") for text in options]


def sound_alike(one: str, other: str) -> float:
    return Indel.normalized_similarity(one, other)


def check(desk: Desk, today: date | None = TODAY) -> tuple[Finding, ...]:
    return check_desk(desk, sound_alike, expand, today=today)


def findings(tmp_path: Path, text: str) -> list[str]:
    return [str(finding) for finding in check(make_desk(tmp_path, text))]


def test_a_good_desk_has_nothing_to_report(desk: Desk, tmp_path: Path) -> None:
    assert [str(finding) for finding in check(desk)] == []
    (label,) = findings(tmp_path, SMALL)
    assert label.startswith("desk.yaml:4: warning: intents.sales: has no label, so callers hear 'sales'")


LABELLED = SMALL.replace("    say: sales please", "    label: sales\n    say: sales please")


@pytest.mark.parametrize(
    ("old", "new", "line", "severity", "words"),
    [
        ("{answer: We sell.}", "{say: We sell.}", 7, "error", "intents.sales.then: a dead end"),
        ("    say: sales please\n", "", 4, "error", "no phrase, key or step leads to this intent"),
        ("{answer: We sell.}", "{go: sales}", 7, "error", "goes in a circle (sales -> sales)"),
        (
            "say: what does it cost",
            "say: (what|SALES  please)",
            10,
            "error",
            "also a phrase of 'sales' (desk.yaml:6)",
        ),
        ("say: what does it cost", "say: Sales please", 8, "error", "every phrase is also one of another"),
        (
            "say: what does it cost",
            "say: sails please",
            10,
            "warning",
            "'sails please' sounds like 'sales please'",
        ),
        (
            "say: what does it cost",
            "say: ((",
            10,
            "error",
            "intents.prices.say.0: an open bracket (column 3)",
        ),
        (
            "{answer: A lot.}",
            "{answer: A lot.}\n    slots: {x: {type: digits}}",
            12,
            "error",
            "intents.prices.slots.x: is needed but never asked for",
        ),
        (
            "{answer: A lot.}",
            "{answer: A lot.}\n    slots: {x: {type: digits, ask: Which?}}",
            12,
            "warning",
            "intents.prices.slots.x: is asked for but used nowhere",
        ),
        (
            "{answer: A lot.}",
            "{answer: '{x}'}\n    slots: {x: {type: digits, optional: true}}",
            12,
            "warning",
            "is never heard: it is optional and no phrase holds it",
        ),
        (
            "intents:",
            "routes: {a: {label: a, queue: b}}\nintents:",
            3,
            "warning",
            "no intent passes calls to this",
        ),
        (
            "intents:",
            "hours: {timezone: UTC, open: mon 09:00-10:00, closed: 2026-01-01/2031-01-01}\nintents:",
            3,
            "error",
            "never open in the year from 2026-11-23",
        ),
        (
            "intents:",
            "hours: {timezone: UTC, open: mon 09:00-10:00, closed: [2025-12-25, 01-01]}\nintents:",
            3,
            "warning",
            "every holiday with a year is in the past",
        ),
    ],
)
def test_findings(tmp_path: Path, old: str, new: str, line: int, severity: str, words: str) -> None:
    assert old in LABELLED
    found = findings(tmp_path, LABELLED.replace(old, new))
    assert any(one.startswith(f"desk.yaml:{line}: {severity}: ") and words in one for one in found), found


def test_the_desk_before_the_faults_is_clean(tmp_path: Path) -> None:
    assert findings(tmp_path, LABELLED) == []


def test_each_pair_of_phrases_is_reported_once(tmp_path: Path) -> None:
    text = LABELLED.replace(
        "say: what does it cost", "say: [sails please, 'sales, please', '(scales|sails) please']"
    )
    found = [one for one in findings(tmp_path, text) if "sounds like" in one]
    assert len(found) == len(set(found)) == 2


def test_circles_through_several_intents_are_reported_once(tmp_path: Path) -> None:
    text = LABELLED.replace("{answer: We sell.}", "{go: prices}").replace("{answer: A lot.}", "{go: sales}")
    circles = [one for one in findings(tmp_path, text) if "circle" in one]
    assert len(circles) == 1
    assert "sales -> prices -> sales" in circles[0]


def test_a_circle_in_which_something_is_asked_each_time_is_none(tmp_path: Path) -> None:
    text = LABELLED.replace("{answer: We sell.}", "{go: prices}").replace("{answer: A lot.}", "{go: sales}")
    asked = text.replace("  prices:\n", "  prices:\n    slots: {again: {type: yes_no, ask: Once more?}}\n")
    assert asked != text
    assert not [one for one in findings(tmp_path, asked) if "circle" in one]
    once = asked.replace("yes_no, ask", "yes_no, once: yes, ask")
    assert [one for one in findings(tmp_path, once) if "circle" in one]


def test_a_message_that_leads_back_to_its_route_is_a_circle(tmp_path: Path) -> None:
    text = """\
hours: {timezone: UTC, open: mon 09:00-10:00}
routes: {a: {label: a, extension: "1", when_closed: message}}
intents:
  sales: {say: sales, label: s, then: {route: a}}
  message: {then: {route: a}}
"""
    found = findings(tmp_path, "name: x\ngreeting: y\n" + text)
    assert any("circle (message -> message)" in one for one in found), found


def test_an_intent_that_only_steps_lead_to_is_reached(tmp_path: Path) -> None:
    text = LABELLED.replace("{answer: We sell.}", "{go: prices}").replace("    say: what does it cost\n", "")
    assert findings(tmp_path, text) == []


def test_a_language_without_prompts(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, LABELLED.replace("name: Small", "name: Small\nlanguage: fr-FR"))
    found = check(desk)
    missing = {finding.key for finding in found if finding.severity is Severity.ERROR}
    assert {"prompts.no_input", "prompts.handoff", "prompts.goodbye"} <= missing
    assert not {"prompts.transfer", "prompts.route_closed", "prompts.handoff_closed"} & missing
    assert str(found[0]) == (
        "desk.yaml:1: error: prompts.anything_else: the language fr-FR has no default for this prompt. "
        "Write it under `prompts: {anything_else: ...}`"
    )
    with pytest.raises(DeskError, match=r"desk.yaml:1: prompts.anything_else: .* no default") as caught:
        refuse_faults(desk)
    assert len(caught.value.problems) == len(missing)


def test_a_call_can_be_refused_without_an_ear_for_phrases(tmp_path: Path, desk: Desk) -> None:
    assert refuse_faults(desk) is desk
    assert {finding.severity for finding in check_structure(desk)} <= {Severity.WARNING}
    with pytest.raises(DeskError, match="circle"):
        refuse_faults(make_desk(tmp_path, LABELLED.replace("{answer: We sell.}", "{go: sales}")))


def test_recordings_that_fit_no_prompt(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    for name in ("greeting", "greting", "no_input.1", "offer.1"):
        (folder / f"{name}.wav").write_bytes(b"")
    found = findings(tmp_path, LABELLED)
    assert len(found) == 2
    assert "greting.wav:1: warning: greting: the recording's name fits no prompt" in found[0]
    assert "Did you mean 'greeting'?" in found[0]
    assert "offer.1: the prompt has values that a recording cannot say" in found[1]


def test_the_desks_that_come_with_ivr_have_no_errors(root: Path) -> None:
    for path in sorted((root / "grammars").glob("*/desk.yaml")):
        errors = [str(f) for f in check_structure(load_desk(path, root)) if f.severity is Severity.ERROR]
        assert errors == []


def test_thousands_of_phrases_are_compared_in_time(tmp_path: Path) -> None:
    lines = ["name: x", "greeting: y", "intents:"]
    for n in range(40):
        says = ", ".join(f"number {n * 50 + m} of the things people say" for m in range(50))
        lines.append(f"  i{n}: {{label: l, say: [{says}], then: {{answer: x}}}}")
    compared = 0

    def count(one: str, other: str) -> float:
        nonlocal compared
        compared += 1
        return 0.0

    assert check_desk(make_desk(tmp_path, "\n".join(lines)), count, expand) == ()
    assert compared == 5_000


def test_a_way_to_say_a_row_that_cannot_be_read_is_an_error(desk: Desk, tmp_path: Path) -> None:
    assert not [one for one in check(desk) if "cannot be said" in one.text]
    make_desk(tmp_path)
    rows = "name,say,extension\nAnna Berg,((Anna|Miss Berg,301\nNora Vane,,302\n"
    (tmp_path / "staff.csv").write_text(rows, encoding="utf-8")
    found = [one for one in check(load_desk(tmp_path, tmp_path)) if "cannot be said" in one.text]
    assert [(one.severity, one.key) for one in found] == [(Severity.ERROR, "reach_person.person")]
    assert found[0].text == "'Anna Berg' cannot be said as '((Anna': an open bracket"
