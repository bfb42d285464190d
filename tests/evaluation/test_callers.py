"""Answers of callers, and who they are taken for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.cli.app import run
from ivr.evaluation.callers import Caller, labelled_by_words, read_callers, without_record_as_strangers
from ivr.evaluation.identification import impostors, measure_callers, neighbours_of, play
from ivr.evaluation.jsonl import CaseError
from ivr.understanding.customers import Customer, CustomerFile, Item, lay_out
from ivr.understanding.identify import Identifier, Policy, Verdict
from tests.evaluation.conftest import WriteLines

CUSTOMERS = (
    Customer("1", "EC6 7GJ", "Lisa Brooks", "2002-01-03"),
    Customer("2", "EC6 7GJ", "Martin Cole", "1975-11-20"),
    Customer("3", "AL6 0TW", "Antony Shaw", "1939-06-03"),
    Customer("4", "BS3 2PL", "Teresa Smith", "1950-08-11"),
)
LISA = {
    Item.POSTCODE: (("e c 6 7 g j",), ("okay Charlie 6 7 golf Juliet",)),
    Item.NAME: (("Lisa box", "Lisa Brooks"), ("Lisa Brooks",)),
    Item.BIRTHDAY: (("3rd of January 2002",),),
}
HEADING = "scenario_id,postcode,name,dob\n"


@pytest.fixture(scope="module")
def file() -> CustomerFile:
    return lay_out(CUSTOMERS, date(2026, 1, 1))


def answer(item: str, *nbest: str, call: str = "c", who: object = "1", **more: object) -> dict[str, object]:
    return {"dialogue": call, "scenario": who, "item": item, "nbest": list(nbest), **more}


def test_answers_of_one_call_belong_together_in_the_order_of_their_attempts(lines: WriteLines) -> None:
    path = lines(
        answer("name", "second", attempt=1),
        answer("postcode", "other call", call="d", who=None),
        answer("name", "first", "or so", attempt=0),
        answer("dob"),
    )
    one, other = read_callers(path)
    assert (one.name, one.truth, other.name, other.truth) == ("c", "1", "d", "")
    assert one.answers[Item.NAME] == (("first", "or so"), ("second",))
    assert one.answers[Item.BIRTHDAY] == ((),)
    assert other.answers[Item.POSTCODE] == (("other call",),)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x", "not JSON"),
        ([], "no JSON object"),
        ({"item": "name", "nbest": []}, "no `dialogue`"),
        ({"dialogue": "c", "nbest": []}, "no `item`"),
        (answer("phone"), "no fact is called 'phone'"),
        (answer("name", attempt=-1), "`attempt` is no number"),
        (answer("name", attempt=True), "`attempt` is no number"),
        (answer("name", attempt="0"), "`attempt` is no number"),
        ({"dialogue": "c", "item": "name"}, "`nbest` is no list"),
        ({"dialogue": "c", "item": "name", "nbest": [1]}, "`nbest` is no list"),
        (answer("name", who=7), "'scenario' is no text"),
        (answer("postcode", "again", attempt=0), "attempt 0 at postcode of call 'c' is there twice"),
        (answer("name", who="2"), "call 'c' has two scenarios"),
    ],
)
def test_a_broken_line_is_named(lines: WriteLines, row: object, message: str) -> None:
    path = lines(answer("postcode", attempt=0), row)
    with pytest.raises(CaseError) as error:
        read_callers(path)
    assert error.value.place == f"{path}:2"
    assert message in error.value.what
    assert error.value.remedy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["dialogue", "scenario", "item", "attempt", "nbest", "other"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(row=st.dictionaries(KEYS, JSON | st.sampled_from(["name", "dob"]), max_size=6))
def test_any_object_is_an_answer_or_refused(tmp_path: Path, row: dict[str, object]) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    try:
        (caller,) = read_callers(path)
    except CaseError as error:
        assert error.place == f"{path}:1"
    else:
        assert caller.name == row["dialogue"]


def test_a_label_whose_facts_nobody_says_gives_way_to_those_that_are_said(file: CustomerFile) -> None:
    lisa = Caller("c", "4", {**LISA, Item.POSTCODE: (("Charlie 6 7 golf Juliet",),)})
    said = replace(lisa, answers=LISA)
    assert [c.truth for c in labelled_by_words([lisa, said], CUSTOMERS)] == ["4", "1"]
    assert labelled_by_words([replace(said, truth="")], CUSTOMERS)[0].truth == ""
    named_by_none = replace(lisa, truth="99")
    assert without_record_as_strangers([named_by_none, lisa], file) == (replace(lisa, truth=""), lisa)


def test_a_customer_is_identified_and_silence_refused(file: CustomerFile) -> None:
    end, asked = play(Identifier(file, Policy(supports=2.0)), LISA)
    assert (end.verdict, end.customer, asked) == (Verdict.IDENTIFIED, "1", 3)
    end, asked = play(Identifier(file, Policy(attempts=2)), {})
    assert (end.verdict, asked) == (Verdict.REFUSED, 6)


def test_impostors_know_two_facts_or_have_no_record(file: CustomerFile) -> None:
    lisa = Caller("c", "1", LISA)
    antony = Caller("d", "3", {**LISA, Item.NAME: (("Antony Shaw",),)})
    assert neighbours_of(file, ["1", "3"]) == {"1": ["2"], "3": []}
    made = list(impostors([lisa, antony], neighbours_of(file, ["1", "3"])))
    kinds = [kind for kind, *_ in made]
    assert kinds.count("own record taken out") == 2
    assert kinds.count("claims to be a neighbour") == 1
    (name,) = [answers for kind, answers, *_ in made[:5] if kind == "name of somebody else"]
    assert name == {**LISA, Item.NAME: antony.answers[Item.NAME]}
    assert all(kind != "dob of somebody else" for kind, *_ in impostors([lisa], {}))


def test_a_false_accept_is_counted_whoever_it_is(file: CustomerFile) -> None:
    lisa, stranger, taken_for = Caller("c", "1", LISA), Caller("d", "", LISA), Caller("e", "4", LISA)
    rates = measure_callers([lisa, stranger, taken_for], file, [Policy(supports=2.0)], strangers=False)
    assert (rates.identified, len(rates.known), rates.refused) == (1, 2, 0)
    assert (rates.false_accepts, rates.false_trials) == (2, 3)
    assert rates.within == (0.5,)
    strict = measure_callers([lisa], file, [Policy()], strangers=True)
    assert strict.false_trials == 1 + sum(tried.n for tried in strict.impostors) == 3


# --- as it is typed -----------------------------------------------------------------------------------------


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    rows = (f"{one.key},{one.postcode},{one.name},{one.birthday}\n" for one in CUSTOMERS)
    path.write_text(HEADING + "".join(rows), encoding="utf-8")
    return path


def calls(lines: WriteLines) -> str:
    rows = (answer(item.value, *nbest) for item, some in LISA.items() for nbest in some)
    return str(lines(*rows, answer("name", "nobody", call="d", who=None)))


def test_the_command_prints_and_writes_the_rates(
    lines: WriteLines, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "result.json"
    assert run(["identify", calls(lines), "--records", str(records), "--json", str(result)]) == 0
    shown = capsys.readouterr().out
    assert "false accepts" in shown
    data = json.loads(result.read_text(encoding="utf-8"))
    assert (data["n"], data["customers"], data["known"], data["strangers"]) == (2, 4, 1, 1)
    assert data["false_accept_rate"] == 0.0
    assert data["false_accept_trials"] == 2 + sum(kind["n"] for kind in data["impostors"])
    assert [one["attempts"] for one in data["within"]] == [1, 2, 3]
    assert data["calls"][1]["verdict"] == "refused"
    assert run(["identify", calls(lines), "--records", str(records), "--no-impostors", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["impostors"] == []


@pytest.mark.parametrize(
    ("csv", "args", "message"),
    [
        ("scenario_id,name,dob\n1,A,\n", (), "records.csv:1: has no column 'postcode'"),
        (HEADING + "1,EC6 7GJ,A,1990-02-31\n", (), "records.csv:2: dob '1990-02-31' is no day"),
        (HEADING + "1,,A,\n1,,B,\n", (), "records.csv:3: the key '1' occurs twice"),
        (HEADING + ",,A,\n", (), "records.csv:2: no scenario_id"),
        (HEADING, (), "records.csv: has no customers"),
        (HEADING + "x,,A,\n", (), "no scenario is a customer's scenario_id"),
        (HEADING + "1,,A,\n", ("--columns", "phone=tel"), "--columns: 'phone=tel' names no column"),
        (HEADING + "1,,A,\n", ("--columns", "key="), "--columns: the key has no column"),
        (HEADING + "1,,A,\n", ("--json", "no/r.json"), "cannot be written (no such folder)"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    lines: WriteLines,
    records: Path,
    capsys: pytest.CaptureFixture[str],
    csv: str,
    args: tuple[str, ...],
    message: str,
) -> None:
    records.write_text(csv, encoding="utf-8")
    assert run(["identify", calls(lines), "--records", str(records), *args]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_file_without_postcodes_does_with_the_other_facts(
    lines: WriteLines, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records.write_text("id,name,born\n1,Lisa Brooks,2002-01-03\n2,Martin Cole,\n", encoding="utf-8")
    args = ["--columns", "key=id, postcode=, dob=born", "--json"]
    assert run(["identify", calls(lines), "--records", str(records), *args]) == 0
    (lisa, _) = json.loads(capsys.readouterr().out)["calls"]
    assert set(lisa["support"]) == {"name", "dob"}
