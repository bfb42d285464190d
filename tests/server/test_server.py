"""The server with lines and desks that only do what the test says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ivr.errors import LineError, StateError
from ivr.events import Answered, CallEnded, Outcome
from ivr.lines.accept import Door, Health, Refusal, Refused
from ivr.lines.line import LineClosed, Party, Received, TransferOutcome, TransferResult
from ivr.server.health import HealthPage
from ivr.server.server import OpenLine, Server
from ivr.serving.address import Address
from ivr.serving.lines import AudioSocketSettings
from ivr.serving.settings import HttpSettings, ServerSettings, Serving

ENDED = CallEnded(Outcome.ANSWERED, "", 1.0)


class FakeLine:
    rate, paced, party = 8000, True, Party("test:", "+44", "100")

    def __init__(self) -> None:
        self.hung_up = 0

    async def recv(self) -> Received:
        raise LineClosed("over")

    async def send(self, pcm: object) -> None: ...

    def clear(self) -> None: ...

    async def transfer(self, route: object, slots: object, context: object) -> TransferResult:
        return TransferResult(TransferOutcome.UNABLE)

    async def hang_up(self) -> None:
        self.hung_up += 1


class FakeLineServer:
    def __init__(self, broken: LineError | None = None) -> None:
        self.broken = broken
        self.door: Door | None = None
        self.accepting = False
        self.closed = False

    async def start(self, door: Door) -> None:
        if self.broken is not None:
            raise self.broken
        self.door, self.accepting = door, True

    def health(self) -> Health:
        return Health(self.accepting, "", {"connections": 0})

    async def stop_accepting(self) -> None:
        self.accepting = False

    async def close(self) -> None:
        self.accepting, self.closed = False, True


class FakeDesks:
    """Desks whose calls are held by `hold`."""

    def __init__(self, hold: Callable[[str, Answered], Awaitable[CallEnded]]) -> None:
        self.hold = hold
        self.in_use = 0
        self.held: list[tuple[str, Answered, dict[str, Any]]] = []

    def take(self, name: str) -> Any:
        self.in_use += 1

        async def held(line: Any, hearing: Any, voices: Any, answered: Answered, **more: Any) -> CallEnded:
            self.held.append((name, answered, more))
            return await self.hold(name, answered)

        reception = SimpleNamespace(desk=SimpleNamespace(hours=None), hold_beside_others=held)
        return SimpleNamespace(name=name, reception=reception, hearing=None, voices=None)

    def give_back(self, desk: Any) -> None:
        self.in_use -= 1


def settings(name: str = "one", **more: Any) -> AudioSocketSettings:
    told = {"default_desk": "company", **more}
    return AudioSocketSettings(name=name, listen=Address("127.0.0.1", 1), **told)


def serving(*lines: AudioSocketSettings, most: int = 10) -> Serving:
    return Serving(ServerSettings(max_calls=most), HttpSettings(), lines)


class Bench:
    """A started server with one line."""

    def __init__(self, fake_desks: FakeDesks, **more: Any) -> None:
        self.desks = desks = fake_desks
        self.line = FakeLineServer()
        told = settings(**more)
        self.server = Server(serving(told), desks, [OpenLine(told, self.line)])  # type: ignore[arg-type]

    def call(self) -> FakeLine:
        assert self.line.door is not None
        line = FakeLine()
        self.line.door.admit(line.party).hold(line)
        return line


Made = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def bench() -> AsyncIterator[Made]:
    made: list[Bench] = []

    async def make(hold: Callable[[str, Answered], Awaitable[CallEnded]], **more: Any) -> Bench:
        made.append(Bench(FakeDesks(hold), **more))
        await made[-1].server.start()
        return made[-1]

    yield make
    for one in made:
        await one.server.close()
        assert one.desks.in_use == 0 and one.server.switchboard.calls == 0


async def at_once(name: str, answered: Answered) -> CallEnded:
    return ENDED


async def for_ever(name: str, answered: Answered) -> CallEnded:
    await asyncio.Event().wait()
    return ENDED


async def test_a_call_is_held_at_the_desk_of_its_number_and_the_line_hung_up(bench: Made) -> None:
    one = await bench(at_once, desks={"100": "shop"}, record=True)
    line = one.call()
    await one.server.drain(5)
    ((name, answered, more),) = one.desks.held
    assert (name, answered.caller, answered.called) == ("shop", "+44", "100")
    assert answered.when.tzinfo is not None and more["keep_sound"] is True
    assert line.hung_up == 1


async def test_one_call_that_fails_does_not_touch_the_others(
    bench: Made, caplog: pytest.LogCaptureFixture
) -> None:
    go = asyncio.Event()

    async def hold(name: str, answered: Answered) -> CallEnded:
        if len(one.desks.held) == 1:
            raise ZeroDivisionError("a fault of ours")
        if len(one.desks.held) == 2:
            raise StateError("no space left on the disk", place="x")
        await go.wait()
        return ENDED

    one = await bench(hold)
    lines = [one.call() for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert one.server.switchboard.calls == 1
    go.set()
    await one.server.drain(5)
    assert [line.hung_up for line in lines] == [1, 1, 1]
    assert "ZeroDivisionError" in caplog.text and "no space left" in caplog.text


async def test_drained_calls_end_by_themselves_and_new_ones_are_refused(bench: Made) -> None:
    go = asyncio.Event()

    async def hold(name: str, answered: Answered) -> CallEnded:
        await go.wait()
        return ENDED

    one = await bench(hold)
    one.call()
    draining = asyncio.create_task(one.server.drain(60))
    await asyncio.sleep(0)
    assert not one.line.accepting
    with pytest.raises(Refused) as caught:
        one.call()
    assert caught.value.reason is Refusal.CLOSING
    assert not draining.done()
    go.set()
    await draining


async def test_what_lasts_longer_than_the_drain_is_cut_off_and_hung_up(bench: Made) -> None:
    one = await bench(for_ever)
    line = one.call()
    await one.server.drain(0.05)
    assert line.hung_up == 1 and one.server.switchboard.calls == 0


async def test_a_drain_that_is_cancelled_cuts_off_at_once(bench: Made) -> None:
    one = await bench(for_ever)
    line = one.call()
    draining = asyncio.create_task(one.server.drain(60))
    await asyncio.sleep(0.01)
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert line.hung_up == 1


async def test_a_caller_who_leaves_before_the_answer_frees_the_seat_once(bench: Made) -> None:
    one = await bench(at_once, max_calls=1)
    assert one.line.door is not None
    seat = one.line.door.admit(Party("test:"))
    seat.leave()
    seat.leave()
    seat.hold(FakeLine())  # too late
    assert one.server.switchboard.calls == 0 and not one.desks.held
    one.call()
    with pytest.raises(Refused):
        one.call()


async def test_a_line_that_cannot_open_closes_the_others() -> None:
    good, bad = FakeLineServer(), FakeLineServer(LineError("in use", place="127.0.0.1:1"))
    lines = [OpenLine(settings("one"), good), OpenLine(settings("two"), bad)]
    server = Server(serving(), FakeDesks(at_once), lines)  # type: ignore[arg-type]
    with pytest.raises(LineError):
        await server.start()
    assert good.closed


async def test_renewed_settings_hold_for_calls_that_begin_later(bench: Made) -> None:
    one = await bench(for_ever, max_calls=1, default_desk="old")
    one.call()
    await asyncio.sleep(0)
    changed = settings(max_calls=2, default_desk="new", idle_seconds=99)
    assert one.server.renew(serving(changed, settings("other"), most=5)) == ("one", "other")
    one.call()
    await asyncio.sleep(0)
    assert [name for name, _, _ in one.desks.held] == ["old", "new"]
    with pytest.raises(Refused):
        one.call()


async def test_the_health_page_counts(bench: Made, caplog: pytest.LogCaptureFixture) -> None:
    page = HealthPage()
    assert page.report()["ready"] is False
    one = await bench(for_ever, max_calls=1)
    page.server = one.server
    one.call()
    with pytest.raises(Refused):
        one.call()
    with caplog.at_level(logging.INFO):
        await asyncio.sleep(0)
    report = page.report()
    assert (report["ready"], report["calls"], report["answered"]) == (True, 1, 1)
    assert report["refused"] == {"full": 1}
    await one.server.drain(0.01)
    assert page.report()["ready"] is False and "about to end" in str(page.report()["detail"])


class DiallingLineServer(FakeLineServer):
    dials = True

    async def dial(self, target: str, context: object) -> object:
        raise LineError("nobody is called here")


@pytest.mark.parametrize("own", [True, False])
async def test_calls_are_passed_on_by_a_line_that_can_dial(own: bool) -> None:
    async def hold(name: str, answered: Answered) -> CallEnded:
        return ENDED

    desks = FakeDesks(hold)
    first, second = settings("one"), settings("two")
    dialling, other, plain = DiallingLineServer(), DiallingLineServer(), FakeLineServer()
    lines = [OpenLine(first, dialling), OpenLine(second, other if own else plain)]
    server = Server(serving(first, second), desks, lines)  # type: ignore[arg-type]
    await server.start()
    try:
        server.admit("two", Party("test:", "+44", "100")).hold(FakeLine())
        await server.drain(5.0)
    finally:
        await server.close()
    assert desks.held[0][2]["dialer"] is (other if own else dialling)
