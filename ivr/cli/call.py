"""``ivr call``: hold one call with a desk, from recordings, a microphone or the keyboard."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from ivr.cli.call_options import RecognizerOption
from ivr.cli.console import Terminal, busy, complain, err, errors, out
from ivr.cli.files import STANDARD_OUTPUT, EventFile, Recording, refuse_output
from ivr.cli.keyboard import is_terminal, typed_lines
from ivr.cli.options import OPENING, ConfigOption, DeskArgument, here, settings
from ivr.discretion import LogMask
from ivr.ears.choose import RecognizerKind
from ivr.engines import Hearing, Voices
from ivr.errors import StateError, UnknownError
from ivr.events import Answered, CallEnded, Event, Outcome
from ivr.journal import Sink
from ivr.lines.line import Line
from ivr.lines.microphone import MicrophoneLine
from ivr.lines.wavfile import KEYS_PREFIX, Mode, WavLine
from ivr.parts import Reception
from ivr.redaction.texts import NumberRules
from ivr.show import Shown, printable

_WAV = "--wav"
_YEARS = range(1971, 9999)
"""A day before and behind these is a date too, in every time zone."""


class CallCommand(TyperCommand):
    """Lets ``--wav`` take several files: ``--wav a.wav b.wav`` is ``--wav a.wav --wav b.wav``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As every command, after the rewriting."""
        options = [param for param in self.params if isinstance(param, TyperOption) and not param.is_flag]
        with_value = frozenset(name for option in options for name in option.opts)
        return super().parse_args(ctx, several(args, with_value))


CLASS = CallCommand


def several(args: list[str], with_value: frozenset[str]) -> list[str]:
    """The arguments with ``--wav`` before each of its files; they end at the next option.

    with_value  the options that take a value. Before the desk is named, ``--wav`` takes only one file:
                ``ivr call --wav a.wav company``.
    """
    rest, rewritten = list(args), list[str]()
    desk_named = files_follow = False
    while rest:
        arg = rest.pop(0)
        if arg == "--":
            return [*rewritten, arg, *rest]
        if arg.startswith("-") and arg != "-":
            rewritten.append(arg)
            if arg in with_value and rest:
                rewritten.append(rest.pop(0))
            files_follow = desk_named and arg.partition("=")[0] == _WAV
        elif files_follow:
            rewritten += [_WAV, arg]
        else:
            desk_named = True
            rewritten.append(arg)
    return rewritten


def call(
    desk: DeskArgument,
    wav: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE...",
            help="The caller's turns as WAV files, one after another; keys:12# presses keys. "
            "A single file of more than 15 s is the caller's whole side of the call.",
        ),
    ] = None,
    mic: Annotated[
        bool,
        typer.Option(
            "--mic", help="Talk through the microphone and loudspeaker; digits typed are telephone keys."
        ),
    ] = False,
    text: Annotated[
        bool, typer.Option("--text", help="Type what the caller says; /keys 12#, /silence and /bye work too.")
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write one event a line, - for standard output."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record both sides: caller left, desk right.")
    ] = None,
    realtime: Annotated[bool, typer.Option("--realtime", help="Take as long as the call would.")] = False,
    mode: Annotated[Mode, typer.Option(help="Whether the files are turns or one whole side.")] = Mode.AUTO,
    hang_up_after: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, max=3600, help="The caller leaves so long after the last."),
    ] = None,
    recognizer: RecognizerOption = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the call comes in, as 2026-11-24T10:15 in the desk's time zone.",
        ),
    ] = None,
    caller: Annotated[str, typer.Option(metavar="NUMBER", help="The caller's number.")] = "",
    config: ConfigOption = None,
) -> None:
    """Hold one call with DESK and show it turn by turn.

    Examples:

      ivr call company --wav hello.wav bill.wav

      ivr call company --text

      ivr call company --wav caller.wav --json events.jsonl --record call.wav

    Exit status: 0 the call came to its end, 1 something failed during the call, 2 bad input, 130 stopped.
    """
    with errors():
        turns = wav or []
        if (bool(turns), mic, text).count(True) != 1:
            remedy = "Give one of --wav FILE..., --mic or --text"
            raise UnknownError("say how the caller speaks", place="ivr call", remedy=remedy)
        no_sound, recorded = "a typed call has no sound", "it is for recorded callers (--wav)"
        _refuse("--record", text and record is not None, no_sound)
        _refuse("--recognizer", text and recognizer is not None, no_sound)
        _refuse("--realtime", text and realtime, no_sound)
        _refuse("--mode", not turns and mode is not Mode.AUTO, recorded)
        _refuse("--hang-up-after", not turns and hang_up_after is not None, recorded)
        kept = _Kept(json_file, record, [Path(turn) for turn in turns if not turn.startswith(KEYS_PREFIX)])
        console = err if json_file == STANDARD_OUTPUT else out
        shown = Shown(console, typed=text, echo=not (text and is_terminal() and console.is_terminal))
        with ExitStack() as stack:
            stack.callback(kept.close, console)
            with busy(OPENING):
                reception = stack.enter_context(Reception(desk, settings(config), here()))
            kept.mask(reception.desk.numbers)
            answered = Answered(moment(at, reception), caller)
            try:
                if text:
                    reception.hold_typed(typed_lines(console), answered, shown, kept)
                else:
                    line = (
                        _microphone()
                        if mic
                        else WavLine(
                            turns, mode=mode, paced=realtime, hang_up_after=hang_up_after, caller=caller
                        )
                    )
                    asyncio.run(_over_audio(reception, line, answered, shown, kept, recognizer))
            except StateError as error:
                if kept.ended is None:
                    raise
                kept.fail(error)  # the call was held to its end; its own record is not whole
        assert kept.ended is not None
        console.one_line(printable(outcome_line(kept.ended)))
        raise typer.Exit(1 if kept.failed or kept.ended.outcome is Outcome.FAILED else 0)


def moment(at: str | None, reception: Reception) -> datetime:
    """When the call comes in, with a time zone: the desk's own where none is given. Raises UnknownError."""
    zone = reception.desk.hours.timezone if reception.desk.hours else None
    if at is None:
        return datetime.now(zone).astimezone(zone)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise _no_time(at) from None
    if when.year not in _YEARS:
        raise _no_time(at)
    return when if when.tzinfo else (when.replace(tzinfo=zone) if zone else when.astimezone())


def _no_time(at: str) -> UnknownError:
    return UnknownError(f"{at!r} is no time", place="--at", remedy="Write it as 2026-11-24T10:15")


def outcome_line(ended: CallEnded) -> str:
    """The last line of every call."""
    return f"outcome: {ended.outcome}" + (f" ({ended.detail})" if ended.detail else "")


class _Kept:
    """A sink of the journal: how the call ended, and the files that the user wants of it.

    Raises StateError when they cannot be made.
    """

    def __init__(self, events: Path | None, recording: Path | None, inputs: list[Path]) -> None:
        outputs = [path for path in (events, recording) if path is not None and path != STANDARD_OUTPUT]
        for number, path in enumerate(outputs):
            refuse_output(path, [*inputs, *outputs[:number]])
        if recording == STANDARD_OUTPUT:
            raise StateError("is not for sound", place="standard output", remedy="Give the path of a file")
        self._events = None if events is None else EventFile(events)
        self._write: Sink | None = self._events
        self.recording = None if recording is None else Recording(recording)
        self.ended: CallEnded | None = None
        self._failed = False

    def __call__(self, at: float, event: Event) -> None:
        """Keep `event`."""
        if isinstance(event, CallEnded):
            self.ended = event
        if self._write is not None:
            self._write(at, event)

    def mask(self, rules: NumberRules) -> None:
        """The file holds of numbers what the record of the call does."""
        self._write = None if self._events is None else LogMask(self._events, rules)

    @property
    def failed(self) -> bool:
        """Whether something of the call could not be kept."""
        return self._failed or any(
            file is not None and file.failed for file in (self._events, self.recording)
        )

    def fail(self, error: StateError) -> None:
        """Something else could not be kept."""
        self._failed = True
        complain(str(error))

    def close(self, console: Terminal) -> None:
        """The call is over, however it ended: say what there is."""
        if self.recording is not None and self.recording.begun:
            console.one_line(f"recording: {printable(str(self.recording.path))}")
        if self._events is not None and self._events.begun:
            self._events.close()
            console.one_line(f"events: {printable(str(self._events.path))}")


def _microphone() -> MicrophoneLine:
    """At a terminal, typed digits are telephone keys."""
    keyboard = sys.stdin if is_terminal() and sys.platform != "win32" else None
    return MicrophoneLine(keyboard=keyboard)


async def _over_audio(
    reception: Reception,
    line: Line,
    answered: Answered,
    shown: Shown,
    kept: _Kept,
    kind: RecognizerKind | None,
) -> None:
    """One call with ears and a voice of its own."""
    hearing = Hearing.open(reception.desk, reception.settings, kind)
    try:
        voices = Voices.open(reception.desk, reception.settings)
        try:
            await reception.hold(line, hearing, voices, answered, shown, kept, record=kept.recording)
        finally:
            voices.close()
    finally:
        await hearing.close()


def _refuse(option: str, given: bool, why: str) -> None:
    """An option that would do nothing here is more likely a mistake than a wish."""
    if given:
        raise UnknownError(f"does nothing here: {why}", place=option, remedy="Leave it out")
