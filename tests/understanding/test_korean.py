"""Korean: spaces that mean nothing, numbers by tens, marked dates and times, sounds by jamo."""

from datetime import datetime

import pytest

from ivr.dialog.language import load_language
from ivr.dialog.spoken import groups, spoken
from ivr.meaning import IntentSpec, SlotSpec, SlotType
from ivr.understanding.alarms import Alarms
from ivr.understanding.grammar import Template, parse
from ivr.understanding.normalize import normalize, plain_words, said
from ivr.understanding.phonemes import Sounds, likeness
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance
from ivr.understanding.words import load_words

KOREAN = "ko-KR"
WORDS = load_words(KOREAN)
SOUNDS = Sounds(KOREAN)
NOW = datetime(2026, 11, 24, 10, 15)  # a Tuesday


def template(text: str) -> Template:
    return parse(text, lambda literal: plain_words(literal, WORDS))


def best(kind: SlotType, text: str, length: tuple[int, int] | None = None) -> str | None:
    reader = SlotReader(SlotSpec("it", kind, length=length), "{it}", WORDS, SOUNDS, KOREAN)
    found = reader.read(utterance(text, WORDS, SOUNDS), NOW, asked=True)
    return found[0].value if found else None


@pytest.mark.parametrize("text", ["주문을 취소 해 주세요", "주문을취소해주세요", "주 문을 취 소해 주 세요"])
def test_spaces_mean_nothing(text: str) -> None:
    assert plain_words(text, WORDS) == ("주문", "을", "취소", "해주세요")


def test_punctuation_parts_words() -> None:
    assert plain_words("배송, 비", WORDS) != plain_words("배, 송비", WORDS)


def test_a_word_keeps_its_place_in_what_was_written() -> None:
    text = "내 일 오후, 영업팀"
    tokens = normalize(text, WORDS)
    assert [token.text for token in tokens] == ["내일", "오후", "영업팀"]
    assert said(text, tokens, 0, 1) == "내 일"
    assert said(text, tokens, 2, 3) == "영업팀"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("공일공 일이삼사 오육칠팔", "01012345678"),
        ("공 일 공에 일이 삼사 오 육칠 팔이요", "01012345678"),
        ("제 번호는 010-1234-5678입니다", "01012345678"),
        ("영일공 하나둘셋넷 오육칠팔", "01012345678"),
    ],
    ids=["dictated", "with_particles", "numerals", "native"],
)
def test_a_telephone_number(text: str, digits: str) -> None:
    assert best(SlotType.DIGITS, text, (8, 12)) == digits


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("십오", "15"),
        ("이백오 개", "205"),
        ("천이백삼십", "1230"),
        ("이만 오천", "25000"),
        ("삼억 이천만", "320000000"),
        ("스물세 명", "23"),
        ("두 개요", "2"),
        ("영", "0"),
    ],
)
def test_a_number(text: str, number: str) -> None:
    assert best(SlotType.NUMBER, text) == number


def test_yes_is_not_four() -> None:
    assert best(SlotType.NUMBER, "네") is None
    assert best(SlotType.NUMBER, "네 명이요") == "4"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("십이월 이십오일이요", "2026-12-25"),
        ("12월 25일", "2026-12-25"),
        ("이천이십칠년 유월 삼일", "2027-06-03"),
        ("시월 십일", "2027-10-10"),
        ("다음 주 월요일", "2026-11-30"),
        ("이번주 금요일에요", "2026-11-27"),
        ("다음 달 오일", "2026-12-05"),
        ("내일모레", "2026-11-26"),
        ("오월 십일 월요일", "2027-05-10"),
    ],
)
def test_a_date(text: str, day: str) -> None:
    assert best(SlotType.DATE, text) == day


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("오후 세 시 반", "15:30"),
        ("열한 시 이십 분이요", "11:20"),
        ("저녁 7시 45분", "19:45"),
        ("정오", "12:00"),
    ],
)
def test_a_time(text: str, time: str) -> None:
    assert best(SlotType.TIME, text) == time


def test_sounds_that_the_line_confuses_are_alike() -> None:
    def alike(one: str, other: str) -> float:
        return likeness(SOUNDS.phrase(plain_words(one, WORDS)), SOUNDS.phrase(plain_words(other, WORDS)))

    assert alike("개", "게") == 1.0
    assert alike("김민준", "김민춘") > alike("김민준", "김민선") > alike("김민준", "박지훈")


def test_values_are_said_as_koreans_say_them() -> None:
    language = load_language(KOREAN)
    assert language.text.spoken is not None
    assert (
        spoken(SlotSpec("it", SlotType.DIGITS), "01012345678", language)
        == "공 일 공, 일 이 삼 사, 오 육 칠 팔"
    )
    assert spoken(SlotSpec("it", SlotType.TIME), "15:30", language) == "오후 세 시 삼십 분"
    assert spoken(SlotSpec("it", SlotType.DATE), "2026-11-30", language, NOW.date()) == "십일월 삼십일 월요일"
    assert groups("01012345678", {11: (3, 4, 4)}) == ("010", "1234", "5678")


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("납기 연기 나중에 말씀드릴게요", False),
        ("서류를 일일이 전화로 물어봐야 하나요", False),
        ("저기 불이 났어요", True),
        ("남편이 숨을 안 쉬어요", True),
        ("공장에 연기가 자욱해요", True),
    ],
)
def test_words_of_danger_and_words_like_them(text: str, danger: bool) -> None:
    language = load_language(KOREAN)
    says = language.text.intents["emergency"].say
    assert (
        bool(list(Alarms((IntentSpec("emergency", (), alarms=says),), template, WORDS, SOUNDS).found(text)))
        is danger
    )
