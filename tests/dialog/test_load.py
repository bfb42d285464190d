"""Loading desks: where they are found, and every fault with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dialog_helpers import DESK, make_desk
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialog import tables
from ivr.dialog.load import load_desk
from ivr.dialog.terms import RecognizerChoice, WhenClosed
from ivr.errors import DeskError, UnknownError

SMALL = """\
name: Small
greeting: Hello
intents:
  sales:
    say: sales
    then: {answer: We sell.}
"""


def problems(tmp_path: Path, text: str, **files: str) -> list[str]:
    with pytest.raises(DeskError) as caught:
        make_desk(tmp_path, text, **files)
    assert str(caught.value) == caught.value.problems[0]
    assert all("\n" not in line for line in caught.value.problems)
    return list(caught.value.problems)


def only(tmp_path: Path, text: str, **files: str) -> str:
    found = problems(tmp_path, text, **files)
    assert len(found) == 1, found
    return found[0]


# --- finding -----------------------------------------------------------------------------------------


def test_a_desk_is_found_by_name_folder_and_file(tmp_path: Path) -> None:
    folder = tmp_path / "grammars" / "small"
    folder.mkdir(parents=True)
    (folder / "desk.yaml").write_text(SMALL)
    for where in ("small", "grammars/small", "grammars/small/desk.yaml", folder, folder / "desk.yaml"):
        assert load_desk(where, tmp_path).name == "Small"
    (tmp_path / "mine.yaml").write_text(SMALL)
    assert load_desk("mine.yaml", tmp_path).name == "Small"


def test_an_unknown_desk_names_those_there_are(tmp_path: Path) -> None:
    folder = tmp_path / "grammars" / "company"
    folder.mkdir(parents=True)
    (folder / "desk.yaml").write_text(SMALL)
    with pytest.raises(UnknownError, match="compnay: no such desk. Did you mean 'company'"):
        load_desk("compnay", tmp_path)
    with pytest.raises(UnknownError, match="Give its folder"):
        load_desk("company", tmp_path / "elsewhere")
    with pytest.raises(DeskError, match=r"the folder has no desk.yaml"):
        load_desk("grammars", tmp_path)
    with pytest.raises(DeskError, match="no such file"):
        load_desk("grammars/x/desk.yaml", tmp_path)


def test_messages_name_the_file_from_where_one_stands(tmp_path: Path) -> None:
    folder = tmp_path / "grammars" / "bad"
    folder.mkdir(parents=True)
    (folder / "desk.yaml").write_text(SMALL + "data: {staff: {file: none.csv, key: name}}\nnam: x\n")
    with pytest.raises(DeskError) as caught:
        load_desk("bad", tmp_path)
    assert [line.split(": ")[0] for line in caught.value.problems] == [
        "grammars/bad/desk.yaml:8",
        "grammars/bad/none.csv:1",
    ]


# --- what a good desk becomes ------------------------------------------------------------------------


def test_defaults(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, SMALL)
    assert (desk.language, desk.recognizer) == ("en-US", RecognizerChoice.AUTO)
    assert desk.thresholds.accept == 0.75
    assert desk.limits.no_match == 2
    assert desk.recordings == tmp_path / "prompts"
    assert desk.handoff.queue == "reception"
    assert desk.hours is None


def test_the_parts_of_a_desk(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    assert desk.tables["staff"].cell("Anna Berg", "extension") == "301"
    assert desk.routes["billing"].when_closed is WhenClosed.MESSAGE
    assert desk.routes["sales"].when_closed is WhenClosed.HANDOFF
    assert desk.flows["billing"].label == "the billing department"
    assert desk.flows["reach_person"].slots[0].spec.choices[0].say == ("Anna Berg", "Anna", "Miss Berg")
    assert desk.flows["call_back"].slots[0].spec.length == (7, 12)
    assert "message" in desk.flows
    assert "message" not in desk.intents


def test_examples_are_taken_by_their_label(tmp_path: Path) -> None:
    text = SMALL.replace("say: sales", "examples: all.jsonl")
    lines = '{"text": "I want to buy", "intent": "sales"}\n\n{"text": "x", "intent": "other"}\n'
    lines += '{"text": "no label"}\n{"text": "out of scope", "intent": null}\n'
    desk = make_desk(tmp_path, text, all__jsonl=lines)
    assert [sentence for sentence, _ in desk.intents["sales"].examples] == ["I want to buy", "no label"]
    assert [place.line for _, place in desk.intents["sales"].examples] == [1, 4]


def test_a_file_of_many_labels_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read anew for each of 150 intents, 15,000 sentences took four seconds beside the calls."""
    text = SMALL.replace("say: sales", "examples: all.jsonl")
    for number in range(5):
        text += f"  more_{number}:\n    examples: all.jsonl\n    then: {{answer: Well.}}\n"
    names = ("sales", *(f"more_{number}" for number in range(5)))
    lines = "".join(f'{{"text": "say {name}", "intent": "{name}"}}\n' for name in names)
    read: list[str] = []
    plain = tables.read_text

    def counted(path: Path, *args: Any) -> str:
        read.append(path.name)
        return plain(path, *args)

    monkeypatch.setattr(tables, "read_text", counted)
    desk = make_desk(tmp_path, text, all__jsonl=lines)
    assert [one for one, _ in desk.intents["more_4"].examples] == ["say more_4"]
    assert read.count("all.jsonl") == 1


def test_an_intent_of_the_desk_replaces_that_of_the_language(tmp_path: Path) -> None:
    text = SMALL + "  message:\n    say: a message\n    then: {handoff: {queue: messages}}\n"
    assert make_desk(tmp_path, text).flows["message"].slots == ()


# --- shape -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("say: sales", "sya: sales", 5, "intents.sales.sya: unknown key. Did you mean 'say'?"),
        ("{answer: We", "{anser: We", 6, "intents.sales.then.anser: unknown key. Did you mean 'answer'?"),
        ("say: sales", "say: 5", 5, "intents.sales.say: must be text, not 5. Put it in quotes"),
        ("say: sales", "keys: 1", 5, "intents.sales.keys: must be text, not 1. Put it in quotes"),
        ("say: sales", 'keys: "1a"', 5, "Write one or more of the keys 0 to 9"),
        (
            "say: sales",
            "confirm: sometimes",
            5,
            "must be one of 'auto', 'always' or 'never', not 'sometimes'",
        ),
        ("say: sales", "slots: [a]", 5, "intents.sales.slots: must be a mapping, not a list"),
        ("  sales:\n", "  Sales:\n", 4, "'Sales' cannot be used here. Start with a small letter"),
        ("name: Small", "name: ''", 1, "name: is empty"),
        ("name: Small", "name:", 1, "name: must be text, not nothing"),
        ("name: Small", "name: x\nlanguage: english", 2, "language: 'english' cannot be used here"),
        ("name: Small", "name: x\nlanguage: no", 2, ""),
        (
            "name: Small",
            "name: x\nthresholds: {accept: 2}",
            2,
            "thresholds.accept: should be less than or equal to 1",
        ),
        ("name: Small", "name: x\nthresholds: {accept: 0.3}", 2, "accept must be at least confirm"),
        ("name: Small", "name: x\nlimits: {no_match: 0}", 2, "limits.no_match"),
        ("name: Small", "name: x\nlimits: {no_match: two}", 2, "must be a whole number, not 'two'"),
        (
            "name: Small",
            "name: x\nhours: {timezone: Mars/Base, open: mon 09:00-10:00}",
            2,
            "no such time zone",
        ),
        ("name: Small", "name: x\nhours: {timezone: UTC, open: mon 9-10}", 2, "hours.open: no times like"),
        ("name: Small", "name: x\nprompts: {no_inptu: x}", 2, "unknown key. Did you mean 'no_input'?"),
        (
            "name: Small",
            "name: x\nroutes: {a: {label: a}}",
            2,
            "routes.a: a route needs an extension or a queue",
        ),
        ("{answer: We sell.}", "{}", 6, "nothing to do here"),
        ("{answer: We sell.}", "[]", 6, "is empty"),
        ("{answer: We sell.}", "{route: a, end: answered}", 6, "`route` comes last, so `end` is never done"),
        ("{answer: We sell.}", "{end: failed}", 6, "must be one of"),
        ("{answer: We sell.}", "{handoff: {queue: A b}}", 6, "'A b' cannot be used here"),
        ("{answer: We sell.}", "{answer: x, likely: [sales]}", 6, "`likely` belongs to `ask`"),
        ("say: sales", "slots: {a: {type: digit}}", 5, "must be one of 'digits'"),
        ("say: sales", "slots: {a: {type: digits, length: [9, 7]}}", 5, "the smaller length comes first"),
        ("say: sales", "slots: {a: {type: date, length: 3}}", 5, "`length` is for slots of type digits"),
        ("say: sales", "slots: {a: {type: date, keys: true}}", 5, "`keys: true` is for"),
        ("say: sales", "slots: {a: {type: choice}}", 5, "a choice needs"),
        ("say: sales", "slots: {a: {type: choice, choices: [b, b]}}", 5, "listed twice"),
        ("say: sales", "slots: {a: {type: choice, choices: [1, 2]}}", 5, "put numbers in quotes"),
        ("say: sales", "slots: {a: {type: date, choices: [b]}}", 5, "are for slots of type choice or name"),
    ],
)
def test_one_fault(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in SMALL
    if not words:
        make_desk(tmp_path, SMALL.replace(old, new))
        return
    found = problems(tmp_path, SMALL.replace(old, new))
    assert len(found) == 1, found
    assert found[0].startswith(f"desk.yaml:{line}: ")
    assert words in found[0]


def test_a_misspelt_key_that_is_needed(tmp_path: Path) -> None:
    assert problems(tmp_path, SMALL.replace("greeting:", "greetng:")) == [
        "desk.yaml:1: greeting: is missing. Add `greeting`",
        "desk.yaml:2: greetng: unknown key. Did you mean 'greeting'?",
    ]


def test_a_file_that_is_not_yaml_is_one_problem(tmp_path: Path) -> None:
    assert only(tmp_path, "name: [\n").startswith("desk.yaml:2: not valid YAML")


def test_missing_keys(tmp_path: Path) -> None:
    assert problems(tmp_path, "name: x\n") == [
        "desk.yaml:1: greeting: is missing. Add `greeting`",
        "desk.yaml:1: intents: is missing. Add `intents`",
    ]
    assert "must be a mapping" in only(tmp_path, "- a\n- b\n")
    assert "must be a mapping" in only(tmp_path, "just words\n")


def test_all_faults_are_reported_those_of_the_shape_first(tmp_path: Path) -> None:
    text = """\
name: Bad
greting: Hello
greeting: Hello {caller}
colour: red
colour: blue
routes:
  billing: {label: billing, extension: "1", colour: red}
intents:
  billing:
    say: about my {bill}
    keys: "1"
    then: {route: biling}
  sales:
    say: sales
    keys: "1"
    then: {answer: "See {page}."}
"""
    found = problems(tmp_path, text)
    assert [one.split(": ")[:2] for one in found] == [
        ["desk.yaml:5", "colour"],
        ["desk.yaml:2", "greting"],
        ["desk.yaml:5", "colour"],
        ["desk.yaml:7", "routes.billing.colour"],
        ["desk.yaml:3", "greeting"],
        ["desk.yaml:10", "intents.billing.say"],
        ["desk.yaml:12", "intents.billing.then.route"],
        ["desk.yaml:15", "intents.sales.keys"],
        ["desk.yaml:16", "intents.sales.then.answer"],
    ]


# --- references --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{route: billing}", "{route: biling}", "no route 'biling' under `routes`. Did you mean 'billing'?"),
        ("{go: call_back}", "{go: callback}", "no intent 'callback'. Did you mean 'call_back'?"),
        ("likely: [billing, sales]", "likely: [billing, sale]", "no intent 'sale'. Did you mean 'sales'?"),
        ("from: staff", "from: stuff", "no table 'stuff' under `data`. Did you mean 'staff'?"),
        ("speak to {person}", "speak to {persn}", "{persn} is used, but 'reach_person' has no slot 'persn'"),
        (
            "Order {order_number}",
            "Order {number}",
            "{number} is used, but 'order_status' has no slot 'number'",
        ),
        ("{person}, is that", "{person.title}, is that", "a column that table 'staff' does not have"),
        ("Order {order_number}", "Order {order_number.x}", "{order_number.x} needs a data table"),
        ("{person.extension}", "{person.phone}", "a column that table 'staff' does not have"),
        (
            'label: "{person}"',
            'label: "{who}"',
            "intent 'reach_person', which passes calls here, has no slot 'who'",
        ),
        ("Call back {callback}", "Call back {call}", "{call} is used"),
        ("Welcome. How", "Welcome {x}. How", "{x} has no value yet"),
        ("{answer: We are open from nine to six.}", '{answer: "nine } six."}', "has a brace"),
        (
            "day: {type: date, optional: true}",
            "route: {type: date, optional: true}",
            "already has a meaning in texts",
        ),
        ('keys: "2"', 'keys: "1"', "'1' already means 'billing'"),
        (
            "handoff: {queue: reception",
            "queues: [reception, billing]\nhandoff: {queue: recption",
            "no queue 'recption'",
        ),
        ("key: name", "key: title", "no column 'title', which the desk names as the key"),
        ("file: staff.csv", "file: staf.csv", "staf.csv:1: no such file"),
    ],
)
def test_references(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in DESK
    text = DESK.replace(old, new).replace(
        'say: ["call me back", "call me back on {day}"]', "say: call me back"
    )
    found = problems(tmp_path, text)
    assert any(words in one for one in found), found


def test_queues_are_checked_wherever_they_are_named(tmp_path: Path) -> None:
    found = problems(tmp_path, "queues: [reception, billing]\n" + DESK)
    assert [one.split(": ")[1] for one in found] == [
        "routes.sales.queue",
        "routes.repairs.queue",
        "intents.call_back.then.handoff.queue",
    ]


def test_steps_behind_the_last_one(tmp_path: Path) -> None:
    text = SMALL.replace("{answer: We sell.}", "\n      - {handoff: {}}\n      - {answer: We sell.}")
    assert "`answer` is never done" in only(tmp_path, text)


def test_overridden_prompts_may_only_use_their_values(tmp_path: Path) -> None:
    text = SMALL + 'prompts: {offer: "{frist} or {second}?", goodbye: ["Bye {first}."]}\n'
    found = sorted(problems(tmp_path, text))
    assert "prompts.goodbye.0: {first} has no value in this prompt" in found[0]
    assert "{frist} has no value in this prompt. Did you mean 'first'?" in found[1]


# --- data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("name,name\nA,B\n", 1, "a column is named twice"),
        ("name,Say It\nA,B\n", 1, "'Say It' is not a column name"),
        ("name,say\nA,B,C\n", 2, "3 values where the first line names 2 columns"),
        ("name,say\nA,\n\nA,x\n", 4, "'A' is also on line 2"),
        ("name,say\n,x\n", 2, "staff.name: empty"),
        ("name,say\n", 1, "no rows"),
        ('name,say\nA,"x\n', 2, "not CSV"),
        ("", 1, "the file is empty"),
    ],
)
def test_broken_tables(tmp_path: Path, table: str, line: int, words: str) -> None:
    (tmp_path / "desk.yaml").write_text(SMALL + "data: {staff: {file: staff.csv, key: name}}\n")
    (tmp_path / "staff.csv").write_text(table)
    with pytest.raises(DeskError) as caught:
        load_desk(tmp_path, tmp_path)
    assert any(one.startswith(f"staff.csv:{line}: ") and words in one for one in caught.value.problems) or (
        "staff.csv:" in str(caught.value) and words in str(caught.value)
    )


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ('{"text": "a", "intent": "sales"}\n{text: a}\n', 2, "not JSON"),
        ('{"intent": "sales"}\n', 1, "text: missing or not text"),
        ('["a"]\n', 1, "missing or not text"),
        ('{"text": "a", "intent": 5}\n', 1, "intent: not text"),
        ('{"text": "a", "intent": "saels"}\n', 1, "no sentence is labelled 'sales'"),
        ("[" * 100_000 + "\n", 1, "not JSON"),
    ],
)
def test_broken_examples(tmp_path: Path, lines: str, line: int, words: str) -> None:
    text = SMALL.replace("say: sales", "examples: all.jsonl")
    found = only(tmp_path, text, all__jsonl=lines)
    assert found.startswith(f"all.jsonl:{line}: ")
    assert words in found


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "desk.yaml").write_text(SMALL + "data: {staff: {file: staff.csv, key: name}}\n")
    (folder / "staff.csv").write_bytes(b"name,say\n" + raw)
    try:
        load_desk(folder, folder)
    except DeskError as error:
        assert "staff.csv" in str(error)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    st.sampled_from(
        ["name", "hours", "thresholds", "limits", "handoff", "data", "routes", "intents", "prompts"]
    ),
    VALUES,
)
def test_any_value_anywhere_is_taken_or_named(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: object
) -> None:
    """Whatever stands under a key, the loader gives a desk or a DeskError."""
    import json

    folder = tmp_path_factory.getbasetemp() / "values"
    folder.mkdir(exist_ok=True)
    whole = {
        "name": "x",
        "greeting": "y",
        "intents": {"a": {"say": "b", "then": {"answer": "c"}}},
        key: value,
    }
    (folder / "desk.yaml").write_text(json.dumps(whole), encoding="utf-8")
    try:
        load_desk(folder, folder)
    except DeskError as error:
        assert error.problems or error.place
