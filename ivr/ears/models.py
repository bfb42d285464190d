"""Which models this installation has, and where. Fetching them is in ivr/ears/install.py."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from ivr.ears.catalog import MODELS, Engine, Model, find_model
from ivr.errors import ModelError


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that can be used, and its folder."""

    model: Model
    path: Path


def installed(models_dir: Path) -> tuple[Installed, ...]:
    """The models that are there, in the catalogue's order: in `models_dir` or as an importable package."""
    found = ((model, place(model, models_dir)) for model in MODELS)
    return tuple(Installed(model, path) for model, path in found if path is not None)


def locate(name: str, models_dir: Path) -> Path:
    """The folder of the model called `name`.

    Raises UnknownError (no such model), ModelError (not installed).
    """
    model = find_model(name)
    if (path := place(model, models_dir)) is None:
        raise ModelError(
            f"the model {name} is not installed",
            place=str(models_dir),
            remedy=f"Run: ivr models install {model.name}",
        )
    return path


def best(language: str, engine: Engine, models_dir: Path) -> Installed | None:
    """The largest installed model for a primary language subtag and engine: whoever fetched it wants it."""
    here = installed(models_dir)
    fits = [item for item in here if item.model.language == language and item.model.engine is engine]
    return max(fits, key=lambda item: item.model.size, default=None)


def place(model: Model, models_dir: Path) -> Path | None:
    """Where `model` is whole, or None."""
    if complete(model, models_dir / model.folder):
        return models_dir / model.folder
    if model.package and (spec := importlib.util.find_spec(model.package)) is not None:
        for folder in spec.submodule_search_locations or ():
            if complete(model, Path(folder) / "model"):
                return Path(folder) / "model"
    return None


def complete(model: Model, folder: Path) -> bool:
    """Whether `folder` holds the model: its known files with their sizes, or an acoustic model of Vosk.

    Folders come into being whole (they are unpacked elsewhere, synced and renamed), so this finds what people
    put there or took away by hand; the sums were checked when the files came.
    """
    if model.files:
        return all(_has(folder / file.name, file.size) for file in model.files)
    return (folder / "am" / "final.mdl").is_file() or (folder / "final.mdl").is_file()


def _has(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
