"""Debian's baresip as a caller who is called back, and as the telephone of an operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from peer_tools import Baresip, Talk, listening, needs, until

from ivr.floor.lines import HeldLines
from ivr.floor.phones import Phones
from ivr.floor.room import Part
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.queue import State, StepKind
from ivr.handoff.rules import CallBackRules, QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason
from ivr.media.pcm import Pcm
from ivr.serving.address import Address

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
pytestmark = needs("baresip")
NUMBER = "4930123"
RATE = 8000


def request(caller: str) -> HandoffRequest:
    return HandoffRequest(
        call_id="c",
        desk="d",
        queue="desk",
        caller=caller,
        want="A bill",
        reason=Reason.ASKED,
        entered=datetime.now(UTC).isoformat(),
        waited=1.0,
    )


@asynccontextmanager
async def answering(phone: Baresip, user: str) -> AsyncIterator[None]:
    """The telephone of `user`, who answers at once; others are not known here."""
    account = f"<sip:{user}@127.0.0.1;transport=udp>;regint=0;audio_codecs={phone.codec};answermode=auto\n"
    (phone.folder / "accounts").write_text(account)
    with (phone.folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            "baresip", "-f", str(phone.folder),
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        await until(lambda: "baresip is ready" in (phone.folder / "log").read_text(errors="replace"))
        try:
            yield
        finally:
            process.terminate()
            await process.wait()


async def stepped(floor: Floor, number: int, kind: StepKind) -> None:
    happened = asyncio.Event()
    stop = floor.watch(happened.set)
    async with asyncio.timeout(20):
        while kind not in [step.kind for step in floor.store.history(number)]:
            await happened.wait()
            happened.clear()
    stop()


async def test_not_reached_then_answered(tmp_path: Path) -> None:
    said = np.concatenate([chirp(RATE), np.zeros(RATE // 2, np.int16)] * 8)
    phone = Baresip(tmp_path / "phone", "PCMU/8000/1", said, RATE)
    rules = QueueRules("desk", wrap_up=0, call_back=CallBackRules(attempts=3, pause=0.2))
    via = Address("127.0.0.1", phone.port)
    async with listening(FakeDoor(talk=Talk()), dial_via=via, codecs=("pcmu",)) as server:
        with HandoffStore.open(tmp_path / "queue.sqlite") as store:
            floor = Floor(store, [rules])
            lines = HeldLines(floor)
            lines.dialer = server
            await floor.start()
            number = store.enqueue(request(NUMBER))
            await floor.enter(number, on_line=False)
            async with answering(phone, "somebody-else"):
                await floor.tell(told.SignedOn("ann"))
                await floor.tell(told.Ready("ann"))
                await floor.tell(told.Accepted("ann", number))
                await stepped(floor, number, StepKind.NOT_REACHED)
            assert store.get(number).attempts == 1
            async with answering(phone, NUMBER):
                await floor.tell(told.Taken("ann", number))
                await stepped(floor, number, StepKind.CONNECTED)
                _, seat = lines.sit(number, "ann", Part.TALK) or (None, None)
                assert seat is not None
                heard: list[Pcm] = []
                ours = np.concatenate([chirp(RATE, 0.7), np.zeros(2400, np.int16)])
                for tick in range(200):
                    at = tick * 160 % len(ours)
                    seat.microphone.feed(ours[at : at + 160])
                    await asyncio.sleep(0.02)
                    while seat.ear:
                        heard.append(seat.ear.popleft())
                await floor.tell(told.Ended("ann", number))
                await until(lambda: lines.caller(number) is None)
            assert likeness(chirp(RATE), np.concatenate(heard)) >= 0.9
            assert likeness(chirp(RATE, 0.7), phone.heard(RATE)) >= 0.9
            assert store.get(number).state is State.WRAPPING_UP
            await lines.close()
            await floor.close()


async def test_the_telephone_of_an_operator(tmp_path: Path) -> None:
    said = np.concatenate([chirp(RATE), np.zeros(RATE // 2, np.int16)] * 8)
    phone = Baresip(tmp_path / "phone", "PCMU/8000/1", said, RATE)
    via = Address("127.0.0.1", phone.port)
    async with listening(FakeDoor(talk=Talk()), dial_via=via, codecs=("pcmu",)) as server:
        with HandoffStore.open(tmp_path / "queue.sqlite") as store:
            floor = Floor(store, [QueueRules("desk")])
            lines = HeldLines(floor)
            lines.dialer = server
            phones = Phones(lines)
            phones.know("ann", "201")
            await floor.start()
            async with answering(phone, "201"):
                await floor.tell(told.SignedOn("ann"))
                await floor.tell(told.Ready("ann"))
                number = store.enqueue(request("+44"))
                held = await lines.wait(number, RATE)
                assert held is not None
                heard, ours = [], np.concatenate([chirp(RATE, 0.7), np.zeros(2400, np.int16)])
                for tick in range(300):
                    at = tick * 160 % len(ours)
                    heard.append(held.exchange(ours[at : at + 160]))
                    await asyncio.sleep(0.02)
                assert StepKind.ACCEPTED in [step.kind for step in store.history(number)]
                await floor.tell(told.Ended("ann", number))
                await until(lambda: not phones.state("ann"))
            assert likeness(chirp(RATE), np.concatenate(heard)) >= 0.9
            assert likeness(chirp(RATE, 0.7), phone.heard(RATE)) >= 0.9
            await phones.close()
            await lines.close()
            await floor.close()
