"""Numbers of telephones and persons are in no record; whoever takes the call has them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.config import Settings
from ivr.discretion import NUMBER, LogMask, NumberMask
from ivr.events import Answered, CallStarted, Event, Heard, Say, SlotFilled, Understood
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest
from ivr.meaning import Answer, Hypothesis, Match, SlotValue, Word
from ivr.parts import Reception
from ivr.records.codec import to_json
from ivr.redaction.identities import IDENTITY, without_identities
from ivr.redaction.names import NAME, parts_of, without_names
from ivr.redaction.phones import PHONE, shortened, without_phone_numbers
from ivr.redaction.texts import NumberKind, NumberRules, without_numbers
from ivr.stores import QUEUE_FILE

WORDS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call me on 0044 20 7946 0958 or +33 1 42 68 53 00, ok", f"call me on {PHONE} or {PHONE}, ok"),
        ("it's oh two oh, seven nine four six, oh one two three", f"it's {PHONE}"),
        ("plus four four two oh seven nine four six oh one two three", f"plus {PHONE}"),
        ("tel. (415) 555-0142", f"tel. {PHONE}"),
        ("415 555 0142", PHONE),
        ("my phone is 555 0142 please", f"my phone is {PHONE} please"),
        ("you can call me back on five five five, oh one four two", f"you can call me back on {PHONE}"),
        ("010-1234-5678 전화 주세요", f"{PHONE} 전화 주세요"),
        ("我的电话是13812345678", f"我的电话是{PHONE}"),
        ("ring me on double oh four four two oh seven nine four six oh one two three", f"ring me on {PHONE}"),
    ],
)
def test_telephone_numbers(text: str, left: str) -> None:
    assert without_numbers(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "123-45-6789",
        "AB 12 34 56 C",
        "GB82 WEST 1234 5698 7654 32",
        "DE89370400440532013000",
        "12345678Z",
        "X1234567L",
        "RSSMRA85T10A562S",
        "11010519491231002X",
        "900101-1234567",
        "1 85 05 78 006 084 91",
    ],
)
def test_identities_that_check(text: str) -> None:
    assert without_numbers(f"it is {text}, you see") == f"it is {IDENTITY}, you see"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my passport is C01234567 here", f"my passport is {IDENTITY} here"),
        (
            "my social security number is two one nine, oh nine, nine nine four one",
            f"my social security number is {IDENTITY}",
        ),
        ("driver's license D 1234567", f"driver's license {IDENTITY}"),
        ("身份证号是110105194912310", f"身份证号是{IDENTITY}"),
    ],
)
def test_identities_by_the_words_before_them(text: str, left: str) -> None:
    assert without_identities(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "order four eight two nine one three please",
        "my order number is 4829131234",
        "order 482913, invoice 20260503",
        "zero one two three four five six seven eight nine",
        "ten nine eight seven six five four three two one zero",
        "and push, " + 8 * "one two three four ",
        "on 03.05.2026 09:30 or 2026-05-03, from 12:30 to 14:45",
        "it costs 1 200 000 dollars, or 1,299.50",
        "666-12-3456 and 123-00-4567 are no numbers of social security",
        "GB82 WEST 1234 5698 7654 33",
        "12345678A",
        "900001-1234567",
        "11010519491231002A",
        "press 1 for billing, 2 for sales, 3 for support, 4 for press",
        "extension 201, room 4711, flight 0815",
        "two thousand five hundred pounds",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_numbers(text) == text


@given(st.from_regex(r"0[1-9][0-9]{8,10}", fullmatch=True), st.integers(2, 4), st.booleans())
def test_a_national_number_is_masked_however_it_is_said(number: str, group: int, aloud: bool) -> None:
    if number in "0123456789012" or len(set(number)) < 4:
        return  # counting
    parts = [number[n : n + group] for n in range(0, len(number), group)]
    said = (
        ", ".join(" ".join(WORDS[int(one)] for one in part) for part in parts) if aloud else " ".join(parts)
    )
    left = without_phone_numbers(f"reach me at {said} today")
    assert left in (f"reach me at {PHONE} today", f"reach me at {said} today" if counting(number) else "")


def counting(number: str) -> bool:
    return any(number == (number[:n] * 20)[: len(number)] for n in range(1, 6))


@given(st.dates(datetime(1990, 1, 1).date(), datetime(2090, 1, 1).date()), st.times())
def test_dates_and_times_are_no_telephones(day: object, time: object) -> None:
    for shape in (
        "{0:%d.%m.%Y} {1:%H:%M}",
        "{0:%Y-%m-%d}T{1:%H:%M:%S}",
        "{0:%m/%d/%Y} at {1:%H:%M}",
        "{0:%d-%m-%y}",
    ):
        text = shape.format(day, time)
        assert without_phone_numbers(text) == text


@given(st.integers(0, 999_999))
def test_orders_of_six_digits_stay(number: int) -> None:
    for text in (f"order {number:06}", f"order {' '.join(WORDS[int(one)] for one in f'{number:06}')}"):
        assert without_numbers(text) == text


@given(st.text(alphabet="0123456789 -,+oneaTWdoubl.x()/电话", max_size=80))
def test_no_text_is_too_strange_and_masking_twice_is_masking_once(text: str) -> None:
    left = without_numbers(text)
    assert without_numbers(left) == left


def test_a_long_text_is_masked_in_bounded_time() -> None:
    began = datetime.now()
    without_numbers("12 34 " * 5_000 + "a1b2c3-" * 5_000 + "GB82 W" * 2_000)
    assert datetime.now() - began < timedelta(seconds=5)


def test_what_a_desk_keeps() -> None:
    text = "call +442079460123 about AB123456C"
    assert without_numbers(text, {NumberKind.PHONE}) == f"call +442079460123 about {IDENTITY}"
    assert without_numbers(text, {NumberKind.ID}) == f"call {PHONE} about AB123456C"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+442079460123", "…123"), ("", ""), ("anonymous", "anonymous"), ("201", "201"), ("0123", "0123")],
)
def test_a_number_is_shortened(number: str, shown: str) -> None:
    assert shortened(number) == shown


# --- in a call -----------------------------------------------------------------------------------------


def heard(text: str, *slots: SlotValue) -> Understood:
    words = tuple(Word(word, float(n), n + 0.5, 0.9) for n, word in enumerate(text.split()))
    matches = (Match(Answer(slots[0].name), 0.9, slots),) if slots else ()
    return Understood(Heard((Hypothesis(text, 0.9, words),), 0.0, 2.0, "x"), matches)


def logged(rules: NumberRules, *events: Event) -> list[Event]:
    log: list[Event] = []
    mask = LogMask(lambda _, event: log.append(event), rules)
    for event in events:
        mask(0.0, event)
    return log


def test_what_was_asked_for_is_masked_wherever_it_is_said() -> None:
    value = SlotValue("callback", "5550142", "five five five oh one four two", 0.9)
    rules = NumberRules(masked=frozenset({"callback"}))
    understood, said, filled = logged(
        rules,
        heard("five five five oh one four two", value),
        Say("confirm", "I have five five five, oh one four two. Is that right?"),
        SlotFilled(value),
    )
    text = json.dumps([to_json(one) for one in (understood, said, filled)])
    assert not re.search("five|five|5550142|four", text)
    assert said == Say("confirm", f"I have {NUMBER}. Is that right?")
    assert filled == SlotFilled(SlotValue("callback", "…142", "[masked]", 0.9))


def test_what_a_desk_shows_is_shown() -> None:
    value = SlotValue("parcel", "0012345987", "as said", 0.9)
    rules = NumberRules(shown=frozenset({"parcel"}))
    event = heard("zero zero one two three four five nine eight seven", value)
    assert logged(rules, event) == [event]
    (masked,) = logged(NumberRules(), event)
    assert isinstance(masked, Understood)
    assert masked.heard.hypotheses == (Hypothesis(PHONE, 0.9),)  # and none of its words


def test_the_caller_and_the_line_are_shortened() -> None:
    when = datetime(2026, 5, 3, tzinfo=UTC)
    started = CallStarted("120000-12345678", "d", "sip:+442079460123@pbx", "en", "", "", when)
    answered = Answered(when, "+442079460123", "0800123456")
    log = logged(NumberRules(), started, answered)
    assert [log[0].line, log[0].call_id] == ["sip:…123@pbx", "120000-12345678"]
    assert log[1] == Answered(when, "…123", "0800123456")
    kept = NumberRules(keep=frozenset({NumberKind.PHONE}))
    assert logged(kept, started, answered) == [started, answered]


def test_parts_of_a_number_are_masked_too() -> None:
    mask = NumberMask(NumberRules(masked=frozenset({"n"})))
    mask.learn(SlotFilled(SlotValue("n", "5550142", "", 0.9)))
    assert mask.text("no, five five five oh") == f"no, {NUMBER}"
    assert mask.text("the twelve, 12, and 482913") == "the twelve, 12, and 482913"
    mask.learn(SlotFilled(SlotValue("n", "C01X23", "", 0.9)))
    assert mask.text("It is c01x23, right?") == f"It is {NUMBER}, right?"


DESK = """
name: Small desk
language: en-US
greeting: Hello.
intents:
  message:
    label: to leave a message
    say: ["call me back"]
    slots:
      phone:
        {type: digits, length: [5, 12], masked: yes, read_back: always, ask: "Which?", confirm: "{phone}?"}
    then:
      - follow_up: {kind: message, what: "Call {phone}", contact: "{phone}"}
      - handoff: {want: "Call back {phone}", say: Goodbye.}
"""


def test_the_number_reaches_who_calls_back_and_no_record(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    settings = Settings(state=tmp_path / "state", cache=tmp_path / "cache")
    shown: list[Event] = []
    when = datetime(2026, 5, 3, 12, tzinfo=UTC)
    with Reception(folder, settings, tmp_path) as reception:
        lines = iter(["call me back", "five five five oh one four two", "yes", "/keys 5550142"])
        reception.hold_typed(lines, Answered(when, "+442079460123"), lambda _, event: shown.append(event))
    with HandoffStore.open(settings.state / QUEUE_FILE) as store:
        (handoff,), (promise,) = store.waiting(now=when), store.follow_ups.find()
    assert (handoff.request.want, handoff.request.slots[0].value) == ("Call back 5550142", "5550142")
    assert (handoff.request.caller, promise.request.contact) == ("+442079460123", "5550142")
    assert "five" not in " ".join(turn.text for turn in handoff.request.transcript)
    (log,) = settings.state.glob("calls/*/*/events.jsonl")
    (summary,) = settings.state.glob("calls/*/*/summary.json")
    for text in (log.read_text("utf-8"), summary.read_text("utf-8")):
        assert NUMBER in text
        assert not re.search(r"five|5550142|7946|0142", text), text
    assert any(
        isinstance(event, Say) and "five five five" in event.text for event in shown
    )  # to who tries the desk


def test_keys_of_a_masked_number_are_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    settings = Settings(state=tmp_path / "state", cache=tmp_path / "cache")
    with Reception(folder, settings, tmp_path) as reception:
        lines = iter(["call me back", "/keys 5550142#", "yes"])
        reception.hold_typed(lines, Answered(datetime(2026, 5, 3, 12, tzinfo=UTC)))
    (log,) = settings.state.glob("calls/*/*/events.jsonl")
    keys = [line for line in log.read_text("utf-8").splitlines() if "KeyPressed" in line]
    assert keys
    assert all('"key": "x"' in line or '"key":"x"' in line for line in keys)


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Anna Schmidt", "This is anna SCHMIDT, Anna's my name", "This is [name], [name] my name"),
        ("Anna Schmidt", "Mrs. Schmidt, you bought bananas", "Mrs. [name], you bought bananas"),
        ("Jo van der Berg", "Jo Van Der Berg, so the job", "[name], so the job"),
        ("Conor O'Brien", "it's o'brien", "it's [name]"),
        ("김민수", "김민수입니다. 민수요, 김치", "[name]입니다. [name]요, 김치"),
        ("张晓明", "我叫张晓明，晓明", "我叫[name]，[name]"),
        ("Li", "Li, like a lily", "[name], like a lily"),
        ("", "nobody", "nobody"),
    ],
)
def test_a_name_is_masked_where_it_is_a_word(name: str, text: str, left: str) -> None:
    assert without_names(text, parts_of(name)) == left


@given(st.text(max_size=20), st.text(max_size=60))
def test_no_name_is_too_strange_and_masking_it_twice_is_masking_once(name: str, text: str) -> None:
    left = without_names(text, parts_of(name) - {"name"})
    assert without_names(left, parts_of(name) - {"name"}) == left


def test_other_readings_of_a_name_are_not_kept() -> None:
    value = SlotValue("patient", "Anna Schmidt", "Hannah Schmitt", 0.9)
    readings = (
        Hypothesis("Hannah Schmitt", 0.9),
        Hypothesis("Anna Smith", 0.4),
        Hypothesis("and a smith", 0.2),
    )
    matches = (
        Match(Answer("patient"), 0.9, (value,)),
        Match(Answer("patient"), 0.3, (SlotValue("patient", "Anna Smith", "Anna Smith", 0.3),)),
    )
    rules = NumberRules(names=frozenset({"patient"}))
    understood = Understood(Heard(readings, 0.0, 2.0, "x"), matches)
    (kept,) = logged(rules, understood)
    assert isinstance(kept, Understood) and [one.text for one in kept.heard.hypotheses] == [NAME]
    text = json.dumps(to_json(kept)).lower()
    assert not re.search("ann|smi|schmi", text)
    other = replace(understood, heard=replace(understood.heard, hypotheses=readings[2:]))
    (kept,) = logged(rules, other)
    assert isinstance(kept, Understood) and [one.text for one in kept.heard.hypotheses] == ["[masked]"]


NAMED = """
name: Small desk
language: en-US
greeting: Hello.
mask_names: yes
intents:
  visit:
    label: to make an appointment
    say: ["I need an appointment"]
    slots:
      patient: {type: name, read_back: always, ask: "Your name?", confirm: "{patient}?"}
      doctor: {type: name, choices: [Miller, Brown], ask: "With whom?"}
    then:
      - handoff: {want: "Appointment of {patient} with {doctor}", say: "Goodbye, {patient}."}
"""


def test_the_name_reaches_the_operator_and_no_record(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    settings = Settings(state=tmp_path / "state", cache=tmp_path / "cache")

    def call(text: str) -> tuple[HandoffRequest, str]:
        (folder / "desk.yaml").write_text(text, encoding="utf-8")
        with Reception(folder, settings, tmp_path) as reception:
            lines = iter(["I need an appointment", "Anna Schmidt", "yes", "Miller"])
            reception.hold_typed(lines, Answered(datetime(2026, 5, 3, 12, tzinfo=UTC)))
        with HandoffStore.open(settings.state / QUEUE_FILE) as store:
            request = store.waiting(now=datetime(2026, 5, 3, 13, tzinfo=UTC))[-1].request
        (log,) = settings.state.glob(f"calls/*/{request.call_id}/events.jsonl")
        return request, log.read_text("utf-8") + " ".join(turn.text for turn in request.transcript)

    request, kept = call(NAMED)
    assert request.want == "Appointment of Anna Schmidt with Miller"
    assert {slot.name: slot.value for slot in request.slots}["patient"] == "Anna Schmidt"
    assert NAME in kept and "Miller" in kept and not re.search("anna|schmidt", kept, re.IGNORECASE)
    assert "Anna Schmidt" in call(NAMED.replace("mask_names: yes", ""))[1]
    assert "Anna Schmidt" in call(NAMED.replace("read_back: always", "masked: no, read_back: always"))[1]


LOOKED_UP = """
name: Small desk
language: en-US
greeting: Hello.
mask_names: yes
lookups:
  orders: {table: {file: orders.csv, by: {number: "{order}"}}, keep: {owner: name, state: text}}
  who: {identify: {file: people.csv, key: id, postcode: code, name: name, attempts: 1}, keep: [id]}
intents:
  order:
    label: an order
    say: ["where is my order {order}"]
    slots: {order: {type: digits, length: 4, ask: Which?}}
    then:
      - lookup: orders
        found:
          - say: "{orders.owner}, it is {orders.state}."
      - handoff: {want: "Order of {orders.owner}", say: Goodbye.}
  account:
    label: my account
    say: ["my account"]
    then:
      - lookup: who
        none: {say: Not found.}
      - handoff: {want: Account, say: Goodbye.}
"""


def test_names_from_lookups_and_of_who_is_identified_are_masked(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "orders.csv").write_text("number,owner,state\n4711,Anna Schmidt,packed\n", encoding="utf-8")
    people = "id,code,name\n7,EC6 7GJ,Anna Schmidt\n8,EC6 7GJ,Paul Jones\n9,EC6 7GH,Mary Miller\n"
    (folder / "people.csv").write_text(people, encoding="utf-8")
    settings = Settings(state=tmp_path / "state", cache=tmp_path / "cache")

    def call(text: str, *lines: str) -> tuple[HandoffRequest, str]:
        (folder / "desk.yaml").write_text(text, encoding="utf-8")
        with Reception(folder, settings, tmp_path) as reception:
            reception.hold_typed(iter(lines), Answered(datetime(2026, 5, 3, 12, tzinfo=UTC)))
        with HandoffStore.open(settings.state / QUEUE_FILE) as store:
            request = store.waiting(now=datetime(2026, 5, 3, 13, tzinfo=UTC))[-1].request
        (log,) = settings.state.glob(f"calls/*/{request.call_id}/events.jsonl")
        return request, log.read_text("utf-8") + " ".join(turn.text for turn in request.transcript)

    order, account = ("where is my order 4 7 1 1",), ("my account", "e c six, seven g j", "Anna Schmidt")
    request, kept = call(LOOKED_UP, *order)
    assert request.want == "Order of Anna Schmidt"  # whoever takes it sees it
    assert f"{NAME}, it is packed." in kept and not re.search("anna|schmidt", kept, re.IGNORECASE)
    _, kept = call(LOOKED_UP, *account)
    assert not re.search("anna|schmidt", kept, re.IGNORECASE)
    for lines in (order, account):
        assert re.search(
            "anna schmidt", call(LOOKED_UP.replace("mask_names: yes", ""), *lines)[1], re.IGNORECASE
        )
