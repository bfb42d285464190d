"""The wish for another language, heard in every state where it is all that is said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ivr.dialog.load import load_desk
from ivr.meaning import Command, Expect, Hypothesis, Intent, SlotSpec, SlotType
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

NOW = datetime(2026, 11, 24, 10)
STATES = (
    Expect(),
    Expect(intents=False, slot=SlotSpec("message", SlotType.TEXT)),
    Expect(slot=SlotSpec("number", SlotType.DIGITS, (4, 10))),
    Expect(intents=False, commands=frozenset({Command.CALL_BACK})),
)


@pytest.fixture(scope="module", params=["company", "company-zh", "company-ko"])
def matcher(request: pytest.FixtureRequest, root: Path) -> Matcher:
    desk = load_desk(request.param, root)
    return Matcher(desk.vocabulary(commands(desk.language)))


def wish(matcher: Matcher, text: str, expect: Expect) -> tuple[str, float]:
    best = matcher.match((Hypothesis(text, 0.9),), expect, NOW)
    found = next((match for match in best if match.urgent and isinstance(match.meaning, Intent)), None)
    return ("", 0.0) if found is None else (str(getattr(found.meaning, "name", "")), found.score)


WISHES = {
    "company": {
        "zh": (
            "Chinese, please.",
            "um, do you speak Chinese?",
            "Can we speak Mandarin please",
            "中文",
            "说中文",
        ),
        "ko": ("Korean please", "I only speak Korean", "한국어로 해 주세요", "한국말로 부탁합니다"),
    },
    "company-zh": {
        "en": ("英语", "请说英语", "你们会说英文吗", "English please", "can I speak English"),
        "ko": ("可以说韩语吗", "한국어로 해 주세요"),
    },
    "company-ko": {
        "en": ("영어로 해 주세요", "영어 할 줄 아세요", "English, please"),
        "zh": ("중국어로 부탁합니다", "中文", "可以说中文吗"),
    },
}
OTHERS = ("I have a question about my Chinese order", "我学英语", "중국어 책을 주문했어요", "please", "")


def test_in_every_state_by_its_own_words_and_by_those_of_here(matcher: Matcher) -> None:
    name = {"en": "company", "zh": "company-zh", "ko": "company-ko"}[matcher.book.language.split("-")[0]]
    for code, texts in WISHES[name].items():
        for text in texts:
            for state in STATES:
                intent, score = wish(matcher, text, state)
                assert intent == f"language_{code}" and score >= 0.75, (text, state)


def test_the_same_words_in_a_sentence_are_none(matcher: Matcher) -> None:
    assert not [text for text in OTHERS if wish(matcher, text, STATES[1])[1] >= 0.45]
