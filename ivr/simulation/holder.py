"""Holding simulated calls one after another in one process, with the desk's parts opened once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ivr.config import Settings
from ivr.ears.choose import RecognizerKind
from ivr.engines import Hearing, Voices
from ivr.errors import IvrError
from ivr.events import CallEnded, Heard, Outcome, Understood
from ivr.media.wav import write_atomic
from ivr.parts import Reception
from ivr.records.encode import to_line
from ivr.simulation.hold import Call, Goal, Mouths, goal_of, hold_spoken, hold_typed
from ivr.simulation.persona import Persona
from ivr.simulation.place import Place, Verdict, verdict
from ivr.simulation.result import Simulated
from ivr.trials.callfile import Engine
from ivr.trials.judge import turns_of


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """How calls are simulated.

    desk        its name, folder or file, looked up from `root`
    typed       callers are not heard, their words are taken as they are
    keep        folder for a recording and an event log of each call, None for none
    recognizer  instead of the desk's own choice
    """

    desk: str
    root: Path
    settings: Settings
    typed: bool = False
    keep: Path | None = None
    recognizer: RecognizerKind | None = None


class SimulationHolder:
    """Holds calls. Its queue and records are in a folder of their own: a simulation leaves nobody waiting."""

    def __init__(self, options: SimulationOptions) -> None:
        """Open the desk, and ears and mouth unless typed. Raises IvrError: no call could be held."""
        self._options = options
        self._stack = ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())
        state = Path(tempfile.mkdtemp(prefix="ivr-simulate-"))
        self._stack.callback(shutil.rmtree, state, ignore_errors=True)
        try:
            settings = options.settings.model_copy(update={"state": state})
            self._reception = self._stack.enter_context(Reception(options.desk, settings, options.root))
            self._sound = None if options.typed else self._open_sound(settings)
        except BaseException:
            self._stack.close()
            raise

    def _open_sound(self, settings: Settings) -> tuple[Hearing, Voices, Mouths]:
        desk = self._reception.desk
        hearing = Hearing.open(desk, settings, self._options.recognizer)
        self._stack.callback(lambda: self._runner.run(hearing.close()))
        voices = Voices.open(desk, settings)
        self._stack.callback(voices.close)
        return hearing, voices, Mouths()

    def hold(self, persona: Persona, /) -> Simulated:
        """Hold one call. Whatever goes wrong in it is its result: the next is held all the same."""
        began = time.perf_counter()
        nowhere = Place(Outcome.FAILED, "", frozenset())
        try:
            goal = goal_of(persona, self._reception)
            recording, log = self._files(persona)
            call = self._hold(persona, goal, recording)
        # The edge of a call: a fault of ours costs this call, which says so, and not the other hundred.
        except Exception as error:  # noqa: BLE001
            why = str(error) if isinstance(error, IvrError) else repr(error)
            return simulated(persona, nowhere, None, time.perf_counter() - began, trouble=why)
        if log is not None:
            write_atomic(log, b"".join(to_line(at, event) for at, event in call.events))
        return simulated(persona, goal.place, call, time.perf_counter() - began, recording)

    def close(self) -> None:
        """Let go of the desk and of what its calls left."""
        self._stack.close()

    def _hold(self, persona: Persona, goal: Goal, recording: Path | None) -> Call:
        if self._sound is None:
            return hold_typed(persona, goal.known, self._reception)
        hearing, voices, mouths = self._sound
        return self._runner.run(
            hold_spoken(persona, goal.known, self._reception, hearing, voices, mouths, recording)
        )

    def _files(self, persona: Persona) -> tuple[Path | None, Path | None]:
        if self._options.keep is None:
            return None, None
        self._options.keep.mkdir(parents=True, exist_ok=True)
        base = self._options.keep / f"{persona.number:04}-{persona.intent}"
        return (None if self._options.typed else base.with_suffix(".wav")), base.with_suffix(".jsonl")


def simulated(
    persona: Persona,
    wanted: Place,
    call: Call | None,
    took: float,
    recording: Path | None = None,
    trouble: str = "",
) -> Simulated:
    """What came of one call; without a call, that it was broken off."""
    events = [event for _, event in call.events] if call else []
    heard = next((_text(event) for event in events if isinstance(event, Understood)), "")
    ended: CallEnded | None = call.ended if call else None
    reached = call.place if call else None
    voice = persona.voice
    shown = (
        voice.variant if voice.engine is Engine.ESPEAK else f"pitch {voice.pitch:+g}, tract {voice.tract:g}"
    )
    return Simulated(
        persona.number,
        persona.intent,
        persona.says,
        heard,
        f"{shown}, speed {voice.speed:g}",
        persona.line.noise.value,
        persona.line.snr,
        wanted,
        reached,
        Verdict.BROKEN if reached is None else verdict(wanted, reached),
        turns_of(events),
        ended.seconds if ended else 0.0,
        took,
        recording,
        trouble,
    )


def _text(event: Understood) -> str:
    heard: Heard = event.heard
    return heard.text
