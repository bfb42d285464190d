"""A whole call whose desk looks something up: quickly, slowly, in vain."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from call_parts import DESK, Done, Talker, hold

from ivr.events import LookedUp, LookUp, LookupResult, Outcome, PromptStarted
from ivr.inquiry import Inquiry, Kept, TableFile
from ivr.lookups.lookups import DeskLookups
from ivr.meaning import SlotType, SlotValue

LOOKUP = """
  order:
    label: your order
    say: ["where is my order"]
    then:
      - lookup: orders
        found: {answer: "It is {orders.state}."}
        none: {answer: I cannot find it.}
        failed: {answer: I cannot look now.}
lookups:
  orders: {table: {file: orders.csv, by: {caller: "{caller}"}}, keep: {state: text, pin: {sensitive: true}}}
"""


class Slow:
    """Answers when a moment of the call has come."""

    def __init__(self, gate: threading.Event | None, answer: LookedUp | RuntimeError) -> None:
        self.gate = gate
        self.reply = answer
        self.asked: list[LookUp] = []

    def answer(self, request: LookUp) -> LookedUp:
        raise NotImplementedError

    async def ask(self, request: LookUp) -> LookedUp:
        self.asked.append(request)
        if self.gate is not None:
            assert await asyncio.to_thread(self.gate.wait, 30)
        if isinstance(self.reply, RuntimeError):
            raise self.reply
        return self.reply

    def close(self) -> None: ...


SHIPPED = LookedUp("orders", LookupResult.FOUND, ((SlotValue("state", "shipped", "", 1.0),),))


def said(done: Done) -> list[str]:
    return [event.text for _, event in done.of(PromptStarted)]


async def test_a_lookup_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("caller,state,pin\n+4420,packed,7788\n", encoding="utf-8")
    keep = (Kept("state", SlotType.TEXT, ("state",)), Kept("pin", SlotType.DIGITS, ("pin",), True))
    inquiry = Inquiry("orders", TableFile(file, (("caller", "{caller}"),)), keep, ("caller",))
    with DeskLookups({"orders": inquiry}) as lookups:
        line = Talker([(3.0, 1.0)])
        done = await hold(tmp_path, line, "where is my order", desk=DESK + LOOKUP, lookups=lookups)
    assert "It is packed." in said(done)
    assert done.ended.outcome is Outcome.ANSWERED
    (_, asked), (_, answer) = done.of(LookUp) + done.of(LookedUp)
    assert isinstance(asked, LookUp) and asked.values[0].value == "+4420"
    assert isinstance(answer, LookedUp)
    assert [value.value for value in answer.rows[0]] == ["packed", "xxxx"], "what is sensitive is masked"


async def test_a_slow_lookup_is_filled_with_words(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)], paced=True)
    slow = Slow(line.until(11.0), SHIPPED)
    done = await hold(tmp_path, line, "where is my order", desk=DESK + LOOKUP, lookups=slow)
    answered = done.of(LookedUp)[0][0]
    assert answered >= 11.0
    assert sum(event.name.startswith("holding") for _, event in done.of(PromptStarted)) >= 3
    assert done.silence(4.0, answered + 0.5) <= 1.5
    assert "It is shipped." in said(done)


async def test_a_caller_who_asks_for_a_person_meanwhile_gets_one(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (8.0, 1.0)], paced=True)
    gate = line.until(30.0)
    slow = Slow(gate, SHIPPED)
    done = await hold(tmp_path, line, "where is my order", "operator", desk=DESK + LOOKUP, lookups=slow)
    gate.set()
    assert done.ended.outcome is Outcome.HANDED_OFF and done.ended.seconds < 20.0
    assert not done.of(LookedUp) and "It is shipped." not in said(done)


async def test_a_caller_who_hangs_up_meanwhile(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (8.0, None)], paced=True)
    gate = line.until(30.0)
    slow = Slow(gate, SHIPPED)
    done = await hold(tmp_path, line, "where is my order", desk=DESK + LOOKUP, lookups=slow)
    gate.set()
    assert done.ended.outcome is Outcome.ABANDONED and done.ended.seconds < 9.0


async def test_what_fails_is_said(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)])
    failed = Slow(None, LookedUp("orders", LookupResult.FAILED, detail="status 500"))
    done = await hold(tmp_path, line, "where is my order", desk=DESK + LOOKUP, lookups=failed)
    assert "I cannot look now." in said(done)


async def test_a_fault_of_ours_and_a_call_without_lookups_fail_as_well(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)])
    broken = Slow(None, RuntimeError("a bug"))
    done = await hold(tmp_path, line, "where is my order", desk=DESK + LOOKUP, lookups=broken)
    assert "I cannot look now." in said(done)
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "where is my order", desk=DESK + LOOKUP)
    assert "I cannot look now." in said(done)
