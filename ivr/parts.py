"""Putting the parts together: a desk with ears, mouth, understanding and queue, and a call held with them."""

from __future__ import annotations

import functools
import logging
import math
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from ivr.call import SURVEY_SECONDS, Call
from ivr.config import Settings
from ivr.conversation import Conversation
from ivr.dialog.check import refuse_faults
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.discretion import LogMask, NumberMask
from ivr.ears.endpointer import Endpointer
from ivr.ears.listener import Listener
from ivr.ears.silero import SileroVad
from ivr.engines import Hearing, Voices
from ivr.errors import StateError
from ivr.events import Answered, CallEnded, CallStarted, Event, SlotFilled
from ivr.handover import Turn
from ivr.identifying import open_lookups
from ivr.inquiry import Lookups
from ivr.journal import Journal, Sink
from ivr.lines.leg import Dialer
from ivr.lines.line import Line
from ivr.meaning import SlotValue
from ivr.memory import Tidying
from ivr.opening import Learn, OpenEars, holding_of, open_matcher, open_tongue
from ivr.passing import Passing
from ivr.person import ears_for_a_person, routes_of
from ivr.ports import CallLimits, FrameTap
from ivr.records.background import RecordWriter
from ivr.records.log import CallLog, recover
from ivr.scribe import Scribe
from ivr.stores import open_queue
from ivr.textcall import TextCall
from ivr.tongues import Tongues
from ivr.understanding.learned_cache import learned_model
from ivr.waiting import WaitingRoom, no_waiting_room

_log = logging.getLogger(__name__)


def _warn_state(error: StateError) -> None:
    """The recording of a call ends before it does."""
    _log.warning("%s; the call goes on", error)


def _new_id(when: datetime) -> str:
    """Names a call's folder: the time of day, and a part that no other call has."""
    return f"{when:%H%M%S}-{secrets.token_hex(4)}"


class Reception:
    """A desk ready for calls: what all its calls share. Close it, or use it as a context manager."""

    def __init__(
        self,
        where: str | Path,
        settings: Settings,
        search: Path,
        ears: OpenEars | None = None,
        learn: Learn = learned_model,
    ) -> None:
        """Load the desk, open the queue, and finish the records of calls that a crash cut off.

        ears   gives the recognizers of other languages, which it shares and closes; default: opened here
        learn  where what callers say is learned; default: here

        Raises DeskError, UnknownError, StateError.
        """
        self.settings = settings
        recover(settings.state)
        self.desk: Desk = refuse_faults(load_desk(where, search))
        self.matcher = open_matcher(self.desk, settings, learn)
        self.lookups: Lookups = open_lookups(self.desk.lookups, self.desk.language)
        self.queue = open_queue(settings)
        self.tongues = Tongues(functools.partial(open_tongue, settings=settings, ears=ears))
        self._tidying = Tidying()

    def close(self) -> None:
        """Let go of the queue and of what was looked up."""
        self.tongues.close()
        self.queue.close()
        self.lookups.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def hold(
        self,
        line: Line,
        hearing: Hearing,
        voices: Voices,
        answered: Answered,
        *sinks: Sink,
        record: Callable[[int], FrameTap] | None = None,
        lookups: Lookups | None = None,
    ) -> CallEnded:
        """Hold one call over `line`. `record` opens a recorder for the line's rate.

        lookups  instead of the desk's own
        """
        with self._journal(answered.when, sinks) as (call_id, journal):
            taps = (record(line.rate),) if record else ()
            return await self._hold(line, hearing, voices, answered, call_id, journal, taps, lookups=lookups)

    async def hold_beside_others(
        self,
        line: Line,
        hearing: Hearing,
        voices: Voices,
        answered: Answered,
        *sinks: Sink,
        writer: RecordWriter,
        keep_sound: bool,
        waiting_room: WaitingRoom = no_waiting_room,
        dialer: Dialer | None = None,
        summary_url: str = "",
    ) -> CallEnded:
        """Hold one call of many: its records are written by `writer`, its sound too if `keep_sound`.

        `dialer` calls whoever the line cannot pass the caller to; `summary_url` is where that person can read
        what was said, with {call_id} in it.

        A recording that cannot be begun is a warning: the caller matters more.

        Raises StateError when the record cannot be begun, or its summary not be written.
        """
        call_id = _new_id(answered.when)
        log = await writer.open(self.settings.state, call_id, answered.when)
        try:
            taps: tuple[FrameTap, ...] = ()
            if keep_sound:
                try:
                    taps = (await writer.recorder(log.recording, line.rate, _warn_state),)
                except StateError as error:
                    _warn_state(error)
            journal = Journal(LogMask(writer.sink(log), self.desk.numbers), *sinks)
            url = summary_url.replace("{call_id}", call_id)
            passing = Passing(line, call_id, url, dialer=dialer)
            return await self._hold(
                line, hearing, voices, answered, call_id, journal, taps, passing, waiting_room
            )
        finally:
            await writer.finish(log)

    async def survey(
        self,
        line: Line,
        hearing: Hearing,
        voices: Voices,
        answered: Answered,
        person: str,
        call_id: str,
        *,
        taps: tuple[FrameTap, ...] = (),
        waiting_room: WaitingRoom = no_waiting_room,
    ) -> tuple[tuple[SlotValue, ...], tuple[Turn, ...]]:
        """Ask whom we have called, when `person` has spoken with them; the answers, and what was said.

        call_id  of the call in which they were promised to be called
        """
        answers: dict[str, SlotValue] = {}

        def note(_: float, event: Event) -> None:
            if isinstance(event, SlotFilled):
                answers[event.slot.name] = event.slot

        journal = Journal(LogMask(note, self.desk.numbers))
        talk = self._conversation(call_id, journal)
        limits = CallLimits(SURVEY_SECONDS)
        call = self._call(
            line, hearing, voices, talk, journal, Passing(line, call_id), taps, limits, waiting_room
        )
        await call.run(answered, person)
        return tuple(answers.values()), talk.written()

    async def _hold(
        self,
        line: Line,
        hearing: Hearing,
        voices: Voices,
        answered: Answered,
        call_id: str,
        journal: Journal,
        taps: tuple[FrameTap, ...],
        passing: Passing | None = None,
        waiting_room: WaitingRoom = no_waiting_room,
        lookups: Lookups | None = None,
    ) -> CallEnded:
        with ExitStack() as stack:
            for tap in taps:
                stack.callback(tap.close)
            name, voice = hearing.recognizer.name, voices.synthesizer.name
            self._started(journal, call_id, line.party.uri, name, voice, answered.when)
            limits = CallLimits(min(self.desk.limits.seconds, self.settings.call_seconds))
            if self.desk.stay is not None:
                limits = CallLimits(math.inf)
            talk = self._conversation(call_id, journal)
            passing = passing or Passing(line, call_id)
            call = self._call(
                line, hearing, voices, talk, journal, passing, taps, limits, waiting_room, lookups
            )
            ended = await call.run(answered)
        await self._tidying.after_call(time.monotonic())
        return ended

    def _call(
        self,
        line: Line,
        hearing: Hearing,
        voices: Voices,
        talk: Conversation,
        journal: Journal,
        passing: Passing,
        taps: tuple[FrameTap, ...],
        limits: CallLimits,
        waiting_room: WaitingRoom,
        lookups: Lookups | None = None,
    ) -> Call:
        ears = Listener(
            line.rate,
            SileroVad(line.rate),
            Endpointer(),
            hearing.recognizer,
            hearing.pool,
            talk.completeness,
            wait_for_readings=not line.paced,
            clarity=talk.clarity,
        )
        return Call(
            line,
            ears,
            talk,
            voices.prompts,
            self.queue,
            journal,
            passing,
            lookups=lookups or self.lookups,
            tongues=self.tongues,
            waiting_room=functools.partial(waiting_room, routes=routes_of(self.desk)),
            scribe=Scribe(
                hearing.pool, lambda: ears_for_a_person(line.rate, hearing.recognizer, hearing.pool)
            ),
            holding=holding_of(self.desk),
            taps=taps,
            limits=limits,
        )

    def _conversation(self, call_id: str, journal: Journal) -> Conversation:
        return Conversation(Machine(self.desk, call_id), self.matcher, journal, NumberMask(self.desk.numbers))

    def hold_typed(
        self, lines: Iterator[str], answered: Answered, *sinks: Sink, lookups: Lookups | None = None
    ) -> CallEnded:
        """Hold one call that is typed. `lookups` stand in for the desk's own."""
        with self._journal(answered.when, sinks) as (call_id, journal):
            self._started(journal, call_id, "text:", "", "", answered.when)
            talk = self._conversation(call_id, journal)
            call = TextCall(
                talk, self.queue, journal, lines, lookups=lookups or self.lookups, tongues=self.tongues
            )
            return call.run(answered)

    @contextmanager
    def _journal(self, when: datetime, sinks: tuple[Sink, ...]) -> Iterator[tuple[str, Journal]]:
        """The call's id and a journal that also writes the call's own log, closed whatever happens."""
        call_id = _new_id(when)
        with CallLog.open(self.settings.state, call_id, when) as log:
            yield call_id, Journal(LogMask(log.record, self.desk.numbers), *sinks)

    def _started(
        self, journal: Journal, call_id: str, line: str, recognizer: str, voice: str, when: datetime
    ) -> None:
        started = CallStarted(call_id, self.desk.name, line, self.desk.language, recognizer, voice, when)
        journal.record(0.0, started)
