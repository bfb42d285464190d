"""The listener for SIP: the gate in this process, the media in worker processes behind it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import logging
import time
import urllib.parse

from ivr.errors import LineError
from ivr.lines.accept import Door, Health, Refusal, Refused, Seat
from ivr.lines.line import Party, TransferContext
from ivr.lines.offences import Offences
from ivr.lines.sip import pipe
from ivr.lines.sip.call import SipCall
from ivr.lines.sip.flow import Flow, ToPeer, ToWorker
from ivr.lines.sip.gate import Gate, Sent
from ivr.lines.sip.inside import Inside
from ivr.lines.sip.leg import SipLeg
from ivr.lines.sip.pipe import Kind, Packet
from ivr.lines.sip.shares import MOST_OF_WORKER, accounts_of, own_of, shares_of
from ivr.lines.sip.told import DIALLED
from ivr.lines.sip.transports import Transports
from ivr.lines.sip.workers import Worker
from ivr.media.pcm import NARROWBAND, WIDEBAND
from ivr.serving.address import Address
from ivr.serving.sip import SipSettings

LOOK_SECONDS = 1.0
PARTING_SECONDS = 1.5
"""What the last BYEs get to reach the callers before the workers end."""
WORKER_DIED = "the process that carried its sound ended"

_log = logging.getLogger(__name__)


class SipServer:
    """`LineServer` for SIP; `Seats` of its gate; `Overseer` of its workers."""

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.offences = Offences()
        self.seats: dict[str, tuple[Seat, Party]] = {}
        self.calls: dict[tuple[int, int], SipCall] = {}
        self.workers: tuple[Worker, ...] = ()
        self.legs: dict[tuple[int, int], SipLeg] = {}
        self._numbers = itertools.count(1)
        self.late_ms = 0.0
        self.starved = 0
        self.registered: dict[str, bool] = {}
        self._accepting = False
        self._door: Door | None = None
        self._gate: Gate | None = None
        self._inside = Inside(self._from_worker)
        self._outside = Transports(settings, self._from_peer, self.offend)
        self._looking: asyncio.Task[None] | None = None

    @property
    def address(self) -> Address:
        """Where it listens for UDP and TCP. Raises RuntimeError before the start."""
        return self._outside.address

    @property
    def gate(self) -> Gate:
        """Raises RuntimeError before the start."""
        if self._gate is None:
            raise RuntimeError("it does not listen")
        return self._gate

    async def start(self, door: Door) -> None:
        """Start the workers, then listen. Raises LineError."""
        if importlib.util.find_spec("baresip") is None:
            remedy = "Install it with: pip install 'ivr[sip]'"
            raise LineError("the SIP stack is missing", place=self.settings.label, remedy=remedy)
        self._door = door
        inside = await self._inside.open()
        ports = await self._outside.open()
        accounts = accounts_of(self.settings)
        self._gate = Gate(own_of(self.settings, accounts, ports, inside), self)
        shares = shares_of(self.settings, inside, accounts)
        self.workers = tuple(Worker(number, told, self) for number, told in enumerate(shares))
        up = await asyncio.gather(*(worker.start() for worker in self.workers))
        if not any(up):
            raise LineError("no worker process listens; what it said is above", place=self.settings.label)
        self._accepting = True
        self._looking = asyncio.create_task(self._look())

    def health(self) -> Health:
        """Ready while a worker is."""
        ready = sum(worker.ready for worker in self.workers)
        numbers = {
            "workers": ready,
            "workers_replaced": sum(worker.restarts for worker in self.workers),
            "registered": sum(self.registered.values()),
            "frames_unsent": sum(worker.unsent for worker in self.workers),
            "frames_starved": self.starved,
            "ticks_late_us": round(1000 * self.late_ms),
        }
        missing = [user for user, ok in self.registered.items() if not ok]
        detail = f"{missing[0]} is not registered" if missing else ""
        detail = detail if ready else "no worker process is ready"
        return Health(self._accepting and ready > 0, detail, numbers | self.offences.counts)

    async def stop_accepting(self) -> None:
        """New calls get 503; those in progress go on."""
        self._accepting = False

    async def close(self) -> None:
        """End the workers and stop listening."""
        await self.stop_accepting()
        for call in tuple(self.calls.values()):
            await call.close()
        if self.calls:
            await asyncio.sleep(PARTING_SECONDS)
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(*(worker.close() for worker in self.workers))
        for call in tuple(self.calls.values()):
            call.line.end()
        self.calls.clear()
        await self._outside.close()
        self._inside.close()
        await asyncio.sleep(0)  # sockets close in the next turn of the loop

    # --- seats -----------------------------------------------------------------------------------------

    def admit(self, call_id: str, party: Party) -> int:
        """A seat, and the ready worker with the fewest calls."""
        assert self._door is not None
        if not self._accepting:
            raise Refused(Refusal.CLOSING)
        load = {w.number: len(self.gate.dialogs.of(w.number)) for w in self.workers if w.ready}
        if not load:
            raise Refused(Refusal.DOWN)
        least = min(load, key=lambda number: load[number])
        if load[least] >= MOST_OF_WORKER:
            raise Refused(Refusal.FULL)
        self.seats[call_id] = (self._door.admit(party), party)
        return least

    def leave(self, call_id: str) -> None:
        """The call did not come about."""
        if (found := self.seats.pop(call_id, None)) is not None:
            found[0].leave()

    def expire(self, call_id: str) -> None:
        """Its session timer has run out."""
        for call in tuple(self.calls.values()):
            if call.call_id == call_id:
                call.line.end("the telephone did not renew its session")
                call.hang_up()

    def offend(self, kind: str, who: str) -> None:
        """Count bad input, and write it to the log once in a while."""
        line = self.offences.note(kind, who, time.monotonic())
        if line is not None:
            _log.warning("%s: %s", self.settings.label, line)

    @property
    def dials(self) -> bool:
        """Where the settings name who calls others for us."""
        return self.settings.dial_via is not None

    async def dial(self, target: str, context: TransferContext) -> SipLeg:
        """Call `target` at the PBX of `dial_via`. Raises LineError when there is none, or no worker."""
        via = self.settings.dial_via
        if via is None:
            raise LineError("the line has no dial_via to call anybody at", place=self.settings.label)
        ready = [worker for worker in self.workers if worker.ready]
        if not ready:
            raise LineError("no worker process is ready", place=self.settings.label)
        worker = min(ready, key=lambda one: len(self.gate.dialogs.of(one.number)))
        number = DIALLED + next(self._numbers) % DIALLED
        wide = {"opus", "g722"} & set(self.settings.codecs)
        leg = SipLeg(worker.send, number, WIDEBAND if wide else NARROWBAND)
        self.legs[worker.number, number] = leg
        to = target if target.startswith("sip:") else f"sip:{urllib.parse.quote(target, safe='+*#')}@{via}"
        worker.send(pipe.packet(Kind.DIAL, number, to=to, headers=context.headers(), rate=leg.rate))
        return leg

    # --- workers ---------------------------------------------------------------------------------------

    def told(self, worker: int, packet: Packet) -> None:
        """A worker says something."""
        if packet.call >= DIALLED:
            self._leg(worker, packet)
            return
        if packet.kind is Kind.SOUND:
            if (call := self.calls.get((worker, packet.call))) is not None:
                call.line.feed(packet.pcm())
            return
        if packet.kind is Kind.ALIVE:
            return
        told = packet.json()
        match packet.kind:
            case Kind.BEGUN:
                self._begin(worker, packet.call, str(told["call_id"]), int(str(told["rate"])))
            case Kind.ENDED:
                self.starved += int(str(told["starved"]))
                self._ended(worker, packet.call, str(told["call_id"]), str(told["reason"]))
            case Kind.REGISTERED:
                self._registered(str(told["user"]), str(told["detail"]), ok=bool(told["ok"]))
            case Kind.PACE:
                self.late_ms = float(str(told["p99_ms"]))
            case _ if (call := self.calls.get((worker, packet.call))) is not None:
                call.told(packet.kind, told)

    def _leg(self, worker: int, packet: Packet) -> None:
        leg = self.legs.get((worker, packet.call))
        if leg is None:
            return
        if packet.kind is Kind.SOUND:
            leg.feed(packet.pcm())
            return
        told = packet.json()
        leg.told(packet.kind, told)
        if packet.kind is Kind.ENDED:
            self.starved += int(str(told["starved"]))
            del self.legs[worker, packet.call]
            self.gate.dialogs.end(str(told["call_id"]), time.monotonic())

    def died(self, worker: int) -> None:
        """All calls of the process are over; so are those it was about to answer."""
        now = time.monotonic()
        for (of, number), call in tuple(self.calls.items()):
            if of == worker:
                call.line.end(WORKER_DIED)
                del self.calls[of, number]
        for of, number in [key for key in self.legs if key[0] == worker]:
            self.legs.pop((of, number)).end(WORKER_DIED)
        for dialog in self.gate.dialogs.of(worker):
            self.leave(dialog.call_id)
            self._send(self.gate.bye(dialog, now))

    def _registered(self, user: str, detail: str, *, ok: bool) -> None:
        if self.registered.get(user) != ok:
            self.registered[user] = ok
            if ok:
                _log.info("%s: %s is registered", self.settings.label, user)
            else:
                _log.warning("%s: %s is not registered, trying again: %s", self.settings.label, user, detail)

    def _begin(self, worker: int, number: int, call_id: str, rate: int) -> None:
        found = self.seats.pop(call_id, None)
        if found is None:
            self.workers[worker].send(SipCall.goodbye(number))
            return
        seat, party = found
        dialog = self.gate.dialogs.get(call_id)
        peer = dialog.flow.host if dialog is not None else ""
        call = SipCall(self.workers[worker].send, number, call_id, rate, party, self.settings, peer)
        self.calls[worker, number] = call
        seat.hold(call.line)

    def _ended(self, worker: int, number: int, call_id: str, reason: str) -> None:
        self.leave(call_id)
        self.gate.dialogs.end(call_id, time.monotonic())
        call = self.calls.pop((worker, number), None)
        if call is not None:
            call.line.end(reason)
            call.over()

    # --- messages --------------------------------------------------------------------------------------

    def _from_peer(self, data: bytes, flow: Flow) -> None:
        if self._gate is not None:
            self._send(self._gate.from_peer(data, flow, time.monotonic()))

    def _from_worker(self, data: bytes, port: int) -> None:
        worker = next((worker for worker in self.workers if worker.port == port), None)
        if worker is not None:
            self._send(self.gate.from_worker(data, worker.number, time.monotonic()))

    def _send(self, sent: Sent) -> None:
        for one in sent:
            match one:
                case ToPeer(flow=flow, data=data, again=again):
                    self._outside.send(flow, data, again)
                case ToWorker(worker=number, data=data):
                    self._inside.send(self.workers[number].port, data)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(RuntimeError):
                self.gate.look(time.monotonic())
            self._outside.look(time.monotonic())
