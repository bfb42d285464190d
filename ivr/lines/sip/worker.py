"""A process that holds calls: ``python -m ivr.lines.sip.worker FD``, started and watched by the server.

It speaks SIP to the server's gate over loopback UDP, RTP to the callers' telephones, and `ivr.lines.sip.pipe`
over the socket FD to the server. It ends when that socket does, so it never outlives the server. One stack a
process: when the stack dies, the process does, and the server starts another.

Every call that arrives was let in by the gate already, so it is answered at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import socket
import sys
import time
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any

from baresip import BaresipError, Runtime, StackEvent, UserAgent
from baresip._native import lib
from baresip.call import Call
from baresip.events import Event

from ivr.lines.sip import pipe
from ivr.lines.sip.audio import CallSound, frames_ahead
from ivr.lines.sip.held import Held
from ivr.lines.sip.pace import Pace
from ivr.lines.sip.pipe import Kind, Packet
from ivr.lines.sip.registering import keep_registered
from ivr.lines.sip.stack import account_of, config_of, know_addresses, registered, settings_of
from ivr.lines.sip.told import DIALLED, WorkerSettings

OPEN_SECONDS = 5.0
"""How long a call may be established without sound streams before it is ended."""
HELD_SECONDS = 60.0
"""The same where the other side has it on hold from the start: who joins two calls does that for a moment."""
UNSENT_BYTES = 4 << 20
"""What may wait for a server that does not read; beyond, sound is left out."""
MOST_EARLY = 64
TRANSFERRED = "Call transfered"
"""What the stack says, in its own spelling, when a call ends because the caller is with somebody else."""

_LIFE = (Event.CALL_RINGING, Event.CALL_PROGRESS, Event.CALL_ESTABLISHED, Event.CALL_CLOSED)

_log = logging.getLogger("ivr.sip.worker")


class Worker:
    """All calls of this process."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._calls: dict[int, Held] = {}
        self._last = 0
        self._some = asyncio.Event()
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writer: asyncio.StreamWriter | None = None
        self._runtime: Runtime | None = None
        self._agent: UserAgent | None = None
        self._unwanted: set[int] = set()
        self._early: OrderedDict[int, list[StackEvent]] = OrderedDict()

    async def run(self) -> None:
        """Until the server's end of the socket is closed, or the stack dies."""
        reader, self._writer = await asyncio.open_connection(sock=self._channel)
        packets = pipe.Reader()
        first: list[Packet] = []
        while not first:
            data = await reader.read(65_536)
            if not data:
                return
            first = packets.feed(data)
        await self._open(settings_of(first[0]))
        ticking = asyncio.create_task(self._tick())
        listening = asyncio.create_task(self._listen(reader, packets))
        living = asyncio.create_task(self._live())
        over = asyncio.create_task(self._over.wait())
        done, _ = await asyncio.wait({ticking, listening, living, over}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _open(self, settings: WorkerSettings) -> None:
        self._runtime = Runtime()
        self._runtime.on_dead = self._over.set
        self._runtime.subscribe(self._watch)
        await self._runtime.start(config_of(settings))
        know_addresses()
        accounts = [account_of(settings), *(registered(settings, account) for account in settings.accounts)]
        for account in accounts:
            agent = await UserAgent.create(self._runtime, account, transfer_policy="reject")
            self._agent = self._agent or agent
            agent.on_incoming(self._incoming)
            if account.reg_interval:
                self._spawn(keep_registered(agent, account.user, self._tell))
        self._tell(pipe.packet(Kind.READY, port=settings.port))

    def _watch(self, event: StackEvent) -> None:
        """Keep what happens to a call that we dial before the stack has told us its handle."""
        if event.event in _LIFE and not any(h.call.handle == event.call for h in self._calls.values()):
            self._early.setdefault(event.call, []).append(event)
            while len(self._early) > MOST_EARLY:
                self._early.popitem(last=False)

    # --- the stack -------------------------------------------------------------------------------------

    def _incoming(self, call: Call) -> None:
        self._last += 1
        held = Held(self._last, call, self._sound(call), time.monotonic())
        self._calls[held.number] = held
        call.on(lambda event: self._event(held, event))
        self._spawn(self._answer(held))

    def _sound(self, call: Call, rate: int = 0) -> CallSound:
        return CallSound(call.audio, rate, lambda: frames_ahead(len(self._calls)))

    async def _answer(self, held: Held) -> None:
        try:
            await held.call.answer()
        except BaresipError as error:
            self._gone(held, f"the call could not be answered: {error}")
            await self._hang_up(held)  # else the stack keeps its sockets

    def _event(self, held: Held, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS if held.number >= DIALLED:
                held.rang = True
                self._tell(pipe.packet(Kind.RINGING, held.number))
                if held.unwanted:
                    self._spawn(self._hang_up(held))
            case Event.CALL_ESTABLISHED:
                held.since, held.established = time.monotonic(), True
                self._some.set()
                if held.unwanted:
                    self._spawn(self._hang_up(held))
            case Event.CALL_DTMF_START if event.text and held.begun:
                if held.keys.began(event.text[:1], time.monotonic()):
                    self._tell(pipe.packet(Kind.KEY, held.number, key=event.text[:1]))
            case Event.CALL_DTMF_END:
                held.keys.ended(time.monotonic())
            case Event.CALL_CLOSED:
                if held.transferring:  # before the end is told
                    self._transferred(held, "" if event.text == TRANSFERRED else "the caller has left")
                text = event.text or ""
                self._gone(held, text if held.number >= DIALLED else _why(text))

    def _gone(self, held: Held, reason: str) -> None:
        if self._calls.pop(held.number, None) is not None:
            call_id, reason = held.call.call_id or "", held.reason or reason
            starved = held.sound.starved
            self._tell(pipe.packet(Kind.ENDED, held.number, call_id=call_id, reason=reason, starved=starved))

    # --- the server ------------------------------------------------------------------------------------

    async def _listen(self, reader: asyncio.StreamReader, packets: pipe.Reader) -> None:
        with contextlib.suppress(ConnectionError):  # the server was killed
            while data := await reader.read(1 << 18):
                for packet in packets.feed(data):
                    self._do(packet)

    def _do(self, packet: Packet) -> None:
        if packet.kind is Kind.DIAL:
            self._spawn(self._dial(packet.call, packet.json()))
            return
        held = self._calls.get(packet.call)
        if held is None:
            if packet.kind is Kind.HANG_UP and packet.call >= DIALLED:
                self._unwanted.add(packet.call)  # the stack is about to call them, or they are gone
            return  # it has ended meanwhile
        match packet.kind:
            case Kind.SOUND:
                held.sound.write(packet.pcm())
            case Kind.HANG_UP:
                self._let_go(held)
            case Kind.SEND_KEY:
                self._spawn(self._press(held, str(packet.json()["key"])))
            case Kind.TRANSFER:
                self._spawn(self._transfer(held, str(packet.json()["to"])))
            case _:
                _log.warning("a packet of kind %s is not for a worker", packet.kind.name)

    async def _dial(self, number: int, wanted: dict[str, Any]) -> None:
        """Call somebody, over the gate like everything else."""
        assert self._agent is not None
        try:
            call = await self._agent.dial(wanted["to"], wanted["headers"])
        except (BaresipError, ValueError) as error:
            self._unwanted.discard(number)
            self._tell(pipe.packet(Kind.ENDED, number, call_id="", reason=str(error), starved=0))
            return
        held = Held(number, call, self._sound(call, int(wanted["rate"])), time.monotonic())
        self._calls[number] = held
        call.on(lambda event: self._event(held, event))
        for event in self._early.pop(call.handle, ()):
            self._event(held, event)
        if number in self._unwanted:
            self._unwanted.discard(number)
            self._let_go(held)

    def _let_go(self, held: Held) -> None:
        """Hang up; who was not heard of yet is let go with their first word: before, the stack would forget
        the call without telling them (no CANCEL before a provisional response, RFC 3261, 9.1)."""
        if held.number < DIALLED or held.rang or held.established:
            self._spawn(self._hang_up(held))
        else:
            held.unwanted = True

    async def _press(self, held: Held, key: str) -> None:
        with contextlib.suppress(BaresipError, ValueError):
            await held.call.send_dtmf(key)

    async def _hang_up(self, held: Held) -> None:
        with contextlib.suppress(BaresipError):  # the caller was faster
            await held.call.hangup()

    async def _transfer(self, held: Held, to: str) -> None:
        held.transferring = True
        detail = ""
        try:
            await held.call.transfer(to)
        except (BaresipError, ValueError) as error:
            detail = str(error) or type(error).__name__
        self._transferred(held, detail)

    def _transferred(self, held: Held, detail: str) -> None:
        if held.transferring:
            held.transferring = False
            self._tell(pipe.packet(Kind.TRANSFERRED, held.number, done=not detail, detail=detail))

    def _tell(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    # --- time ------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Every 10 ms by the clock of the start, while there are calls: what came from the callers."""
        while True:
            if not self._calls:
                self._some.clear()
                await self._some.wait()
            pace = Pace(time.monotonic())
            while self._calls:
                await asyncio.sleep(pace.wait(time.monotonic()))
                pace.began(time.monotonic())
                self._read()
                if (late := pace.report()) is not None:
                    self._tell(pipe.packet(Kind.PACE, **dataclasses.asdict(late)))

    async def _live(self) -> None:
        """Say that we live, as long as the stack answers. Raises BaresipError when it does not."""
        assert self._runtime is not None
        while True:
            await self._runtime.cmd(lib.BP_CMD_PING, timeout=2.0)
            self._tell(pipe.packet(Kind.ALIVE))
            await asyncio.sleep(1.0)

    def _read(self) -> None:
        assert self._writer is not None
        full = self._writer.transport.get_write_buffer_size() > UNSENT_BYTES
        out = []
        for held in tuple(self._calls.values()):
            if not held.established:
                continue
            if not held.begun and not self._begin(held):
                continue
            pcm = held.sound.read()
            if len(pcm) and not full:
                out.append(pipe.sound(held.number, pcm))
        if out:
            self._writer.write(b"".join(out))

    def _begin(self, held: Held) -> bool:
        if not held.sound.open():
            patience = HELD_SECONDS if held.call.headers else OPEN_SECONDS
            if time.monotonic() - held.since > patience and not held.reason:
                held.reason = "no sound could be agreed on"
                self._spawn(self._hang_up(held))
            return False
        held.begun = True
        self._tell(
            pipe.packet(Kind.BEGUN, held.number, call_id=held.call.call_id or "", rate=held.sound.rate)
        )
        return True

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _why(text: str) -> str:
    """A reason worth a line in the record; "" for an ordinary end."""
    return "no sound came from the telephone any more" if "rtp" in text.lower() else ""


def main() -> None:
    """Run; the stack is left standing at the end: its threads hold nothing that outlives the process."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for name in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # for the server, which drains the calls; systemd sends it to all
        signal.signal(name, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # only where we may: sound comes before recognition
        os.nice(-10)
    asyncio.run(Worker(socket.socket(fileno=int(sys.argv[1]))).run())
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
