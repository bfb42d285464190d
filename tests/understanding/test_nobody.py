"""What is said of nobody is not what is said of somebody."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.meaning import Expect, Hypothesis, Intent, IntentSpec, Vocabulary
from ivr.understanding.matcher import Matcher

SAY = {"en": ["(somebody|someone) is (hurt|injured)"], "zh": ["(有人|伤得) (受伤|很重)"]}
OTHER = {"en": ["my car does not start"], "zh": ["我的车坏了"]}


@pytest.mark.parametrize(
    ("language", "text", "hurt"),
    [
        ("en", "somebody is hurt", True),
        ("en", "nobody is hurt", False),
        ("en", "no one's injured", False),
        ("en", "there isn't anybody hurt", False),
        ("en", "nobody else is here, and someone is hurt", True),
        ("zh", "有人受伤", True),
        ("zh", "没有人受伤", False),
        ("zh", "没人受伤", False),
    ],
)
def test_nobody_is_not_somebody(language: str, text: str, hurt: bool) -> None:
    specs = (IntentSpec("hurt", tuple(SAY[language])), IntentSpec("car", tuple(OTHER[language])))
    found = Matcher(Vocabulary(language, specs)).match(
        (Hypothesis(text, 1.0),), Expect(), datetime(2026, 11, 24)
    )
    score = max((match.score for match in found if match.meaning == Intent("hurt")), default=0.0)
    assert score >= 0.75 if hurt else score < 0.3
