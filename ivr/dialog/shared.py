"""Files that desks share: facts to be asked for and intents, each with the lines they stand on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from pydantic import ValidationError

from ivr.dialog.faults import faults
from ivr.dialog.schema import SharedText
from ivr.dialog.source import Place, Problem, Source, read_yaml
from ivr.errors import DeskError


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared file as read; files that it names are relative to its folder."""

    text: SharedText
    source: Source
    folder: Path


def read_shared(folder: Path, name: str, desk: str, problems: list[Problem]) -> Shared:
    """The shared file `name`, as the desk file `desk` in `folder` calls it; empty where it has faults."""
    path, shown = folder / name, str(PurePath(desk).parent / name)
    empty = SharedText()
    try:
        source = read_yaml(path, shown)
    except DeskError as error:
        problems.append(Problem(Place(desk, 1), "use", f"{shown}: {error.what}", error.remedy))
        return Shared(empty, Source(shown, {}), path.parent)
    problems.extend(source.problems)
    try:
        return Shared(SharedText.model_validate(source.data), source, path.parent)
    except ValidationError as error:
        problems.extend(faults(error, source, SharedText))
        return Shared(empty, source, path.parent)
