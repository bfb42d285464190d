"""A caller who changes the language: what is kept, what is asked again, what happens without a recognizer."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import CLOSED, OPEN, YES, Caller, answer, intent

from ivr.dialog.check import check_desk
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.states import Switching
from ivr.errors import DeskError
from ivr.events import (
    ActionFailed,
    Alert,
    Answered,
    CallBackAsked,
    HandOff,
    HangUp,
    HoldBegun,
    LanguageSwitched,
    Listen,
    LookUp,
    SwitchLanguage,
    Transfer,
)
from ivr.handover import Reason
from ivr.meaning import Command, Intent, Match, SlotType
from ivr.understanding.matcher import expand, sound_alike

ENGLISH = """\
name: Shop
language: en-US
greeting: Welcome. How can I help?
closed: We are closed.
hours: {timezone: Europe/Paris, open: ["mon-fri 09:00-18:00"]}
languages: {zh: {desk: ../chinese, say: "the other language", keys: "8"}}
data: {staff: {file: staff.csv, key: name}}
routes: {sales: {label: sales, extension: "1"}}
intents:
  sales: {label: sales, say: ["sales"], then: {route: sales}}
  open: {label: our hours, say: ["your hours"], then: {answer: From nine.}}
  call_back:
    label: to be called back
    say: ["call me back", "call me back on {day}"]
    slots:
      person: {type: name, from: staff, ask: Who?}
      callback: {type: digits, length: 7, ask: [Which number?, The number?], confirm: "{callback}, right?"}
      day: {type: date, ask: Which day?}
      matter: {type: text, ask: What about?}
    then: {handoff: {want: "Call {person} {callback} {day} {matter}"}}
  unsure:
    label: help
    say: ["I do not know"]
    then: {ask: [A bill or a purchase?], likely: [sales]}
  parcel:
    label: a parcel
    say: ["my parcel"]
    then: [{lookup: parcels, found: {answer: "It is {parcels.state}."}, none: {answer: None.}}]
lookups: {parcels: {table: {file: staff.csv, by: {name: "{caller}"}}, keep: [state]}}
"""
CHINESE = """\
name: 商店
language: zh-CN
greeting: 您好。
closed: 现在休息。
hours: {timezone: Europe/Paris, open: ["mon-fri 09:00-18:00"]}
languages: {en: ../english}
data: {staff: {file: staff.csv, key: name}}
routes: {sales: {label: 销售部, extension: "1"}}
intents:
  sales: {label: 销售, say: ["销售"], then: {route: sales}}
  call_back:
    label: 回电
    say: ["给我回电"]
    slots:
      person: {type: name, from: staff, ask: 找谁？}
      callback: {type: digits, length: 7, ask: [哪个号码？, 号码？], confirm: "{callback}，对吗？"}
      day: {type: date, ask: 哪天？}
      matter: {type: text, ask: 什么事？}
    then: {handoff: {want: "{person} {callback} {day} {matter}"}}
  unsure:
    label: 帮助
    say: ["不清楚"]
    then: {ask: [账单还是购买？], likely: [sales]}
  parcel:
    label: 包裹
    say: ["我的包裹"]
    then: [{lookup: parcels, found: {answer: "{parcels.state}。"}, none: {answer: 没有。}}]
lookups: {parcels: {table: {file: staff.csv, by: {name: "{caller}"}}, keep: [state]}}
"""
STAFF = {"english": "name,state\nAnna Berg,in\nLi,in\n", "chinese": "name,state\n王建国,在\nLi,在\n"}


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Desk]:
    return make(tmp_path_factory.mktemp("shops"))


def make(folder: Path, english: str = ENGLISH, chinese: str = CHINESE) -> tuple[Desk, Desk]:
    for name, text in {"english": english, "chinese": chinese}.items():
        (folder / name).mkdir()
        (folder / name / "staff.csv").write_text(STAFF[name], encoding="utf-8")
        (folder / name / "desk.yaml").write_text(text, encoding="utf-8")
    return load_desk(folder / "english", folder), load_desk(folder / "chinese", folder)


def wish(code: str = "zh", score: float = 0.95) -> Match:
    return Match(Intent(f"language_{code}"), score, urgent=True)


def change(caller: Caller, desk: Desk, *, heard: bool = True) -> Caller:
    """The call goes on with the desk, as `ivr.conversation` does it."""
    assert caller.did(SwitchLanguage).language == desk.language[:2]
    assert not any(isinstance(action, Listen) for action in caller.actions)
    caller.machine = caller.machine.in_the_words_of(desk)
    return caller.event(LanguageSwitched(desk.language, desk.name, "vosk" if heard else "", heard))


def test_what_is_known_stays_and_the_question_comes_in_the_new_language(desks: tuple[Desk, Desk]) -> None:
    english, chinese = desks
    caller = Caller(english).say(intent("call_back")).say(answer("person", "Li"))
    caller.say(answer("callback", "0612345"))
    assert caller.said == "Which day?"
    change(caller.say(wish()), chinese)
    assert caller.said == "我们改用中文。 哪天？"
    expect = caller.did(Listen).expect
    assert expect.slot is not None and expect.slot.type is SlotType.DATE
    caller.say(answer("day", "2026-11-30")).say(answer("matter", "报价"))
    request = caller.did(HandOff).request
    assert request.want == "Li 0612345 2026-11-30 报价" and request.desk == "商店"
    assert "说的语言：zh-CN" in request.tried


def test_a_value_that_the_other_desk_does_not_know_is_asked_for_again(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("call_back")).say(answer("person", "Anna Berg"))
    assert change(caller.say(wish()), desks[1]).said.endswith("找谁？")
    caller.say(answer("person", "王建国"))
    assert caller.said == "哪个号码？"


def test_there_and_back(desks: tuple[Desk, Desk]) -> None:
    english, chinese = desks
    caller = change(Caller(english).say(wish()), chinese)
    assert caller.said == "我们改用中文。 您好。"
    caller.say(intent("call_back")).say(answer("person", "Li"))
    assert change(caller.say(wish("en")), english).said == "We go on in English. Which number?"


def test_while_a_message_is_dictated_only_the_wish_alone_counts(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("call_back")).say(answer("person", "Li"))
    caller.say(answer("callback", "0612345")).say(answer("day", "2026-11-30"))
    asked = caller.did(Listen)
    caller.say(Match(Intent("language_zh"), 0.95), answer("matter", "Chinese lessons", 0.9))
    assert caller.did(HandOff).request.want.endswith("Chinese lessons")
    assert not asked.expect.intents


@pytest.mark.parametrize("score", [0.2, 0.5])
def test_a_wish_that_is_less_sure_is_confirmed_as_any_other(desks: tuple[Desk, Desk], score: float) -> None:
    caller = Caller(desks[0]).say(intent("call_back"))
    caller.say(Match(Intent("language_zh"), score))
    if score < 0.45:
        assert caller.said.endswith("Who?")
        return
    assert "to go on in Chinese" in caller.said
    assert change(caller.say(YES), desks[1]).said.endswith("找谁？")


def test_confirming_goes_on_in_the_new_language(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("sales", 0.6))
    assert "sales" in caller.said
    assert "销售" in change(caller.say(wish()), desks[1]).said
    assert caller.say(YES).did(Transfer).route.label == "销售部"


def test_a_want_that_the_other_desk_lacks_begins_with_its_greeting(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0], CLOSED).say(intent("open", 0.6))
    assert change(caller.say(wish()), desks[1]).said.endswith("现在休息。")


def test_after_an_answer_and_after_a_question_of_a_step(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("open"))
    change(caller.say(wish()), desks[1])
    assert "还有什么" in caller.said or "别的" in caller.said or "还需要" in caller.said
    caller = Caller(desks[0]).say(intent("unsure"))
    assert change(caller.say(wish()), desks[1]).said.endswith("账单还是购买？")


def test_while_something_is_looked_up(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("parcel"))
    assert caller.did(LookUp)
    assert change(caller.say(wish()), desks[1]).did(LookUp).lookup == "parcels"


def test_a_key_works_wherever_keys_answer_nothing(desks: tuple[Desk, Desk]) -> None:
    assert Caller(desks[0]).keys("8").did(SwitchLanguage).desk.endswith("chinese/desk.yaml")
    caller = Caller(desks[0]).say(intent("call_back"))
    assert change(caller.keys("8"), desks[1]).said.endswith("找谁？")
    caller = Caller(desks[0]).say(intent("call_back")).say(answer("person", "Li")).keys("8")
    assert not any(isinstance(action, SwitchLanguage) for action in caller.actions)  # a digit of the number


def test_on_hold(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(Match(Command.OPERATOR, 0.95)).event(HoldBegun())
    assert "请不要挂机" in change(caller.say(wish()), desks[1]).said
    caller.keys("1#")
    assert caller.did(CallBackAsked).number == "0612345678"


def test_without_a_recognizer_it_says_so_and_a_person_comes(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("call_back")).say(answer("person", "Li"))
    change(caller.say(wish()), desks[1], heard=False)
    assert "听不懂中文" in caller.said and caller.did(HangUp)
    request = caller.did(HandOff).request
    assert request.want == "说的语言：zh-CN" and [slot.value for slot in request.slots] == ["Li"]


def test_a_desk_that_does_not_open_is_a_matter_for_a_person(desks: tuple[Desk, Desk]) -> None:
    caller = Caller(desks[0]).say(intent("call_back")).say(wish())
    caller.event(ActionFailed(caller.did(SwitchLanguage), "no voice"))
    request = caller.did(HandOff).request
    assert request.reason is Reason.TROUBLE and "Chinese" in request.want


def test_danger_comes_first_and_meanwhile(desks: tuple[Desk, Desk]) -> None:
    danger = Match(Intent("emergency"), 0.9, urgent=True)
    caller = Caller(desks[0]).say(wish(), danger)
    assert caller.did(Alert) and not [one for one in caller.actions if isinstance(one, SwitchLanguage)]
    caller = Caller(desks[0]).say(wish())
    assert isinstance(caller.machine.state, Switching)
    assert caller.say(danger).did(Alert)


def test_who_hangs_up_meanwhile_has_left(desks: tuple[Desk, Desk]) -> None:
    assert Caller(desks[0]).say(wish()).hang_up().did(HangUp)
    over = Caller(desks[0]).hang_up()
    over.machine = over.machine.in_the_words_of(desks[1])
    assert over.event(LanguageSwitched("zh-CN", "商店")).actions == ()


STAYS = """\
start: place
stay: {{say: [{stay}], after: 5}}
facts:
  where: {{type: text, once: yes, ask: [{where}]}}
"""
STAYING = "  place: {{label: x, urgent: yes, facts: where, then: {{ask: [{what}]}}}}\n"


def test_a_desk_that_stays_goes_on_with_keys_and_alerts_a_person(tmp_path: Path) -> None:
    texts = [
        text.replace(
            "intents:\n", STAYS.format(stay=stay, where=where) + "intents:\n" + STAYING.format(what=what)
        )
        for text, stay, where, what in (
            (ENGLISH, "I am here.", "Where are you?", "What happened?"),
            (CHINESE, "我在。", "您在哪里？", "出了什么事？"),
        )
    ]
    english, chinese = make(tmp_path, *texts)
    caller = Caller(english)
    assert caller.said.endswith("Where are you?")
    change(caller.say(wish()), chinese, heard=False)
    assert "听不懂中文" in caller.said and caller.said.endswith("您在哪里？")
    assert len([one for one in caller.all if isinstance(one, Alert)]) >= 1
    assert caller.event(Answered(OPEN)).actions == ()


@pytest.mark.parametrize(
    ("english", "fault"),
    [
        (ENGLISH.replace("../chinese", "../nowhere"), "no desk '../nowhere'"),
        (ENGLISH.replace("{zh:", "{en:"), "is the language of this desk"),
        (ENGLISH.replace("  sales: {label", "  language_zh: {label"), "there is an intent 'language_zh'"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, english: str, fault: str) -> None:
    with pytest.raises(DeskError) as caught:
        make(tmp_path, english)
    assert any(fault in problem for problem in caught.value.problems)


def found(desk: Desk) -> list[str]:
    return [one.text for one in check_desk(desk, sound_alike, expand) if one.key.startswith("languages")]


def test_check_looks_at_the_other_desk(tmp_path: Path) -> None:
    for name, chinese in {"a": CHINESE, "b": CHINESE.replace("zh-CN", "ko-KR"), "c": "name: 5"}.items():
        (tmp_path / name).mkdir()
        make_it = load_english(tmp_path / name, chinese)
        assert len(found(make_it)) == (0 if name == "a" else 1), name
    assert "speaks ko-KR" in found(load_desk(tmp_path / "b" / "english", tmp_path))[0]


def load_english(folder: Path, chinese: str) -> Desk:
    for name, text in {"english": ENGLISH, "chinese": chinese}.items():
        (folder / name).mkdir()
        (folder / name / "staff.csv").write_text(STAFF[name], encoding="utf-8")
        (folder / name / "desk.yaml").write_text(text, encoding="utf-8")
    return load_desk(folder / "english", folder)
