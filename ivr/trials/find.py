"""Finding the call files to try, and everything they need, before the first call is held."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError, UnknownError
from ivr.trials.callfile import CallFile, CallFileError, load_call

DESKS = Path("grammars")
AUDIO = Path("audio") / "calls"


class Way(enum.StrEnum):
    """How the caller of a call file is heard."""

    SOUND = "sound"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Trial:
    """A call to be held.

    shown   the file as the user knows it
    desk    the desk's name, folder or file, looked up from `root`
    folder  where the recordings of its turns are
    """

    shown: str
    call: CallFile
    desk: str
    root: Path
    folder: Path
    way: Way


def find_trials(
    paths: Sequence[Path], here: Path, *, desk: str | None = None, way: Way | None = None
) -> tuple[list[Trial], list[IvrError]]:
    """The trials in `paths` (call files, or folders with some anywhere below), and what is wrong with them.

    desk  holds the calls instead of the one that each file names
    way   None: with the sound where every spoken turn has a recording, otherwise with the words

    Raises UnknownError for a path that does not exist or a folder without call files.
    """
    trials: list[Trial] = []
    wrong: list[IvrError] = []
    for file in dict.fromkeys(file for path in paths for file in _files(path)):
        try:
            trials.append(_trial(file, here, desk, way))
        except IvrError as error:
            wrong.append(error)
    trials.sort(key=lambda trial: (str(trial.root), trial.desk, trial.shown))
    return trials, wrong


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        what, remedy = "there is no such file or folder", "Name a call file, or a folder with call files"
        raise UnknownError(what, place=str(path), remedy=remedy)
    found = sorted(file for file in path.rglob("*.yaml") if file.is_file())
    if not found:
        what = "there is no call file (*.yaml) in this folder"
        raise UnknownError(what, place=str(path), remedy="docs/calls.md tells how one is written")
    return found


def _trial(file: Path, here: Path, desk: str | None, way: Way | None) -> Trial:
    call = load_call(file)
    root = here if desk is not None else _root(file, call.desk, here)
    folder = _folder(file, call, root)
    if way is None:
        way = Way.SOUND if recorded(call) else Way.WORDS
    if way is Way.SOUND:
        _check_recordings(file, call, folder)
    return Trial(str(file), call, desk or call.desk, root, folder, way)


def _root(file: Path, desk: str, here: Path) -> Path:
    """The project of a call file: the nearest folder above it, or else the current one, that has its desk."""
    for folder in (here, *file.resolve().parents):
        if (folder / DESKS / desk).exists():
            return folder
    what = f"its desk {desk!r} is not in a folder {DESKS}/ here or above the file"
    raise CallFileError(what, place=f"{file}:desk", remedy="Name a desk with --desk")


def _folder(file: Path, call: CallFile, root: Path) -> Path:
    """``audio/calls/<desk>`` of the project; where that has no such recording, the call file's own folder."""
    usual = root / AUDIO / call.desk
    names = [call.audio] if call.audio is not None else [turn.audio for turn in call.turns]
    first = next((name for name in names if name is not None), None)
    if first is None or (usual / first).exists():
        return usual
    return file.parent if (file.parent / first).exists() else usual


def recorded(call: CallFile) -> bool:
    """Whether all that is spoken has its recording; a call without any speech needs none."""
    spoken = [turn for turn in call.turns if turn.say is not None]
    return call.audio is not None or all(turn.audio is not None for turn in spoken)


def _check_recordings(file: Path, call: CallFile, folder: Path) -> None:
    if call.audio is not None:
        _check_recording(f"{file}:audio", folder / call.audio)
        return
    for number, turn in enumerate(call.turns):
        if turn.audio is not None:
            _check_recording(f"{file}:turns.{number}.audio", folder / turn.audio)
        elif turn.say is not None:
            remedy = "Give it audio, or try the words alone with --words"
            raise CallFileError("this turn has no recording", place=f"{file}:turns.{number}", remedy=remedy)


def _check_recording(place: str, path: Path) -> None:
    if not path.is_file():
        remedy = "Make it with python -m audio.make_calls, or try the words alone with --words"
        raise CallFileError(f"there is no recording {path}", place=place, remedy=remedy)
