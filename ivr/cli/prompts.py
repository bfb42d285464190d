"""``ivr prompts``: the sentences a desk speaks."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.markup import escape

from ivr.cli.console import count_progress, err, errors, out, print_json
from ivr.cli.options import ConfigOption, here, settings
from ivr.dialog.load import load_desk
from ivr.media.pcm import LINE_RATES
from ivr.parts import Voices

app = typer.Typer(no_args_is_help=True, help="List and render the sentences a desk speaks.")


@app.command("list")
def list_prompts(
    desk: Annotated[str, typer.Argument(help="A desk's name, folder or YAML file.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
) -> None:
    """Show every prompt with its name: a recording <name>.wav in the desk's recordings folder replaces it."""
    with errors():
        loaded = load_desk(desk, here())
        prompts = loaded.prompts()
        if as_json:
            print_json([{"name": p.name, "text": p.text, "fixed": p.fixed} for p in prompts])
            return
        for prompt in prompts:
            mark = "" if prompt.fixed else "  [dim](made during the call)[/dim]"
            out.print(
                f"[cyan]{escape(prompt.name)}[/cyan]  {escape(prompt.text)}{mark}",
                highlight=False,
                soft_wrap=True,
            )


@app.command()
def render(
    desk: Annotated[str, typer.Argument(help="A desk's name, folder or YAML file.")],
    config: ConfigOption = None,
) -> None:
    """Render all fixed prompts before the first call, for telephone and wideband lines."""
    with errors():
        loaded = load_desk(desk, here())
        voices = Voices.open(loaded, settings(config))
        prompts = [(p.name, p.text) for p in loaded.prompts() if p.fixed]
        try:
            with count_progress() as progress:
                task = progress.add_task("prompts", total=len(prompts) * len(LINE_RATES))
                for rate in LINE_RATES:
                    asyncio.run(voices.prompts.render_all(prompts, rate, lambda: progress.advance(task)))
        finally:
            voices.close()
        err.print(f"{len(prompts)} prompts are ready ({voices.synthesizer.name})", highlight=False)
