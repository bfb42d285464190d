"""Settings of this installation: folders and limits. Frozen; an error names the key and the remedy.

Settings come from, in this order: environment variables ``IVR_<KEY>``, the file named by ``--config`` or
``IVR_CONFIG`` (TOML), defaults. An empty variable counts as not set. A folder may begin with ``~``; one that
is relative is meant from the folder of the file it stands in, in a variable from the current folder. Without
a setting, folders follow the platform's habits (platformdirs).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from ivr.errors import ConfigError

_DIRS = platformdirs.PlatformDirs("ivr", appauthor=False)
_PREFIX = "IVR_"
_FILE = "IVR_CONFIG"
SERVING_SECTIONS = ("server", "http", "lines", "console", "queues", "webhooks", "reports", "retention")
"""Sections of the same file that only ``ivr serve`` reads: `ivr.serving.settings`."""


class Settings(BaseModel):
    """All settings; each can be given as ``IVR_<KEY>`` in the environment or as a key of the TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Path = Field(default=Path(_DIRS.user_state_dir), description="queue, call records, recordings")
    cache: Path = Field(default=Path(_DIRS.user_cache_dir), description="rendered prompts; may be deleted")
    models: Path = Field(default=Path(_DIRS.user_data_dir) / "models", description="recognizers' models")
    recognizer_threads: int = Field(default=2, ge=1, le=64, description="recognitions at the same time")
    call_seconds: int = Field(default=600, ge=10, description="longest call before it goes to a person")


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises ConfigError that names the file or variable, the key and the remedy."""
    env = os.environ if environ is None else environ
    if path is None and env.get(_FILE):
        path = Path(env[_FILE]).expanduser()
    values = {} if path is None else read_toml(path)
    values = {key: value for key, value in values.items() if key not in SERVING_SECTIONS}
    variables = _variables(env)
    places = {key: f"{path}: {key}" for key in values} | {key: name for key, (name, _) in variables.items()}
    if path is not None:
        values = {key: _placed(key, value, path.parent) for key, value in values.items()}
    values |= {key: _placed(key, text, Path()) for key, (_, text) in variables.items()}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        what, remedy = _explained(first, key)
        raise ConfigError(what, place=places[key], remedy=remedy) from None


def read_toml(path: Path) -> dict[str, Any]:
    """The file's keys and values. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("no such file", place=str(path), remedy="Give the path of a TOML file") from None
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", place=str(path), remedy="Check that you may read it"
        ) from None
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text (byte {error.start + 1})"
        raise ConfigError(what, place=str(path), remedy="Save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", place=str(path), remedy="Correct that line") from None


def _variables(env: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Setting to variable and its text. A variable that is one letter or two from a setting is a mistake.

    Others may be there for other reasons: Kubernetes gives every program ``IVR_SERVICE_HOST`` for a service
    that is called ivr.
    """
    known = {f"{_PREFIX}{key.upper()}": key for key in Settings.model_fields}
    for name in sorted(env):
        if name.startswith(_PREFIX) and name not in known and name != _FILE:
            meant = difflib.get_close_matches(name, [*known, _FILE], n=1, cutoff=0.85)
            if meant:
                raise ConfigError("unknown setting", place=name, remedy=f"Did you mean {meant[0]}?")
    return {key: (name, env[name]) for name, key in known.items() if env.get(name)}


def _placed(key: str, value: object, folder: Path) -> object:
    """A path as it is meant where it is written; other values as they are, for pydantic to judge."""
    field = Settings.model_fields.get(key)
    if field is None or field.annotation is not Path or not isinstance(value, str):
        return value
    if not value or "\0" in value:
        return None
    try:
        return folder / Path(value).expanduser()
    except RuntimeError:  # ~name of a user that does not exist
        return folder / value


def _explained(error: ErrorDetails, key: str) -> tuple[str, str]:
    """What is wrong with a value, and the remedy."""
    limits = error.get("ctx", {})
    given = repr(error["input"])
    match error["type"]:
        case "extra_forbidden":
            meant = difflib.get_close_matches(key, [*Settings.model_fields, *SERVING_SECTIONS], n=1)
            known = f"Did you mean {meant[0]}?" if meant else f"Known are: {', '.join(Settings.model_fields)}"
            return "unknown setting", known
        case "greater_than_equal":
            return f"{given} is too small", f"Give {limits['ge']} or more"
        case "less_than_equal":
            return f"{given} is too large", f"Give {limits['le']} or less"
        case "path_type":
            return "is not the path of a folder", "Give one in quotes"
        case _:
            return f"{given} is not a whole number", "Give a whole number"
