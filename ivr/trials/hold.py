"""Holding the call of a call file with a desk, over its recordings or with its words alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ivr.engines import Hearing, Voices
from ivr.errors import UnknownError
from ivr.events import Answered, CallEnded, Event, PromptStarted, Say
from ivr.inquiry import Lookups
from ivr.journal import Sink
from ivr.lines.script import Leave, Turn
from ivr.lines.wavfile import Mode, Pause, Recording, TurnSource, Wanted, WavLine
from ivr.parts import Reception
from ivr.records.recorder import Recorder
from ivr.trials.callfile import CallFile, TurnText
from ivr.trials.find import AUDIO
from ivr.trials.judge import judge, plain
from ivr.trials.rehearsed import Rehearsed

INDEX = "rendered.json"

Span: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Held:
    """A call that was held: its events with their times, what was wrong, and where the caller spoke."""

    call: CallFile
    ended: CallEnded
    events: tuple[tuple[float, Event], ...]
    wrong: tuple[str, ...]
    turns: tuple[Turn, ...] = ()


class _LastSaid:
    """A sink that knows what the desk said since the caller's last turn."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, at: float, event: Event) -> None:
        if isinstance(event, PromptStarted | Say):
            self.text = plain(event.text)

    def asked(self, text: str) -> bool:
        return plain(text) in self.text


async def hold_audio(
    call: CallFile,
    reception: Reception,
    hearing: Hearing,
    voices: Voices,
    root: Path,
    *sinks: Sink,
    paced: bool = False,
    recording: Path | None = None,
    folder: Path | None = None,
) -> Held:
    """Hold the call over its recordings in `folder`, or ``<root>/audio/calls/<desk>``. Raises AudioError."""
    last = _LastSaid()
    folder = folder or root / AUDIO / call.desk
    if call.audio is not None:
        line = WavLine([folder / call.audio], mode=Mode.SIDE, paced=paced, caller=call.caller)
    else:
        speech = _speech(folder / INDEX)
        sources = [_source(turn, folder, last, call, speech) for turn in call.turns]
        line = WavLine(sources, mode=Mode.TURNS, paced=paced, caller=call.caller)
    events: list[tuple[float, Event]] = []
    ended = await reception.hold(
        line,
        hearing,
        voices,
        Answered(call.at, call.caller),
        lambda at, event: events.append((at, event)),
        last,
        *sinks,
        record=None if recording is None else lambda rate: Recorder(recording, rate),
        lookups=_lookups(call, reception),
    )
    wrong = judge(call.expect, [event for _, event in events])
    return Held(call, ended, tuple(events), wrong, line.turns)


def hold_text(call: CallFile, reception: Reception, *sinks: Sink) -> Held:
    """Hold the call with the words of its turns, without sound."""
    last = _LastSaid()
    events: list[tuple[float, Event]] = []
    ended = reception.hold_typed(
        _typed(call, last),
        Answered(call.at, call.caller),
        lambda at, event: events.append((at, event)),
        last,
        *sinks,
        lookups=_lookups(call, reception),
    )
    return Held(call, ended, tuple(events), judge(call.expect, [event for _, event in events]))


def _lookups(call: CallFile, reception: Reception) -> Lookups:
    """The desk's, but for those whose answer the call file gives. Raises UnknownError."""
    if not call.lookups:
        return reception.lookups
    return Rehearsed(call.lookups, reception.desk.lookups, reception.lookups, call.call)


def _source(
    turn: TurnText, folder: Path, last: _LastSaid, call: CallFile, speech: Mapping[str, Span]
) -> TurnSource:
    if turn.hang_up:
        return Leave()
    source: str | Recording | Pause
    if turn.keys is not None:
        source = f"keys:{turn.keys}"
    elif turn.audio is not None:
        source = _recording(folder, turn.audio, speech)
    elif turn.silence is not None:
        source = Pause(turn.silence)
    else:
        raise UnknownError(
            f"the turn {turn.text!r} has no audio", place=call.call, remedy="Run python -m audio.make_calls"
        )
    return Wanted(source, lambda: last.asked(turn.if_asked)) if turn.if_asked else source


def _recording(folder: Path, audio: Path, speech: Mapping[str, Span]) -> Recording:
    return Recording(folder / audio, speech.get(audio.as_posix()))


def _speech(index: Path) -> dict[str, Span]:
    """Where speech begins and ends in the recordings, as their maker knows it; {} without an index.

    In noise this cannot be found by listening, and waits are measured from it.
    """
    if not index.is_file():
        return {}
    entries = json.loads(index.read_text(encoding="utf-8"))
    return {
        name: (entry["speech"][0][0], entry["speech"][-1][1])
        for name, entry in entries.items()
        if entry["speech"]
    }


def _typed(call: CallFile, last: _LastSaid) -> Iterator[str]:
    for turn in call.turns:
        if turn.if_asked and not last.asked(turn.if_asked):
            continue
        if turn.hang_up:
            yield "/bye"
        elif turn.keys is not None:
            yield f"/keys {turn.keys}"
        elif turn.silence is not None:
            yield "/silence"
        else:
            yield turn.text
    while True:
        yield "/silence"  # a caller who has said all stays on the line
