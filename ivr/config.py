"""Settings of this installation: folders and limits. Frozen; an error names the key and the remedy.

Settings come from, in this order: environment variables ``IVR_<KEY>``, the file named by ``--config`` or
``IVR_CONFIG`` (TOML), defaults. Folders follow the platform's habits (platformdirs).
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.errors import ConfigError

_DIRS = platformdirs.PlatformDirs("ivr", appauthor=False)


class Settings(BaseModel):
    """All settings; each can be given as ``IVR_<KEY>`` in the environment or as a key of the TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Path = Field(default=Path(_DIRS.user_state_dir), description="queue, call records, recordings")
    cache: Path = Field(default=Path(_DIRS.user_cache_dir), description="rendered prompts; may be deleted")
    models: Path = Field(default=Path(_DIRS.user_data_dir) / "models", description="recognizers' models")
    recognizer_threads: int = Field(default=2, ge=1, le=64, description="recognitions at the same time")
    call_seconds: int = Field(default=600, ge=10, description="longest call before it goes to a person")


def load_settings(path: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Read the settings. Raises ConfigError that names the file or variable, the key and the remedy."""
    env = dict(os.environ) if environ is None else environ
    if path is None and env.get("IVR_CONFIG"):
        path = Path(env["IVR_CONFIG"])
    values: dict[str, object] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(
                "no such file", place=str(path), remedy="Give the path of a TOML file"
            ) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"cannot be read ({error})", place=str(path), remedy="Mend the file") from None
    place = str(path) if path else "settings"
    for key in Settings.model_fields:
        if (text := env.get(f"IVR_{key.upper()}")) is not None:
            values[key] = text
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise ConfigError(
                f"unknown setting {key!r}", place=place, remedy=f"Known settings: {known}"
            ) from None
        where = f"IVR_{key.upper()}" if f"IVR_{key.upper()}" in env else f"{place}, {key}"
        message = f"{first['msg']} (got {first['input']!r})"
        raise ConfigError(message, place=where, remedy="Correct the value") from None
