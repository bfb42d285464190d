"""Chinese: no spaces, digits of the telephone, marked dates and times, names by the sound of pinyin."""

from datetime import datetime

import pytest

from ivr.dialog.language import load_language
from ivr.dialog.spoken import spoken
from ivr.meaning import IntentSpec, SlotSpec, SlotType
from ivr.understanding.alarms import Alarms
from ivr.understanding.grammar import Template, parse
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds, likeness
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance
from ivr.understanding.words import load_words

CHINESE = "zh-CN"
WORDS = load_words(CHINESE)
SOUNDS = Sounds(CHINESE)
NOW = datetime(2026, 11, 24, 10, 15)  # a Tuesday


def template(text: str) -> Template:
    return parse(text, lambda literal: plain_words(literal, WORDS))


def best(kind: SlotType, text: str, length: tuple[int, int] | None = None) -> str | None:
    reader = SlotReader(SlotSpec("it", kind, length=length), "{it}", WORDS, SOUNDS, CHINESE)
    found = reader.read(utterance(text, WORDS, SOUNDS), NOW, asked=True)
    return found[0].value if found else None


@pytest.mark.parametrize("text", ["我要查订单", "我 要 查 订单", "我要 查订 单"])
def test_spaces_mean_nothing(text: str) -> None:
    assert plain_words(text, WORDS) == ("我", "要", "查", "订单")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("幺三八零零幺二三四五六", "13800123456"),
        ("号码是一三八 洞洞幺二 三四五六", "13800123456"),
        ("138 0012 3456", "13800123456"),
        ("要三八零零要二三四五六", "13800123456"),
    ],
    ids=["telephone", "military", "numerals", "misheard"],
)
def test_a_telephone_number(text: str, digits: str) -> None:
    assert best(SlotType.DIGITS, text, (8, 12)) == digits


@pytest.mark.parametrize(
    ("text", "number"),
    [("十二", "12"), ("两百零五个", "205"), ("一万零三百", "10300"), ("三千二百一十", "3210"), ("25", "25")],
)
def test_a_number(text: str, number: str) -> None:
    assert best(SlotType.NUMBER, text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("十二月二十五号", "2026-12-25"),
        ("二零二七年一月三日", "2027-01-03"),
        ("下周一吧", "2026-11-30"),
        ("这个星期五", "2026-11-27"),
        ("下个月五号", "2026-12-05"),
        ("大后天", "2026-11-27"),
    ],
)
def test_a_date(text: str, day: str) -> None:
    assert best(SlotType.DATE, text) == day


@pytest.mark.parametrize(
    ("text", "time"), [("下午三点半", "15:30"), ("早上九点一刻", "09:15"), ("晚上七点四十五分", "19:45")]
)
def test_a_time(text: str, time: str) -> None:
    assert best(SlotType.TIME, text) == time


def test_names_are_alike_by_their_sound() -> None:
    def alike(one: str, other: str) -> float:
        return likeness(SOUNDS.phrase(plain_words(one, WORDS)), SOUNDS.phrase(plain_words(other, WORDS)))

    assert alike("张晓明", "章小名") == 1.0
    assert alike("张晓明", "臧小明") > alike("张晓明", "赵文博")


def test_values_are_said_as_chinese_say_them() -> None:
    language = load_language(CHINESE)
    number = spoken(SlotSpec("it", SlotType.DIGITS), "13800123456", language)
    assert number == "幺 三 八, 零 零 幺 二, 三 四 五 六"
    assert spoken(SlotSpec("it", SlotType.TIME), "14:00", language) == "下午两点"


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("我的电脑会死机", False),
        ("电脑中毒了怎么办", False),
        ("请转人工服务", False),
        ("我妈妈没有呼吸了", True),
        ("仓库着火了快来", True),
    ],
)
def test_words_of_danger_and_words_like_them(text: str, danger: bool) -> None:
    language = load_language(CHINESE)
    says = language.text.intents["emergency"].say
    assert (
        bool(list(Alarms((IntentSpec("emergency", (), alarms=says),), template, WORDS, SOUNDS).found(text)))
        is danger
    )
