"""``ivr demo``: recorded callers, whole calls, in a minute."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.rule import Rule

from ivr.cli.console import count_progress, errors, out
from ivr.cli.options import ConfigOption, here, settings
from ivr.config import Settings
from ivr.errors import UnknownError
from ivr.media.pcm import NARROWBAND
from ivr.parts import Hearing, Reception, Voices
from ivr.records.encode import to_line
from ivr.show import Shown
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.hold import Held, hold_audio

CALLS = Path("tests") / "calls"
SHOWN = ("billing-plain", "person-hesitant", "callback-corrected", "noisy-charged-twice", "spam-robocall")
"""The calls a first look should see: plain, hesitating, correcting, noisy, unwanted."""


def demo(
    desk: Annotated[str, typer.Argument(help="The desk to call.")] = "company",
    every: Annotated[bool, typer.Option("--all", help="Every recorded caller, not just a few.")] = False,
    realtime: Annotated[bool, typer.Option("--realtime", help="Take as long as the calls would.")] = False,
    out_folder: Annotated[Path, typer.Option("--out", help="Where recordings and logs go.")] = Path(
        "var/demo"
    ),
    config: ConfigOption = None,
) -> None:
    """Play recorded callers through whole calls and show each as it happens."""
    with errors():
        calls = load_calls(here() / CALLS / desk)
        if not calls:
            raise UnknownError(
                "there are no recorded callers",
                place=str(CALLS / desk),
                remedy="Run it in a clone of the project, or try ivr call DESK --text",
            )
        first = [call for name in SHOWN for call in calls if call.call == name]
        out_folder.mkdir(parents=True, exist_ok=True)
        chosen = calls if every or not first else first
        held = asyncio.run(_hold_all(desk, chosen, settings(config), out_folder, realtime))
        right = sum(not one.wrong for one in held)
        out.print(Rule(style="dim"))
        out.print(f"{right} of {len(held)} callers got what they called for", highlight=False)
        out.print("Next: [bold]ivr call company --text[/bold] to talk to the desk yourself", highlight=False)
        raise typer.Exit(0 if right == len(held) else 1)


async def _hold_all(
    desk: str, calls: list[CallFile], config: Settings, folder: Path, realtime: bool
) -> list[Held]:
    with Reception(desk, config, here()) as reception:
        hearing = Hearing.open(reception.desk, config)
        voices = Voices.open(reception.desk, config)
        try:
            await _render(reception, voices)
            return [await _hold(call, reception, hearing, voices, folder, realtime) for call in calls]
        finally:
            voices.close()
            await hearing.close()


async def _render(reception: Reception, voices: Voices) -> None:
    """All fixed prompts before the first call; at once when they are in the cache."""
    prompts = [(p.name, p.text) for p in reception.desk.prompts() if p.fixed]
    with count_progress() as progress:
        task = progress.add_task("rendering prompts", total=len(prompts))
        await voices.prompts.render_all(prompts, NARROWBAND, lambda: progress.advance(task))


async def _hold(
    call: CallFile, reception: Reception, hearing: Hearing, voices: Voices, folder: Path, realtime: bool
) -> Held:
    out.print(Rule(f"{call.call}: {escape(call.about)}", align="left", style="dim"))
    recording, log = folder / f"{call.call}.wav", folder / f"{call.call}.jsonl"
    held = await hold_audio(
        call, reception, hearing, voices, here(), Shown(out), paced=realtime, recording=recording
    )
    log.write_bytes(b"".join(to_line(at, event) for at, event in held.events))
    detail = f" {held.ended.detail}" if held.ended.detail else ""
    verdict = (
        "[green]as expected[/green]" if not held.wrong else f"[red]{escape('; '.join(held.wrong))}[/red]"
    )
    out.print(f"outcome: {held.ended.outcome}{escape(detail)}  {verdict}", highlight=False, soft_wrap=True)
    out.print(f"recording: {recording}\nevents: {log}", highlight=False, soft_wrap=True)
    return held
