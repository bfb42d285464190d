"""The desks that answer: loaded before the first call, replaced for the next one when their files change.

A call keeps the desk it began with. A desk that was replaced is closed when its last call is over. Models and
voices are large and slow to load, so recognizers are shared by all desks of a language and outlive reloads.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from ivr.config import Settings
from ivr.dialog.desk import Desk
from ivr.dialog.files import DESK_FILE, named_files
from ivr.dialog.load import find_desk
from ivr.ears.choose import RecognizerKind
from ivr.ears.recognizer import Recognizer
from ivr.engines import Hearing, Voices
from ivr.errors import DeskError, IvrError
from ivr.events import Answered
from ivr.floor.lines import Surveyed
from ivr.handoff.queue import Handoff
from ivr.handoff.rules import URGENT
from ivr.inquiry import Sql, TableFile
from ivr.lines.line import Line
from ivr.media.pcm import NARROWBAND
from ivr.opening import Learn
from ivr.parts import Reception
from ivr.person import minutes
from ivr.ports import FrameTap
from ivr.scribe import Minutes
from ivr.server.learning import Learner
from ivr.understanding.learned_cache import learned_model
from ivr.waiting import WaitingRoom

Fingerprint: TypeAlias = Mapping[str, tuple[int, int]]
"""Files by path, with the time of their last change (ns) and their size."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class OpenDesk:
    """A desk ready for calls. `calls` are in progress; a `replaced` one is closed with its last call."""

    name: str
    reception: Reception
    hearing: Hearing
    voices: Voices
    files: Fingerprint
    calls: int = 0
    replaced: bool = field(default=False)

    def close(self) -> None:
        """Let go of queue and voice; the recognizer is shared."""
        self.voices.close()
        self.reception.close()


class Desks:
    """All desks by the name that the settings call them.

    settings  folders and limits
    search    where desks' names are looked up
    kind      the recognizer of all desks instead of their own choice
    rates     samples a second of the calls that a desk will answer: its prompts are made ahead for these
    """

    def __init__(
        self,
        settings: Settings,
        search: Path,
        kind: RecognizerKind | None = None,
        rates: Callable[[str], tuple[int, ...]] = lambda _: (NARROWBAND,),
    ) -> None:
        self._settings = settings
        self._search = search
        self._kind = kind
        self._rates = rates
        self._open: dict[str, OpenDesk] = {}
        self._hearing: dict[tuple[RecognizerKind, str], Hearing] = {}
        self._rejected: dict[str, Fingerprint] = {}
        self._learner = Learner()
        self._changing = asyncio.Lock()
        self._hearing_opens = asyncio.Lock()

    async def load(self, names: tuple[str, ...]) -> None:
        """Load desks that are not there yet, with recognizer, voice and rendered prompts.

        Raises DeskError, UnknownError, ModelError, VoiceError, StateError, AudioError.
        """
        async with self._changing:
            for name in names:
                if name not in self._open:
                    self._open[name] = await self._opened(name, learned_model)

    @property
    def names(self) -> tuple[str, ...]:
        """Of those that are ready."""
        return tuple(self._open)

    def rates_of(self, name: str) -> tuple[int, ...]:
        """Samples a second of the calls that a desk will answer."""
        return self._rates(name)

    def has(self, name: str) -> bool:
        """Whether a desk is ready."""
        return name in self._open

    def take(self, name: str) -> OpenDesk:
        """The desk for a call that begins now; give it back. Raises KeyError for one that is not loaded."""
        desk = self._open[name]
        desk.calls += 1
        return desk

    def minutes(self, case: Handoff, rate: int) -> Minutes | None:
        """What writes down a call-back, with the ears of its desk; None when that does not answer here."""
        desk = self._desk_of(case)
        return None if desk is None else minutes(rate, desk.hearing.recognizer, desk.hearing.pool)

    async def survey(
        self, case: Handoff, line: Line, person: str, tap: FrameTap | None, room: WaitingRoom
    ) -> Surveyed | None:
        """`Surveyor` of call-backs: nobody is asked in an emergency, or where the desk asks nobody."""
        desk = self._desk_of(case)
        if desk is None or not desk.reception.desk.survey or case.request.priority == URGENT:
            return None
        desk.calls += 1
        try:
            found = await desk.reception.survey(
                line,
                desk.hearing,
                desk.voices,
                Answered(datetime.now(UTC), case.call_back or case.request.caller),
                person,
                case.request.call_id,
                taps=() if tap is None else (tap,),
                waiting_room=room,
            )
        finally:
            self.give_back(desk)
        return Surveyed(*found)

    def _desk_of(self, case: Handoff) -> OpenDesk | None:
        """The desk that took the call."""
        found = (desk for desk in self._open.values() if desk.reception.desk.name == case.request.desk)
        return next(found, None)

    def give_back(self, desk: OpenDesk) -> None:
        """A call is over."""
        desk.calls -= 1
        if desk.replaced and not desk.calls:
            # Closing waits for the voice's threads.
            asyncio.get_running_loop().run_in_executor(None, desk.close)

    async def reload(self, names: tuple[str, ...], *, force: bool = False) -> dict[str, IvrError | None]:
        """Replace the desks among `names` whose files changed (`force`: all), for calls that begin later.

        Returns what was done: None for a desk that was replaced, or why it was rejected and the old one kept.
        A rejected desk is tried again when its files change once more.
        """
        done: dict[str, IvrError | None] = {}
        async with self._changing:
            for name in names:
                old = self._open.get(name)
                files = await asyncio.to_thread(self.fingerprint, name)
                if old is not None:
                    files = _watched(files, old.reception.desk)
                if not force and files in (old and old.files, self._rejected.get(name)):
                    continue
                try:
                    new = await self._opened(name, self._learner)
                except IvrError as error:
                    self._rejected[name] = files
                    done[name] = error
                else:
                    self._rejected.pop(name, None)
                    self._open[name] = new
                    done[name] = None
                    if old is not None:
                        old.replaced = True
                        if not old.calls:
                            await asyncio.to_thread(old.close)
        return done

    def fingerprint(self, name: str) -> Fingerprint:
        """The files of a desk as they are now; reads the disk. A desk that cannot be found has none.

        Besides its folder these are the files that it names, wherever they lie.
        """
        try:
            file = find_desk(name, self._search)
            alone = file.name != DESK_FILE
            found = [file] if alone else _files(file.parent)
            found += [path for named in sorted(named_files(file)) for path in _files(named)]
            states = {str(path): path.stat() for path in found}
        except (IvrError, OSError):
            return {}
        return {path: (state.st_mtime_ns, state.st_size) for path, state in states.items()}

    def stop_learning(self) -> None:
        """No desk is replaced any more: what is being learned for one is given up. Harmless when repeated."""
        self._learner.close()

    async def close(self) -> None:
        """Close all desks and recognizers; no call may be in progress."""
        self.stop_learning()
        for desk in self._open.values():
            await asyncio.to_thread(desk.close)
        self._open.clear()
        for hearing in self._hearing.values():
            await hearing.close()
        self._hearing.clear()

    async def _opened(self, name: str, learn: Learn) -> OpenDesk:
        files = await asyncio.to_thread(self.fingerprint, name)
        ears = functools.partial(self._ears, asyncio.get_running_loop())
        reception = await asyncio.to_thread(Reception, name, self._settings, self._search, ears, learn)
        try:
            hearing = await self._hearing_of(reception.desk)
            voices = await asyncio.to_thread(Voices.open, reception.desk, self._settings)
        except BaseException:
            reception.close()
            raise
        desk = OpenDesk(name, reception, hearing, voices, _watched(files, reception.desk))
        try:
            await self._render(desk)
        except BaseException:
            await asyncio.to_thread(desk.close)
            raise
        return desk

    async def _hearing_of(self, desk: Desk) -> Hearing:
        kind = self._kind or RecognizerKind(desk.recognizer.value)
        key = (kind, desk.language.partition("-")[0].lower())
        async with self._hearing_opens:
            if key not in self._hearing:
                opened = functools.partial(Hearing.open, desk, self._settings, kind, apart=True)
                self._hearing[key] = await asyncio.to_thread(opened)
            return self._hearing[key]

    def _ears(self, loop: asyncio.AbstractEventLoop, desk: Desk) -> Recognizer:
        """The recognizer of a desk with which a call goes on in another language; for other threads."""
        return asyncio.run_coroutine_threadsafe(self._hearing_of(desk), loop).result().recognizer

    async def _render(self, desk: OpenDesk) -> None:
        """Prompts are made before the call comes. A full disk costs time in calls, not the desk."""
        prompts = desk.reception.desk.fixed_prompts()
        try:
            for rate in self._rates(desk.name):
                await desk.voices.prompts.render_all(prompts, rate)
        except DeskError:
            raise
        except IvrError as error:
            _log.warning("desk %s: prompts are not rendered ahead: %s", desk.name, error)


def _files(path: Path) -> list[Path]:
    """A file, or those of a folder; none where there is nothing."""
    return [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]


def _watched(files: Fingerprint, desk: Desk) -> Fingerprint:
    """The files whose change makes another desk: what is looked up in a file is read in the call anyway."""
    sources = (inquiry.source for inquiry in desk.lookups.values())
    looked_up = {
        str(one.file) for one in sources if isinstance(one, TableFile | Sql) and one.file is not None
    }
    return {
        path: state
        for path, state in files.items()
        if path not in looked_up and path.removesuffix("-journal").removesuffix("-wal") not in looked_up
    }
