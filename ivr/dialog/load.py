"""Finding and loading a desk: all faults of all its files at once, each with its line."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from ivr.dialog.compile import compile_desk
from ivr.dialog.desk import Desk
from ivr.dialog.faults import did_you_mean, faults
from ivr.dialog.files import DESK_FILE
from ivr.dialog.language import FOLDER, load_language
from ivr.dialog.schema import DeskText
from ivr.dialog.shared import read_shared
from ivr.dialog.source import Key, Problem, Source, read_yaml
from ivr.errors import DeskError, UnknownError

GRAMMARS = "grammars"


def find_desk(where: str | Path, search: Path) -> Path:
    """The desk file that `where` means: a name under ``<search>/grammars``, a folder, or a YAML file.

    Raises UnknownError for a name that does not exist, DeskError for a folder without ``desk.yaml``.
    """
    folder = search / GRAMMARS
    bare = len(Path(where).parts) == 1 and Path(where).suffix not in {".yaml", ".yml"}
    path = folder / where if bare and (folder / where).is_dir() else search / where
    if path.is_dir():
        if not (path / DESK_FILE).is_file():
            raise DeskError(
                f"the folder has no {DESK_FILE}", place=str(where), remedy="Give the folder of a desk"
            )
        return path / DESK_FILE
    if bare and not path.is_file():
        known = [desk.parent.name for desk in folder.glob(f"*/{DESK_FILE}")] if folder.is_dir() else []
        remedy = (
            did_you_mean(where, known) if known else f"Give its folder, or go where the folder {GRAMMARS} is"
        )
        raise UnknownError("no such desk", place=str(where), remedy=remedy)
    return path


def load_desk(where: str | Path, search: Path, languages: Path = FOLDER) -> Desk:
    """Load a desk with its data files and language.

    Raises UnknownError when there is no such desk, and DeskError when anything is wrong: the first fault,
    with all of them in `problems`, one line each.
    """
    path = find_desk(where, search)
    try:
        return _load(path, _shown(path, search), languages)
    except DeskError as error:
        error.problems = error.problems or (str(error),)
        raise


def _load(path: Path, shown: str, languages: Path) -> Desk:
    source = read_yaml(path, shown)
    problems = sorted(source.problems, key=lambda problem: problem.place)
    text, wrong = _validate(source)
    problems += wrong
    if text is None:
        raise _error(problems)
    words = load_language(text.language, languages)
    found: list[Problem] = []
    shared = tuple(read_shared(path.parent, name, source.file, found) for name in text.use)
    desk = compile_desk(text, source, path.parent, words, found, shared)
    problems += sorted(found, key=lambda problem: (problem.place.file != source.file, problem.place))
    if problems:
        raise _error(problems)
    return desk


def _error(problems: list[Problem]) -> DeskError:
    lines = tuple(dict.fromkeys(str(problem) for problem in problems))
    return problems[0].error(lines)


def _shown(path: Path, search: Path) -> str:
    try:
        return str(path.resolve().relative_to(search.resolve()))
    except ValueError:
        return str(path)


def _validate(source: Source) -> tuple[DeskText | None, list[Problem]]:
    """The desk as written; where the faults can be left out, what remains, so that it is checked as well."""
    try:
        return DeskText.model_validate(source.data), []
    except ValidationError as error:
        problems = faults(error, source, DeskText)
        kept = source.data
        for detail in error.errors(include_url=False):
            kept = _without(kept, tuple(part for part in detail["loc"] if part != "[key]"))
    try:
        return DeskText.model_validate(kept), problems
    except ValidationError:
        return None, problems


def _without(value: object, path: tuple[Key, ...]) -> object:
    """A copy without what stands at the end of the path."""
    if not path:
        return value
    head, *rest = path
    if isinstance(value, dict) and head in value:
        if not rest:
            return {key: inner for key, inner in value.items() if key != head}
        return {**value, head: _without(value[head], tuple(rest))}
    if isinstance(value, list) and isinstance(head, int) and head < len(value) and rest:
        return [_without(inner, tuple(rest)) if n == head else inner for n, inner in enumerate(value)]
    if isinstance(head, int) and not isinstance(value, list):  # one item written without its list
        return _without(value, tuple(rest))
    return value
