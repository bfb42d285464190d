"""The server: its lines are open, each call is a task of its own, and it ends without cutting callers off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.errors import IvrError
from ivr.events import Answered, CallEnded
from ivr.lines.accept import LineServer, Watcher
from ivr.lines.leg import Dialer
from ivr.lines.line import Line, Party
from ivr.records.background import RecordWriter
from ivr.server.desks import Desks, OpenDesk
from ivr.server.switchboard import Admission, Switchboard
from ivr.serving.lines import LineSettings
from ivr.serving.settings import Serving
from ivr.waiting import WaitingRoom, no_waiting_room

END_SECONDS = 5.0
"""What calls that are cut off get to hang up and close their records."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A listener with its settings."""

    settings: LineSettings
    server: LineServer


class Server:
    """Holds the calls of all lines.

    desks  loaded already
    lines  not yet started
    waiting_room  where callers wait for a person
    """

    def __init__(
        self,
        serving: Serving,
        desks: Desks,
        lines: Sequence[OpenLine],
        waiting_room: WaitingRoom = no_waiting_room,
    ) -> None:
        self.lines = tuple(lines)
        self.switchboard = Switchboard(serving.server.max_calls)
        self._serving = serving
        self._settings = {line.settings.label: line.settings for line in lines}
        self._desks = desks
        self._waiting_room = waiting_room
        self._writer = RecordWriter()
        self._calls: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    async def start(self) -> None:
        """Open all lines. Raises LineError, and then none is open."""
        try:
            for line in self.lines:
                await line.server.start(_Door(self, line.settings.label))
        except BaseException:
            await self.close()
            raise

    def admit(self, label: str, party: Party) -> _Seat:
        """A seat on the line `label`. Raises Refused."""
        admission = self.switchboard.admit(self._settings[label], party)
        self._empty.clear()
        return _Seat(self, admission, self._desks.take(admission.desk))

    def settings_of(self, line: OpenLine) -> LineSettings:
        """What holds for calls that come in now on `line`."""
        return self._settings[line.settings.label]

    def renew(self, serving: Serving) -> tuple[str, ...]:
        """Desks, limits and recording of `serving` hold for calls that begin later.

        Returns the lines whose other settings changed, came or went: those need a restart. The desks must be
        loaded.
        """
        told = {line.label: line for line in serving.lines}
        differ = set(told) ^ set(self._settings)
        for label in told.keys() & self._settings.keys():
            old, new = self._settings[label], told[label]
            if old.model_dump(exclude=_FOR_NEW_CALLS) != new.model_dump(exclude=_FOR_NEW_CALLS):
                differ.add(label)
            changed = {key: getattr(new, key) for key in _FOR_NEW_CALLS}
            self._settings[label] = old.model_copy(update=changed)
        self.switchboard.most = serving.server.max_calls
        return tuple(sorted(differ))

    async def drain(self, seconds: float) -> None:
        """No new calls; wait for those in progress, then cut off what is left. Cancelled, it cuts off now."""
        self.switchboard.closing = True
        for line in self.lines:
            await line.server.stop_accepting()
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            _log.warning("%d calls are cut off after %g s", self.switchboard.calls, seconds)
        finally:
            await self._cut_off()

    async def close(self) -> None:
        """Close the lines and write what is left of the records."""
        await self._cut_off()
        for line in self.lines:
            await line.server.close()
        await self._writer.close()

    async def _cut_off(self) -> None:
        tasks = tuple(self._calls)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=END_SECONDS)

    def _begin(self, seat: _Seat, line: Line, watchers: tuple[Watcher, ...]) -> None:
        task = asyncio.get_running_loop().create_task(self._hold(seat, line, watchers))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _hold(self, seat: _Seat, line: Line, watchers: tuple[Watcher, ...]) -> None:
        label, desk = seat.admission.line.label, seat.desk
        self.switchboard.answered += 1
        _log.info("%s: a call for %s begins, %d in progress", label, desk.name, self.switchboard.calls)
        try:
            ended = await desk.reception.hold_beside_others(
                line,
                desk.hearing,
                desk.voices,
                answered_now(desk, line.party),
                *watchers,
                writer=self._writer,
                keep_sound=seat.admission.line.record,
                waiting_room=self._waiting_room,
                dialer=self.dialer(label),
                summary_url=self._serving.server.summary_url,
            )
            _log.info("%s: the call ended: %s", label, _outcome(ended))
        except IvrError as error:
            _log.error("%s: a call failed: %s", label, error)
        except Exception:  # noqa: BLE001 - the edge of a call: a fault in one must not touch the others
            _log.exception("%s: a call failed", label)
        finally:
            try:
                await line.hang_up()
            finally:
                seat.leave()

    def dialer(self, label: str = "") -> Dialer | None:
        """What can call somebody for a caller on the line `label`: the line itself, or any other."""
        found = self._dialling(label)
        return None if found is None else found[1]

    @property
    def records_what_it_dials(self) -> bool:
        """Whether the line that calls people records its calls."""
        found = self._dialling("")
        return found is not None and self.settings_of(found[0]).record

    def _dialling(self, label: str) -> tuple[OpenLine, Dialer] | None:
        lines = sorted(self.lines, key=lambda line: line.settings.label != label)
        dialers = ((line, line.server) for line in lines if isinstance(line.server, Dialer))
        return next((one for one in dialers if one[1].dials), None)

    def _left(self, seat: _Seat) -> None:
        self.switchboard.leave(seat.admission)
        self._desks.give_back(seat.desk)
        if not self.switchboard.calls:
            self._empty.set()


_FOR_NEW_CALLS = {"desks", "default_desk", "max_calls", "record"}


class _Door:
    """`Door` of one line."""

    def __init__(self, server: Server, label: str) -> None:
        self._server = server
        self._label = label

    def admit(self, party: Party) -> _Seat:
        return self._server.admit(self._label, party)


class _Seat:
    """`Seat` of one call."""

    def __init__(self, server: Server, admission: Admission, desk: OpenDesk) -> None:
        self.admission = admission
        self.desk = desk
        self._server = server
        self._used = False
        self._left = False

    def hold(self, line: Line, *watchers: Watcher) -> None:
        if not self._used:
            self._used = True
            self._server._begin(self, line, watchers)

    def leave(self) -> None:
        """Also called by the server at the end of the call."""
        self._used = True
        if not self._left:
            self._left = True
            self._server._left(self)


def answered_now(desk: OpenDesk, party: Party) -> Answered:
    """The first event of a call, at the desk's own time of day."""
    hours = desk.reception.desk.hours
    zone = hours.timezone if hours else None
    return Answered(datetime.now(zone).astimezone(zone), party.caller, party.called)


def _outcome(ended: CallEnded) -> str:
    detail = f" ({ended.detail})" if ended.detail else ""
    return f"{ended.outcome.value}{detail} after {ended.seconds:.1f} s"
