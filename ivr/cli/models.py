"""``ivr models``: the recognizers' models on this machine."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import typer
from rich.progress import TaskID

from ivr.cli.console import download_progress, err, errors, out, print_columns, print_json
from ivr.cli.options import ConfigOption, JsonOption, ModelArgument, settings
from ivr.ears.catalog import MODELS
from ivr.ears.install import Progress, install
from ivr.ears.models import locate, place
from ivr.show import printable

app = typer.Typer(no_args_is_help=True, help="List, install and find the models of the recognizers.")


@app.command("list")
def list_models(as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show the models that can be installed, and which are. ivr models path MODEL tells where one lies."""
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
                        "about": model.about,
                        "megabytes": round(model.size / 1e6),
                        "licence": model.licence,
                        "path": None if places[model.name] is None else str(places[model.name]),
                    }
                    for model in MODELS
                ]
            )
            return
        rows = [
            (
                model.name,
                "yes" if places[model.name] is not None else "",
                model.language,
                model.engine.value,
                f"{model.size / 1e6:4.0f} MB",
                model.licence,
            )
            for model in MODELS
        ]
        print_columns(("name", "installed", "language", "engine", "download", "licence"), rows)


@app.command("install")
def install_one(model: ModelArgument, config: ConfigOption = None) -> None:
    """Fetch a model with its checksum; does nothing when it is there. Can be broken off and run again."""
    with errors():
        with _Bars() as bars:
            path = install(model, settings(config).models, bars.show)
        err.one_line(f"{printable(model)}: {printable(str(path))}")


@app.command("path")
def path_of(model: ModelArgument, config: ConfigOption = None) -> None:
    """Print the folder of an installed model."""
    with errors():
        out.one_line(printable(str(locate(model, settings(config).models))))


class _Bars:
    """A progress bar for each file; none is drawn before there is something to show."""

    def __init__(self) -> None:
        self._bars = download_progress()
        self._tasks: dict[str, TaskID] = {}

    def show(self, progress: Progress) -> None:
        if not self._tasks:
            self._bars.start()
        if progress.what not in self._tasks:
            self._tasks[progress.what] = self._bars.add_task(progress.what, total=progress.total)
        self._bars.update(self._tasks[progress.what], completed=progress.done, total=progress.total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tasks:
            self._bars.stop()
