"""Render the sample callers: tests/calls/<desk>/*.yaml -> audio/calls/<desk>/<call>/<n>.wav.

    python -m audio.make_calls [DESK ...] [--all] [--check]

Only files whose recipe (words, voice, line, and the version below) has changed are made again. The digests
of the recipes are in audio/calls/<desk>/rendered.json, with the places in each file where somebody speaks:
known exactly, whatever noise covers them. The same recipe gives the same bytes on the same machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ivr.errors import IvrError
from ivr.simulation.speakers import MARGIN, RATE, Sound, Speakers, pause
from ivr.simulation.telephone import Surroundings, over_the_line
from ivr.trials.callfile import CallFile, CallFileError, LineSound, TurnText, Voice, Words, load_calls

ROOT = Path(__file__).resolve().parent.parent
VERSION = 1
"""Raise it when speakers.py or telephone.py change what a recipe sounds like."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something said, or `words` as seconds of silence, by one voice."""

    words: Words | float
    voice: Voice


@dataclass(frozen=True, slots=True)
class Recipe:
    """One WAV file: where it goes and all that decides its bytes."""

    audio: Path
    pieces: tuple[Piece, ...]
    line: LineSound

    @property
    def seed(self) -> int:
        """Of the noise: differs from file to file, always the same for one file."""
        return zlib.crc32(self.audio.as_posix().encode())

    @property
    def digest(self) -> str:
        """Changes when the bytes would."""
        pieces = [(piece.words, piece.voice.model_dump(mode="json")) for piece in self.pieces]
        text = json.dumps([VERSION, self.seed, pieces, self.line.model_dump(mode="json")], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _pieces(call: CallFile, turn: TurnText) -> tuple[Piece, ...]:
    voice = call.voice_of(turn)
    before = (Piece(turn.after, voice),) if turn.after else ()
    if turn.say is not None:
        return (*before, Piece(turn.say if turn.spoken is None else turn.spoken, voice))
    return (*before, Piece(turn.silence or 0.0, voice))


def recipes(call: CallFile) -> tuple[Recipe, ...]:
    """The WAV files of one call, in the order of its turns."""
    if call.audio is not None:
        return (Recipe(call.audio, tuple(p for turn in call.turns for p in _pieces(call, turn)), call.line),)
    return tuple(
        Recipe(turn.audio, _pieces(call, turn), call.line_of(turn))
        for turn in call.turns
        if turn.audio is not None
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A WAV file's bytes, and from when to when (seconds) somebody speaks in it."""

    wav: bytes
    speech: tuple[tuple[float, float], ...]


class Studio:
    """Makes WAV files from recipes."""

    def __init__(self) -> None:
        self._speakers = Speakers()
        self._surroundings = Surroundings(self._speakers)

    def render(self, recipe: Recipe) -> Rendered:
        """The file. Speech is from its first to its last sound; pauses inside a sentence belong to it."""
        sounds = [self._sound(piece) for piece in recipe.pieces]
        speech: list[tuple[float, float]] = []
        at = recipe.line.lead
        for piece, sound in zip(recipe.pieces, sounds, strict=True):
            end = at + len(sound) / RATE
            if not isinstance(piece.words, float):
                speech.append((round(at + MARGIN, 3), round(end - MARGIN, 3)))
            at = end
        whole: Sound = np.concatenate(sounds)
        return Rendered(over_the_line(whole, recipe.line, self._surroundings, recipe.seed), tuple(speech))

    def _sound(self, piece: Piece) -> Sound:
        if isinstance(piece.words, float):
            return pause(piece.words)
        return self._speakers.speak(piece.words, piece.voice)


Index: TypeAlias = dict[str, dict[str, Any]]
"""By file: the digest of its `recipe`, and `speech` as a list of [from, to] in seconds."""


def _read_index(path: Path) -> Index:
    if not path.exists():
        return {}
    try:
        index: Index = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CallFileError(
            f"broken ({error})", place=str(path), remedy="Delete it and run this again"
        ) from None
    return index


def _up_to_date(folder: Path, index: Index, recipe: Recipe) -> bool:
    name = recipe.audio.as_posix()
    return index.get(name, {}).get("recipe") == recipe.digest and (folder / name).exists()


def stale(desk: str, root: Path = ROOT) -> tuple[list[Recipe], list[str]]:
    """Recipes of `desk` whose file is missing or made from another recipe, and files that no call names."""
    folder = root / "audio" / "calls" / desk
    wanted = {
        r.audio.as_posix(): r for call in load_calls(root / "tests" / "calls" / desk) for r in recipes(call)
    }
    index = _read_index(folder / "rendered.json")
    old = [recipe for recipe in wanted.values() if not _up_to_date(folder, index, recipe)]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.wav")}
    return old, sorted(there - wanted.keys())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def make(desk: str, again: bool) -> int:
    """Bring the files of one desk up to date; returns how many were made or removed."""
    folder = ROOT / "audio" / "calls" / desk
    calls = load_calls(ROOT / "tests" / "calls" / desk)
    todo, left_over = stale(desk)
    if again:
        todo = [recipe for call in calls for recipe in recipes(call)]
    studio = Studio()
    index = _read_index(folder / "rendered.json")
    for number, recipe in enumerate(todo, 1):
        print(f"[{number}/{len(todo)}] {desk}/{recipe.audio}", flush=True)
        rendered = studio.render(recipe)
        _write(folder / recipe.audio, rendered.wav)
        index[recipe.audio.as_posix()] = {"recipe": recipe.digest, "speech": rendered.speech}
    for name in left_over:
        print(f"removed {desk}/{name}: no call names it", flush=True)
        (folder / name).unlink()
        if not any((folder / name).parent.iterdir()):
            (folder / name).parent.rmdir()
    wanted = {recipe.audio.as_posix() for call in calls for recipe in recipes(call)}
    kept = {name: entry for name, entry in sorted(index.items()) if name in wanted}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in kept.items())
    _write(folder / "rendered.json", f"{{\n{lines}\n}}\n".encode())
    size = sum(path.stat().st_size for path in folder.rglob("*.wav"))
    print(f"{desk}: {len(calls)} calls, {len(kept)} files, {size / 1e6:.1f} MB", flush=True)
    return len(todo) + len(left_over)


def main(argv: list[str] | None = None) -> int:
    """Command line; exit status 0 when all is up to date at the end, 1 when --check finds otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m audio.make_calls", description="Render the sample callers."
    )
    parser.add_argument("desks", nargs="*", help="desks to render (default: all in tests/calls)")
    parser.add_argument("--all", action="store_true", help="render every file again")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    options = parser.parse_args(argv)
    desks = options.desks or sorted(p.name for p in (ROOT / "tests" / "calls").iterdir() if p.is_dir())
    try:
        if options.check:
            old = [f"{desk}/{r.audio}" for desk in desks for r in stale(desk)[0]]
            print("\n".join(["out of date:", *old]) if old else "all up to date")
            return 1 if old else 0
        for desk in desks:
            make(desk, options.all)
    except IvrError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
