"""A caller who waits for a slow part of the desk is never in silence for more than 1.5 seconds."""

from __future__ import annotations

from pathlib import Path

from call_parts import Done, Queue, Talker, Tones, hold

from ivr.events import HandedOff, Outcome, PromptEnded, PromptStarted, Transferred, Understood

LIMIT = 1.5


def held(done: Done) -> list[str]:
    return [event.name for _, event in done.of(PromptStarted) if event.name.startswith("holding")]


async def test_slow_recognition(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)], paced=True)
    done = await hold(tmp_path, line, "billing please", gate=line.until(12.0))
    read = done.of(Understood)[0][0]
    assert read >= 12.0
    assert held(done)[:4] == ["holding.1", "holding.2", "holding.3", "holding.4"]
    assert done.silence(4.0, read + 0.5) <= LIMIT
    assert done.ended.outcome is Outcome.ROUTED


async def test_an_answer_read_late_is_no_backchannel_of_the_holding_phrase(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)], paced=True)
    done = await hold(tmp_path, line, "yeah okay", gate=line.until(5.9))
    assert held(done) and done.of(Understood)


async def test_a_slow_transfer(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)], paced=True, answer_after=16.0)
    done = await hold(tmp_path, line, "billing please")
    announced = done.of(PromptEnded)[1][0]
    assert done.of(Transferred)[0][0] >= 16.0
    assert len(held(done)) >= 3
    assert done.silence(announced, done.ended.seconds) <= LIMIT


async def test_a_slow_queue(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)], paced=True)
    done = await hold(tmp_path, line, "operator", queue=Queue(gate=line.until(10.0)))
    queued = done.of(HandedOff)[0][0]
    assert queued >= 10.0 and held(done)
    assert done.silence(4.0, queued + 0.5) <= LIMIT
    assert done.ended.outcome is Outcome.HANDED_OFF


async def test_a_slow_voice(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0)], paced=True)
    prompts = Tones(slow=("intents.hours.answer", line.until(9.0)))
    done = await hold(tmp_path, line, "when are you open", prompts=prompts)
    answered = next(at for at, event in done.of(PromptStarted) if event.name == "intents.hours.answer.1")
    assert answered >= 9.0 and held(done)
    assert done.silence(4.0, answered + 0.5) <= LIMIT
    replies = [event.wait for _, event in done.of(PromptStarted) if event.wait is not None]
    assert replies[0] > 4.5, "a holding phrase is no reply"


async def test_a_quick_desk_says_no_holding_phrase(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)], paced=True), "when are you open")
    assert done.of(Understood) and not held(done)


async def test_a_caller_who_thinks_hears_no_holding_phrase(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(5.5, 1.0)]), "billing")
    assert not held(done)
