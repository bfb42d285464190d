"""``ivr models``: the recognizers' models on this machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import TaskID
from rich.table import Table

from ivr.cli.console import download_progress, err, errors, out, print_json
from ivr.cli.options import ConfigOption, settings
from ivr.ears.catalog import MODELS
from ivr.ears.install import Progress, install
from ivr.ears.models import locate, place

app = typer.Typer(no_args_is_help=True, help="List, install and find the models of the recognizers.")


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show the models that can be installed and where those that are lie."""
    with errors():
        folder = settings(config).models
        places = {model.name: place(model, folder) for model in MODELS}
        if as_json:
            print_json(
                [
                    {
                        "name": model.name,
                        "language": model.language,
                        "engine": model.engine.value,
                        "megabytes": round(model.size / 1e6),
                        "licence": model.licence,
                        "path": None if places[model.name] is None else str(places[model.name]),
                    }
                    for model in MODELS
                ]
            )
            return
        table = Table("name", "language", "engine", "size", "licence", "installed")
        for model in MODELS:
            where = places[model.name]
            size = f"{model.size / 1e6:.0f} MB"
            cells = (model.name, model.language, model.engine.value, size, model.licence)
            table.add_row(*cells, "" if where is None else str(where))
        out.print(table)


@app.command("install")
def install_one(
    name: Annotated[str, typer.Argument(help="A name that ivr models list shows.")],
    config: ConfigOption = None,
) -> None:
    """Fetch a model with its checksum; does nothing when it is there. Can be broken off and run again."""
    with errors():
        with download_progress() as bars:
            tasks: dict[str, TaskID] = {}

            def report(progress: Progress) -> None:
                if progress.what not in tasks:
                    tasks[progress.what] = bars.add_task(progress.what, total=progress.total)
                bars.update(tasks[progress.what], completed=progress.done, total=progress.total)

            path = install(name, settings(config).models, report)
        err.print(f"{name}: {path}", highlight=False, soft_wrap=True)


@app.command("path")
def path_of(
    name: Annotated[str, typer.Argument(help="A name that ivr models list shows.")],
    config: ConfigOption = None,
) -> None:
    """Print the folder of an installed model."""
    with errors():
        typer.echo(str(locate(name, settings(config).models)))
