"""``ivr prompts``: the sentences a desk speaks."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import typer

from ivr.cli.console import count_progress, err, errors, out, print_json
from ivr.cli.options import ConfigOption, DeskArgument, JsonOption, here, settings
from ivr.dialog.load import load_desk
from ivr.engines import Voices
from ivr.errors import StateError
from ivr.media.pcm import LINE_RATES
from ivr.show import printable

app = typer.Typer(no_args_is_help=True, help="List and render the sentences a desk speaks.")


@app.command("list")
def list_prompts(desk: DeskArgument, as_json: JsonOption = False) -> None:
    """Show every prompt with its name: a recording <name>.wav in the desk's recordings folder replaces it."""
    with errors():
        prompts = load_desk(desk, here()).prompts()
        if as_json:
            print_json([{"name": p.name, "text": p.text, "fixed": p.fixed} for p in prompts])
            return
        for prompt in prompts:
            mark = "" if prompt.fixed else "  [dim](made during the call)[/dim]"
            out.one_line(f"[cyan]{printable(prompt.name)}[/cyan]  {printable(prompt.text)}{mark}")


@app.command()
def render(desk: DeskArgument, config: ConfigOption = None) -> None:
    """Render all fixed prompts before the first call, for telephone and wideband lines."""
    with errors():
        current = settings(config)
        loaded = load_desk(desk, here())
        _refuse_cache(current.cache)
        voices = Voices.open(loaded, current)
        prompts = [(p.name, p.text) for p in loaded.prompts() if p.fixed]
        try:
            with count_progress() as progress:
                task = progress.add_task("prompts", total=len(prompts) * len(LINE_RATES))
                for rate in LINE_RATES:
                    asyncio.run(voices.prompts.render_all(prompts, rate, lambda: progress.advance(task)))
        finally:
            voices.close()
        err.one_line(f"{len(prompts)} prompts are ready ({printable(voices.synthesizer.name)})")


def _refuse_cache(folder: Path) -> None:
    """Raises StateError now rather than after everything was rendered."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise StateError(
            f"rendered prompts cannot be kept there ({error.strerror})",
            place=str(folder),
            remedy="Make room, or set IVR_CACHE to a folder that may be written",
        ) from None
