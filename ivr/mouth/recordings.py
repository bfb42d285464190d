"""Recorded prompts: ``<prompt name>.wav`` in a desk's folder is played instead of the rendered text."""

from __future__ import annotations

import re
from pathlib import Path

from ivr.errors import AudioError, UnknownError
from ivr.media.pcm import LINE_RATES, Pcm, to_float
from ivr.media.wav import read_wav
from ivr.mouth.loudness import for_line

# Letters, digits, "_", "-" and "." inside: no separators, drives, hidden files or steps up.
_NAME = re.compile(r"\w([\w.-]*\w)?")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def check_name(name: str) -> str:
    """`name` when it can be a prompt's and a file's name everywhere, else UnknownError."""
    if not _is_name(name):
        raise UnknownError(
            f"{name!r} is not a prompt's name",
            place="prompt",
            remedy="Names are letters, digits, '_', '-' and single dots, such as greeting or no_input.1",
        )
    return name


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and ".." not in name and not _DEVICES.fullmatch(name)


class Recordings:
    """All recordings of a folder, loaded and brought to the level of rendered prompts. None is no folder.

    Raises AudioError, naming the file, when one cannot be read or holds nothing that can be heard. A folder
    that does not exist has no recordings; files whose names cannot be a prompt's are left alone.
    """

    def __init__(self, folder: Path | None) -> None:
        self._sounds: dict[tuple[str, int], Pcm] = {}
        if folder is None or not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() != ".wav" or not _is_name(path.stem):
                continue
            for rate in LINE_RATES:
                pcm, _ = read_wav(path, rate=rate)
                sound = for_line(to_float(pcm), rate, rate)
                if not sound.any():
                    raise AudioError(
                        "holds no sound", place=str(path), remedy="Record it again, or remove the file"
                    )
                self._sounds[path.stem, rate] = sound

    @property
    def names(self) -> frozenset[str]:
        """The prompts that are recorded."""
        return frozenset(name for name, _ in self._sounds)

    def get(self, name: str, rate: int) -> Pcm | None:
        """The recording of a prompt at a line's rate."""
        return self._sounds.get((name, rate))
