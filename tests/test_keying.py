"""Keys in whole calls: beside speech, typed ahead, as tones."""

from __future__ import annotations

from pathlib import Path

import pytest
from call_parts import DESK, Talker, Tones, hold

from ivr import keying
from ivr.events import KeyPressed, Outcome, PromptEnded, SlotFilled, Understood
from ivr.keying import Keying

NUMBERS = (
    DESK
    + """  order:
    say: ["order status"]
    keys: "1"
    slots:
      order: {type: digits, length: 4, ask: "What is your order number?", read_back: always}
    then: {answer: "Order {order} is on its way."}
"""
)


def keys(text: str, at: float) -> list[tuple[float, str]]:
    return [(round(at + 0.2 * n, 2), key) for n, key in enumerate(text)]


async def test_keys_typed_during_the_prompts_before_their_questions_are_used(tmp_path: Path) -> None:
    line = Talker(keys("148291", 0.3))  # the menu, the number, and the yes to "is that right?"
    done = await hold(tmp_path, line, desk=NUMBERS, prompts=Tones(seconds=4.0))
    assert [event.slot.value for _, event in done.of(SlotFilled)] == ["4829"]
    assert done.of(SlotFilled)[0][0] < 2.0
    assert [event.key for _, event in done.of(KeyPressed)] == list("148291")


async def test_keys_typed_before_the_words_were_understood_answer_the_next_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keying, "PATIENCE", 1000.0)  # the thread that reads may be slower than the ticks here
    line = Talker([(3.0, 1.0), *keys("4829", 4.1)], paced=True)
    done = await hold(tmp_path, line, "order status", gate=line.until(5.0), desk=NUMBERS)
    understood = done.of(Understood)[0][0]
    assert all(at >= understood for at, _ in done.of(KeyPressed)), "they waited"
    names = [event.name for _, event in done.of(PromptEnded)]
    heard = names[: names.index("slots.order.order.confirm.1")]
    assert not [name for name in heard if name.startswith(("no_match", "sorry"))]


async def test_a_key_silences_a_prompt_even_while_somebody_is_heard(tmp_path: Path) -> None:
    line = Talker([(1.0, 3.0), (2.0, "0")])
    done = await hold(tmp_path, line, "", prompts=Tones(seconds=8.0))
    assert done.of(PromptEnded)[0][1].interrupted and done.of(PromptEnded)[0][0] < 2.1
    assert done.ended.outcome is Outcome.HANDED_OFF


def test_a_key_waits_for_words_but_not_for_noise() -> None:
    waiting = Keying()
    waiting.press("1", 0.0)
    waiting.press("2", 0.2)
    assert waiting.next(0.0, busy=True) is None
    assert waiting.next(1.0, busy=True) is None
    assert waiting.next(1.5, busy=True) == "1"
    assert waiting.next(1.5, busy=True) is None
    assert waiting.next(1.52, busy=False) == "2"
    assert waiting.next(1.52, busy=False) is None
