"""``ivr demo``: recorded callers, whole calls, in a minute."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.call import outcome_line
from ivr.cli.console import busy, count_progress, errors, out
from ivr.cli.options import OPENING, ConfigOption, desk_names, here, settings
from ivr.config import Settings
from ivr.engines import Hearing, Voices
from ivr.errors import StateError, UnknownError
from ivr.media.pcm import NARROWBAND
from ivr.media.wav import write_atomic
from ivr.parts import Reception
from ivr.records.encode import to_line
from ivr.show import Shown, printable
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.hold import Held, hold_audio

CALLS = Path("tests") / "calls"


def demo(
    desk: Annotated[
        str, typer.Argument(metavar="[DESK]", autocompletion=desk_names, help="The desk to call.")
    ] = "company",
    every: Annotated[bool, typer.Option("--all", help="Every recorded caller, not just a few.")] = False,
    realtime: Annotated[bool, typer.Option("--realtime", help="Take as long as the calls would.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the desk's other systems, whatever the callers' files answer.")
    ] = False,
    out_folder: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where recordings and logs go.")
    ] = Path("var/demo"),
    config: ConfigOption = None,
) -> None:
    """Play recorded callers through whole calls and show each as it happens.

    Exit status: 0 every caller got what they called for, 1 somebody did not, 2 bad input, 130 stopped.
    """
    with errors():
        calls = load_calls(here() / CALLS / desk)
        if not calls:
            raise UnknownError(
                "there are no recorded callers",
                place=str(CALLS / desk),
                remedy="Run it in a clone of the project, or try ivr call DESK --text",
            )
        first = [call for call in calls if call.shown]
        chosen = calls if every or not first else first
        if live:
            chosen = [call.model_copy(update={"lookups": {}}) for call in chosen]
        _make_folder(out_folder)
        held = asyncio.run(_hold_all(desk, chosen, settings(config), out_folder, realtime))
        right = sum(not one.wrong for one in held)
        out.one_line(f"{right} of {len(held)} callers got what they called for")
        out.one_line(f"Next: [bold]ivr call {printable(desk)} --text[/bold] to talk to the desk yourself")
        raise typer.Exit(0 if right == len(held) else 1)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "a file is in its place" if isinstance(error, FileExistsError) else error.strerror
        raise StateError(
            f"cannot be made ({reason})", place=str(path), remedy="Name another folder with --out"
        ) from None


async def _hold_all(
    desk: str, calls: list[CallFile], config: Settings, folder: Path, realtime: bool
) -> list[Held]:
    with ExitStack() as stack:
        with busy(OPENING):
            reception = stack.enter_context(Reception(desk, config, here()))
        hearing = Hearing.open(reception.desk, config)
        try:
            voices = Voices.open(reception.desk, config)
            try:
                await _render(reception, voices)
                return [await _hold(call, reception, hearing, voices, folder, realtime) for call in calls]
            finally:
                voices.close()
        finally:
            await hearing.close()


async def _render(reception: Reception, voices: Voices) -> None:
    """All fixed prompts before the first call; at once when they are in the cache."""
    prompts = [(p.name, p.text) for p in reception.desk.prompts() if p.fixed]
    # A cache that cannot be written was told of; what was rendered is in memory then.
    with count_progress() as progress, suppress(StateError):
        task = progress.add_task("rendering prompts", total=len(prompts))
        await voices.prompts.render_all(prompts, NARROWBAND, lambda: progress.advance(task))


async def _hold(
    call: CallFile, reception: Reception, hearing: Hearing, voices: Voices, folder: Path, realtime: bool
) -> Held:
    out.one_line(f"[bold]--- {printable(call.call)}:[/bold] {printable(call.about)}")
    recording, log = folder / f"{call.call}.wav", folder / f"{call.call}.jsonl"
    held = await hold_audio(
        call, reception, hearing, voices, here(), Shown(out), paced=realtime, recording=recording
    )
    write_atomic(log, b"".join(to_line(at, event) for at, event in held.events))
    wrong = printable("; ".join(held.wrong))
    verdict = f"[red]{wrong}[/red]" if wrong else "[green]as expected[/green]"
    out.one_line(f"{printable(outcome_line(held.ended))}  {verdict}")
    out.one_line(f"recording: {printable(str(recording))}")
    out.one_line(f"events: {printable(str(log))}\n")
    return held
