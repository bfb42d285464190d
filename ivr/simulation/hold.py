"""Holding the call of a simulated caller with a desk: typed, or with a voice over a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.dialog.desk import Desk
from ivr.dialog.spoken import spoken
from ivr.engines import Hearing, Voices
from ivr.events import Answered, CallEnded, Event, PromptStarted, Say, SlotFilled
from ivr.lines.line import Party
from ivr.lines.script import AnsweringCaller, Keys, Leave, Speech
from ivr.lines.wavfile import CallerLine, parse_keys
from ivr.meaning import SlotSpec
from ivr.media.pcm import NARROWBAND, silence
from ivr.parts import Reception
from ivr.records.recorder import Recorder
from ivr.simulation.caller import Answer, Caller, Known, Pressed
from ivr.simulation.facts import keys_for
from ivr.simulation.persona import Persona
from ivr.simulation.place import Place, place_of
from ivr.simulation.speakers import RATE, Speakers
from ivr.simulation.telephone import Line, Surroundings, spoken_into

_CALLER = "sim:"
_SILENT = 2.0
"""Seconds of a turn in which nothing is said."""
_LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was held: how it ended, and everything that happened in it."""

    ended: CallEnded
    events: tuple[tuple[float, Event], ...]

    @property
    def place(self) -> Place:
        """Where it came to."""
        return place_of(self.ended, [event for _, event in self.events])


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a persona's call should come to, and what the persona knows of the desk's questions."""

    place: Place
    known: Known


class _Listening:
    """A sink that keeps the events, and what the desk has said since the caller's last turn."""

    def __init__(self) -> None:
        self.events: list[tuple[float, Event]] = []
        self._said: list[Say] = []

    def __call__(self, at: float, event: Event) -> None:
        self.events.append((at, event))
        if isinstance(event, Say):
            self._said.append(event)
        elif isinstance(event, PromptStarted):
            self._said.append(Say(event.name, event.text))

    def since_last_turn(self) -> tuple[Say, ...]:
        said = tuple(self._said)
        self._said.clear()
        return said


def goal_of(persona: Persona, reception: Reception) -> Goal:
    """Where the desk takes a caller who says a phrase of its own and is understood word for word."""
    desk = reception.desk
    label = desk.intents[persona.intent].flow.label
    specs = {slot.name: slot.spec for flow in desk.flows.values() for slot in flow.slots}
    keyed = {
        name: keys_for(persona.facts[name])
        for name, spec in specs.items()
        if spec.sensitive and name in persona.facts
    }
    trusting = Known(label, keyed=keyed, stays=desk.stay is not None)
    call = hold_typed(replace(persona, wordings=(persona.plain, *persona.wordings)), trusting, reception)
    read_back = _read_back(call, desk, specs, persona)
    strange = frozenset(
        name for name, spec in specs.items() if spec.choices and name not in persona.known | read_back.keys()
    )
    return Goal(call.place, replace(trusting, read_back=read_back, strange=strange))


def _read_back(call: Call, desk: Desk, specs: dict[str, SlotSpec], persona: Persona) -> dict[str, str]:
    """How the desk says each fact that it was told."""
    filled = [event.slot for _, event in call.events if isinstance(event, SlotFilled)]
    return {
        slot.name: spoken(specs[slot.name], slot.value, desk.words, persona.at.date())
        for slot in filled
        if slot.name in specs
    }


def hold_typed(persona: Persona, known: Known, reception: Reception) -> Call:
    """Hold the call with words alone."""
    caller, listening = Caller(persona, known), _Listening()

    def lines() -> Iterator[str]:
        while (answer := caller.reply(listening.since_last_turn())) is not None:
            match answer:
                case Pressed(keys=keys):
                    yield f"/keys {keys}"
                case "":
                    yield "/silence"
                case _:
                    yield answer

    ended = reception.hold_typed(lines(), Answered(persona.at), listening)
    return Call(ended, tuple(listening.events))


class Mouths:
    """The voices of all callers and what is heard around them, opened once."""

    def __init__(self) -> None:
        self._speakers = Speakers()
        self._surroundings = Surroundings(self._speakers)

    def speech(self, words: str, persona: Persona, turn: int) -> Speech:
        """A turn as it is said into the persona's line; `bounds` are known exactly, whatever the noise."""
        seed = (persona.seed + turn) % 2**32
        sound = self._speakers.speak(words, persona.voice)
        pcm = spoken_into(sound, persona.line, self._surroundings, seed)
        lead = persona.line.lead
        return Speech(words, pcm, (lead, lead + len(sound) / RATE))

    def line(self, persona: Persona) -> Line:
        """The persona's line, whose noise is heard all through the call."""
        return Line(persona.line, self._surroundings, persona.seed)


async def hold_spoken(
    persona: Persona,
    known: Known,
    reception: Reception,
    hearing: Hearing,
    voices: Voices,
    mouths: Mouths,
    recording: Path | None = None,
) -> Call:
    """Hold the call with the persona's voice over its line, as fast as the CPU allows."""
    caller, listening = Caller(persona, known), _Listening()
    turns = 0

    def answer() -> Speech | Keys | Leave:
        nonlocal turns
        turns += 1
        return _turn(caller.reply(listening.since_last_turn()), persona, mouths, turns)

    behind = AnsweringCaller(answer, NARROWBAND, max_seconds=_LONGEST, medium=mouths.line(persona))
    line = CallerLine(behind, NARROWBAND, Party(f"{_CALLER}{persona.number}"))
    ended = await reception.hold(
        line,
        hearing,
        voices,
        Answered(persona.at),
        listening,
        record=None if recording is None else lambda rate: Recorder(recording, rate),
    )
    return Call(ended, tuple(listening.events))


def _turn(answer: Answer | None, persona: Persona, mouths: Mouths, turn: int) -> Speech | Keys | Leave:
    match answer:
        case None:
            return Leave()
        case Pressed(keys=keys):
            return Keys(f"keys:{keys}", parse_keys(keys))
        case "":
            return Speech("silence", silence(_SILENT, NARROWBAND), None)
        case _:
            return mouths.speech(answer, persona, turn)
