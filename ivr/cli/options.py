"""Arguments and options that several commands share, with what the shell offers for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ivr.config import Settings, load_settings
from ivr.dialog.files import DESK_FILE
from ivr.dialog.load import GRAMMARS
from ivr.ears.catalog import MODELS


def settings(config: Path | None) -> Settings:
    """The settings of this run. Raises ConfigError."""
    return load_settings(config)


OPENING = "opening the desk; the first time, its sentences are learned ..."


def here() -> Path:
    """The folder that desk names are looked up in."""
    return Path.cwd()


def desk_names(incomplete: str) -> list[str]:
    """The desks under grammars/ whose names begin so; for files the shell knows better."""
    found = (here() / GRAMMARS).glob(f"*/{DESK_FILE}")
    return sorted(path.parent.name for path in found if path.parent.name.startswith(incomplete))


def between(least: float, most: float) -> Callable[[str], float]:
    """Reads an option that is a number from `least` to `most`; "nan" is none, and is said to be none."""

    def read(text: str | float) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise typer.BadParameter(f"{text!r} is not a number from {least:g} to {most:g}.")
        return value

    read.__name__ = "number"  # shown where an option has no metavar
    return read


def model_names(incomplete: str) -> list[str]:
    """The models whose names begin so."""
    return [model.name for model in MODELS if model.name.startswith(incomplete)]


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Settings (TOML); the environment's IVR_... come before it."
    ),
]
DeskArgument = Annotated[
    str,
    typer.Argument(
        metavar="DESK",
        autocompletion=desk_names,
        help="A desk's name under grammars/, its folder, or its YAML file.",
    ),
]
ModelArgument = Annotated[
    str,
    typer.Argument(metavar="MODEL", autocompletion=model_names, help="A name that ivr models list shows."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]
JsonFileOption = Annotated[
    str | None,
    typer.Option("--json", metavar="[FILE]", help="As JSON, to the file or to standard output."),
]
"""For commands of the class `JsonCommand`; what it names is written by `put_json`."""
