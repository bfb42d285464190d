"""Words of danger in Korean and Chinese leave any state of any desk; harmless words about the same do not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ivr.dialog.load import load_desk
from ivr.meaning import Expect, Hypothesis, SlotSpec, SlotType
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

NOW = datetime(2026, 11, 24, 10)
LEAST = 0.35
STATES = (
    Expect(),
    Expect(intents=False, slot=SlotSpec("message", SlotType.TEXT)),
    Expect(slot=SlotSpec("number", SlotType.DIGITS, (4, 12))),
    Expect(slot=SlotSpec("sure", SlotType.YES_NO)),
    Expect(intents=False, commands=frozenset()),
)
DANGER = {
    "zh": (
        "快来人啊，厨房着火了，火越来越大",
        "我奶奶突然昏倒在地上了",
        "他躺在那里没有呼吸了怎么办",
        "楼下在冒烟，很多人还在楼上",
        "有人拿着刀在店里",
        "我老公胸口痛得厉害",
        "这里出了车祸，快叫救护车",
        "我闻到煤气泄漏了",
        "她流了很多血，一直流血",
        "救命，他要杀我",
    ),
    "ko": (
        "빨리요 주방에 불이 났어요 불이 점점 커져요",
        "할머니가 갑자기 쓰러졌어요 어떡해요",
        "남편이 숨을 안 쉬어요 도와주세요",
        "아래층에서 연기가 많이 올라와요",
        "어떤 사람이 칼을 들고 있어요",
        "아버지가 가슴이 너무 아파서 말을 못 해요",
        "앞에서 교통사고가 났어요 구급차 좀 불러 주세요",
        "집에서 가스 냄새가 나요 가스가 새는 것 같아요",
        "피가 많이 나는데 멈추지 않아요",
        "살려 주세요 누가 저를 죽이겠다고 해요",
    ),
}
HARMLESS = {
    "zh": (
        "我想问一下发票的问题",
        "我的传感器不亮了",
        "明天下午三点可以吗",
        "请帮我转财务部",
        "海风路四十号三楼",
        "大人",
        "正常",
    ),
    "ko": (
        "청구서를 다시 보내 주세요",
        "센서가 안 켜져요",
        "내일 오후 세 시에 돼요",
        "영업팀 부탁합니다",
        "바람길 십이 번지",
        "어른이에요",
        "네 정상이에요",
    ),
}


@pytest.fixture(scope="module", params=["company-zh", "company-ko", "emergency-zh", "emergency-ko"])
def matcher(request: pytest.FixtureRequest, root: Path) -> Matcher:
    desk = load_desk(request.param, root)
    return Matcher(desk.vocabulary(commands(desk.language)))


def alarm(matcher: Matcher, text: str, expect: Expect) -> float:
    found = matcher.match((Hypothesis(text, 0.9),), expect, NOW)
    return max((match.score for match in found if match.urgent), default=0.0)


def test_danger_is_heard_whatever_was_asked(matcher: Matcher) -> None:
    code = matcher.book.language.split("-")[0]
    missed = [
        (text, state.slot) for text in DANGER[code] for state in STATES if alarm(matcher, text, state) < LEAST
    ]
    assert not missed


def test_harmless_words_alarm_nobody(matcher: Matcher) -> None:
    code = matcher.book.language.split("-")[0]
    assert not [text for text in HARMLESS[code] for state in STATES if alarm(matcher, text, state) >= LEAST]
