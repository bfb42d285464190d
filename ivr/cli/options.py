"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.config import Settings, load_settings

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Settings (TOML); the environment's IVR_... come before it."
    ),
]


def settings(config: Path | None) -> Settings:
    """The settings of this run. Raises ConfigError."""
    return load_settings(config)


def here() -> Path:
    """The folder that desk names are looked up in."""
    return Path.cwd()
