"""The ears of a paced line: what is read while the caller pauses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest

from ivr.ears.endpointer import Endpointer
from ivr.ears.listener import EarEvent, Listener, Spoken
from ivr.ears.pool import RecognizerPool
from ivr.ears.recognizer import Grammar, anything
from ivr.meaning import Clarity, Completeness, Hypothesis
from ivr.media.pcm import Pcm

VOICE = np.random.default_rng(1).normal(0, 3000, 160).astype(np.int16)
QUIET = np.zeros(160, np.int16)


class Heard:
    """A detector that is told what it hears."""

    def __init__(self) -> None:
        self.speaks = False

    async def judge(self, pcm: Pcm) -> float:
        return 1.0 if self.speaks else 0.0

    def reset(self) -> None: ...


class Words:
    """A recognizer that counts its readings; `gate` holds them up."""

    name, language, streaming = "words", "en", False

    def __init__(self) -> None:
        self.read: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> Stream:
        return Stream(self)

    def close(self) -> None: ...


class Stream:
    def __init__(self, words: Words) -> None:
        self.words = words

    def feed(self, pcm: Pcm) -> None: ...

    def peek(self) -> Hypothesis | None:
        assert self.words.gate.wait(30)
        self.words.read.append("peek")
        return Hypothesis("my bill", 0.9)

    def settle(self) -> None:
        self.words.read.append("settle")

    def finish(self) -> tuple[Hypothesis, ...]:
        self.words.read.append("finish")
        return (Hypothesis("my bill", 0.9), Hypothesis("bill", 0.9, fit=-0.1))


class Call:
    """A listener with its parts."""

    def __init__(self, pool: RecognizerPool) -> None:
        self.vad, self.words, self.events = Heard(), Words(), list[EarEvent]()
        unknown = Completeness.UNKNOWN
        self.ears = Listener(
            8000, self.vad, Endpointer(), self.words, pool, lambda _: unknown, wait_for_readings=False
        )  # fmt: skip

    async def hear(self, seconds: float, *, speaks: bool) -> None:
        self.vad.speaks = speaks
        for _ in range(round(seconds / 0.02)):
            self.events += await self.ears.feed(VOICE if speaks else QUIET)
            await asyncio.sleep(0)  # what was begun beside it goes on

    async def until(self, ready: Callable[[], bool]) -> None:
        """Silence goes on."""
        self.vad.speaks = False
        async with asyncio.timeout(30):
            while not ready():
                self.events += await self.ears.feed(QUIET)
                await asyncio.sleep(0)


@pytest.fixture
async def pool() -> RecognizerPool:
    return RecognizerPool(1)


async def test_who_speaks_on_before_their_turn_is_not_read_for_nothing(pool: RecognizerPool) -> None:
    call = Call(pool)
    call.words.gate.clear()
    other = Call(pool)
    begun = threading.Event()

    def occupy() -> bool:
        begun.set()
        return call.words.gate.wait(30)

    busy = asyncio.create_task(pool.run("another", occupy))
    assert await asyncio.to_thread(begun.wait, 30)  # before that, whose caller waits longest would be first
    for one in (call, other):
        await one.hear(2.0, speaks=False)  # a quiet place
        await one.hear(1.0, speaks=True)
        await one.hear(0.2, speaks=False)  # a pause
    await call.hear(0.5, speaks=True)  # goes on; the other has stopped
    call.words.gate.set()
    await busy
    await other.until(lambda: "finish" in other.words.read)
    assert call.words.read == []
    await call.until(lambda: any(isinstance(event, Spoken) for event in call.events))
    await pool.close()
    assert call.words.read.count("finish") == 1


async def test_what_words_mean_is_worked_out_beside_the_loop(pool: RecognizerPool) -> None:
    """It takes some 20 ms, in which the loop moves the sound of all calls."""
    asked: dict[str, int] = {}
    judged, loop = asyncio.Event(), asyncio.get_running_loop()

    def complete(text: str) -> Completeness:
        asked["complete"] = threading.get_ident()
        loop.call_soon_threadsafe(judged.set)
        return Completeness.COMPLETE

    def clarity(readings: tuple[Hypothesis, ...], at: float) -> Clarity:
        asked["clarity"] = threading.get_ident()
        return Clarity.CLEAR

    call = Call(pool)
    call.ears = Listener(
        8000, call.vad, Endpointer(), call.words, pool, complete, wait_for_readings=False, clarity=clarity
    )
    await call.hear(1.0, speaks=False)
    await call.hear(1.0, speaks=True)
    await call.hear(0.2, speaks=False)
    await asyncio.wait_for(judged.wait(), 10)
    await call.until(lambda: any(isinstance(event, Spoken) for event in call.events))
    await pool.close()
    assert set(asked) == {"complete", "clarity"}
    assert threading.get_ident() not in asked.values()


@pytest.mark.parametrize(
    ("crowded", "clarity", "goes_on", "finished"),
    [
        (True, Clarity.PLAIN, False, 0),
        (True, Clarity.CLEAR, False, 1),
        (True, Clarity.DOUBTFUL, False, 1),
        (False, Clarity.PLAIN, False, 1),
        (True, Clarity.PLAIN, True, 0),
    ],
)
async def test_while_others_wait_a_plain_free_reading_is_enough(
    pool: RecognizerPool,
    monkeypatch: pytest.MonkeyPatch,
    crowded: bool,
    clarity: Clarity,
    goes_on: bool,
    finished: int,
) -> None:
    monkeypatch.setattr(RecognizerPool, "has_room", lambda *_: not crowded)
    call = Call(pool)
    call.ears = Listener(
        8000, call.vad, Endpointer(), call.words, pool, lambda _: Completeness.UNKNOWN,
        wait_for_readings=True, clarity=lambda *_: clarity,
    )  # fmt: skip
    await call.hear(1.0, speaks=False)
    await call.hear(1.0, speaks=True)
    if goes_on:
        await call.hear(0.3, speaks=False)
        await call.hear(0.5, speaks=True)
    await call.until(lambda: any(isinstance(event, Spoken) for event in call.events))
    await pool.close()
    (heard,) = (event.heard for event in call.events if isinstance(event, Spoken))
    assert call.words.read.count("finish") == finished
    assert ("settle" in call.words.read) == bool(finished)
    assert [one.fit is None for one in heard.hypotheses] == [True, False][: 1 + finished]
