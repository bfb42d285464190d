"""``ivr call``: hold one call with a desk, from recordings, a microphone or the keyboard."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console

from ivr.cli.console import err, errors, out
from ivr.cli.options import ConfigOption, here, settings
from ivr.ears.choose import RecognizerKind
from ivr.errors import StateError, UnknownError
from ivr.events import Answered, CallEnded, Event
from ivr.lines.line import Line
from ivr.lines.microphone import MicrophoneLine
from ivr.lines.wavfile import Mode, WavLine
from ivr.parts import Hearing, Reception, Voices
from ivr.records.encode import to_line
from ivr.records.recorder import Recorder
from ivr.show import Shown


def call(
    desk: Annotated[str, typer.Argument(help="A desk's name under grammars/, its folder, or its YAML file.")],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]...", help="Further turns for --wav.")
    ] = None,
    wav: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="The caller's turns as WAV files, one after another; keys:12# presses keys. "
            "A single file of more than 15 s is the caller's whole side of the call.",
        ),
    ] = None,
    mic: Annotated[bool, typer.Option("--mic", help="Talk through the microphone and loudspeaker.")] = False,
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
        typer.Option(metavar="SECONDS", min=0, help="The caller leaves so long after the last turn."),
    ] = None,
    recognizer: Annotated[
        RecognizerKind | None, typer.Option(help="Instead of the desk's own choice.")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(help="When the call comes in (the desk's time zone), instead of now.")
    ] = None,
    caller: Annotated[str, typer.Option(metavar="NUMBER", help="The caller's number.")] = "",
    config: ConfigOption = None,
) -> None:
    """Hold one call with DESK and show it turn by turn.

    Examples:

      ivr call company --wav hello.wav bill.wav

      ivr call company --text

      ivr call company --wav caller.wav --json events.jsonl --record call.wav

    Exit status: 0 the call came to its end, 1 something failed during the call, 2 bad input.
    """
    with errors():
        turns = [*(wav or []), *(more or [])]
        if sum((bool(turns), mic, text)) != 1 or (more and not wav):
            raise UnknownError(
                "say how the caller speaks",
                place="ivr call",
                remedy="Give one of --wav FILE..., --mic or --text",
            )
        to_stdout = json_file is not None and str(json_file) == "-"
        console = err if to_stdout else out
        with ExitStack() as stack:
            reception = stack.enter_context(Reception(desk, settings(config), here()))
            sinks: list[Callable[[float, Event], None]] = [Shown(console, typed=text)]
            if json_file is not None:
                stream = sys.stdout if to_stdout else stack.enter_context(_open(json_file))
                sinks.append(lambda at, event: _write(stream, at, event))
            answered = Answered(moment(at, reception), caller)
            if text:
                ended = reception.hold_typed(_typed(console), answered, *sinks)
            else:
                line = _line(turns, mode, realtime, hang_up_after, caller) if turns else MicrophoneLine()
                ended = asyncio.run(audio_call(reception, line, answered, tuple(sinks), record, recognizer))
        show_end(console, ended, record, json_file)


def moment(at: datetime | None, reception: Reception) -> datetime:
    """When the call comes in, with a time zone: the desk's own where none is given."""
    zone = reception.desk.hours.timezone if reception.desk.hours else None
    if at is None:
        return datetime.now(zone).astimezone(zone)
    return at if at.tzinfo else (at.replace(tzinfo=zone) if zone else at.astimezone())


async def audio_call(
    reception: Reception,
    line: Line,
    answered: Answered,
    sinks: tuple[Callable[[float, Event], None], ...],
    record: Path | None,
    kind: RecognizerKind | None,
) -> CallEnded:
    """One call over audio with ears and a voice of its own."""
    hearing = Hearing.open(reception.desk, reception.settings, kind)
    try:
        voices = Voices.open(reception.desk, reception.settings)
        try:
            opener = None if record is None else recorder(record)
            return await reception.hold(line, hearing, voices, answered, *sinks, record=opener)
        finally:
            voices.close()
    finally:
        await hearing.close()


def recorder(path: Path) -> Callable[[int], Recorder]:
    """Opens `path` for a recording; trouble with the disk is shown and the call goes on."""
    return lambda rate: Recorder(path, rate, on_trouble=lambda error: err.print(f"[red]{error}[/red]"))


def show_end(console: Console, ended: CallEnded, record: Path | None, json_file: Path | None) -> None:
    """The last lines of every call."""
    if record is not None:
        console.print(f"recording: {record}", highlight=False, soft_wrap=True)
    if json_file is not None and str(json_file) != "-":
        console.print(f"events: {json_file}", highlight=False, soft_wrap=True)
    detail = f" {ended.detail}" if ended.detail else ""
    console.print(f"outcome: {ended.outcome}{detail}", highlight=False, soft_wrap=True)


def _line(turns: list[str], mode: Mode, realtime: bool, hang_up_after: float | None, caller: str) -> Line:
    return WavLine(turns, mode=mode, paced=realtime, hang_up_after=hang_up_after, caller=caller)


def _typed(console: Console) -> Iterator[str]:
    """Lines from the keyboard or a pipe."""
    while True:
        if sys.stdin.isatty():
            console.print("[bold]> [/bold]", end="")
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def _open(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise StateError(
            f"cannot be written ({error.strerror})",
            place=str(path),
            remedy="Give a file in a folder that exists",
        ) from None


def _write(stream: TextIO, at: float, event: Event) -> None:
    stream.write(to_line(at, event).decode("utf-8"))
    stream.flush()
