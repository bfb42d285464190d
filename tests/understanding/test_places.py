"""A place is taken down, a shout is not."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.meaning import SlotSpec, SlotType
from ivr.understanding.phonemes import Sounds
from ivr.understanding.places import ADDRESS, read_place
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance
from ivr.understanding.words import load_words


def place(text: str, *, asked: bool = True, language: str = "en-US") -> str:
    words, sounds = load_words(language), Sounds(language)
    found = read_place(utterance(text, words, sounds), language, asked)
    return found[0].value if found else ""


@pytest.mark.parametrize(
    "said",
    [
        "help!",
        "oh my God, oh my God",
        "hurry up",
        "please, please send somebody",
        "come quickly he's dying",
        "for God's sake",
        "why do you need to know",
        "I already told you where I am",
        "please help my son",
        "they're still here",
        "just come",
        "stay with me, honey",
        "what do you mean, where",
        "no no no no",
        "at home, where else, hurry",
    ],
)
def test_a_shout_is_no_place(said: str) -> None:
    assert place(said) == ""


@pytest.mark.parametrize(
    "said",
    [
        "Twelve Quay Street, Hartwell.",
        "Five Mill Lane, second floor.",
        "The Golden Lion in Market Square.",
        "the old mill",
        "By the red bridge over the river.",
        "Corner of Main Street and Park Avenue.",
        "Oak Tree Close number three",
        "Riverside",
        "number seven",
        "exit nine, northbound",
    ],
)
def test_a_place_is_kept_as_it_was_said(said: str) -> None:
    assert place(said) == said


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("there's a fire at twelve Quay Street, Port Alder", "twelve Quay Street, Port Alder"),
        ("my husband has collapsed, we're at 5 Mill Lane", "5 Mill Lane"),
        ("fourteen Baker Street, he's dying", "fourteen Baker Street"),
        ("12 Elm Grove please hurry", "12 Elm Grove"),
        ("I don't know, I'm in the park", "in the park"),
        (
            "somebody was hit by a car outside the library on Church Road",
            "outside the library on Church Road",
        ),
        ("well, we are at the Tesco on Bridge Street", "at the Tesco on Bridge Street"),
    ],
)
def test_what_else_is_said_is_left_out(said: str, kept: str) -> None:
    assert place(said) == kept


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I need an ambulance at 44 High Street", "44 High Street"),
        ("she fell in front of the town hall", "in front of the town hall"),
        ("the old mill", ""),
        ("there is a fire in the kitchen", ""),
        ("he drank something from under the sink", ""),
        ("an old man was hit by a car", ""),
        ("somebody is in my way", ""),
    ],
)
def test_what_is_told_unasked_must_name_a_place_that_others_find(said: str, told: str) -> None:
    assert place(said, asked=False) == told


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ko-KR", "도와주세요"),
        ("ko-KR", "제발 빨리 와 주세요"),
        ("ko-KR", "살려 주세요"),
        ("zh-CN", "救命啊"),
        ("zh-CN", "天哪快来人啊"),
        ("zh-CN", "求求你快点"),
    ],
)
def test_a_shout_in_other_languages_is_no_place(language: str, said: str) -> None:
    assert place(said, language=language) == ""


@pytest.mark.parametrize(("language", "said"), [("ko-KR", "바람길 십이 번지"), ("zh-CN", "海风路四十号")])
def test_a_place_in_other_languages_is_kept(language: str, said: str) -> None:
    assert place(said, language=language) == said


@pytest.mark.parametrize(
    ("language", "said", "told"),
    [
        ("zh-CN", "海风路四十号", "海风路四十号"),
        ("zh-CN", "有一只很大的野猪在路上乱跑", ""),
        ("zh-CN", "路上有一只很大的野猪", ""),
        ("ko-KR", "강남역 이번 출구", "강남역 이번 출구"),
        ("en-US", "the library on Church Road", "the library on Church Road"),
    ],
)
def test_all_that_is_said_is_a_place_where_its_kind_ends_it(language: str, said: str, told: str) -> None:
    assert place(said, asked=False, language=language) == told


def test_a_house_number_makes_it_certain() -> None:
    words, sounds = load_words("en-US"), Sounds("en-US")
    (found,) = read_place(utterance("we're at 5 Mill Lane", words, sounds), "en-US", False)
    assert found.score == ADDRESS


def test_what_a_desk_says_is_no_answer_is_none() -> None:
    words, sounds = load_words("en-US"), Sounds("en-US")
    spec = SlotSpec("place", SlotType.PLACE, no_answer=("no idea",))
    reader = SlotReader(spec, "{0}", words, sounds, "en-US")
    now = datetime(2026, 11, 24, 10)
    assert not reader.read(utterance("no idea", words, sounds), now, True)
    assert reader.read(utterance("the old mill", words, sounds), now, True)
