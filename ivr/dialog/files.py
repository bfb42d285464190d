"""The files that a desk names: shared ones, tables, examples, recordings, and desks of other languages.

They may lie anywhere; a change of one makes another desk.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from ivr.dialog.source import read_yaml
from ivr.errors import DeskError

DESK_FILE = "desk.yaml"


def named_files(desk: Path) -> frozenset[Path]:
    """What the desk file `desk` names: files, and folders that count with all that is in them.

    Also of a desk that cannot be used, as far as it can be read: mending a file that it names may mend it.
    """
    found = set(_named(desk))
    for partner in _partners(desk):
        found |= {partner.parent, *_named(partner)}
    return frozenset(found)


def _named(desk: Path) -> frozenset[Path]:
    """The files that a desk file and those it shares name."""
    data, folder = _data(desk), desk.parent
    shared = [folder / name for name in _texts(_in(data, "use"))]
    named = [*shared, *(folder / name for name in _texts(_in(data, "recordings")))]
    named += [folder / name for table in _values(_in(data, "data")) for name in _texts(_in(table, "file"))]
    for file in (desk, *shared):
        intents = _values(_in(_data(file), "intents"))
        named += [file.parent / name for intent in intents for name in _texts(_in(intent, "examples"))]
    return frozenset(path.resolve() for path in named)


def _partners(desk: Path) -> Iterator[Path]:
    """The desk files that it names under `languages`."""
    for partner in _values(_in(_data(desk), "languages")):
        for name in _texts(_in(partner, "desk") if isinstance(partner, dict) else partner):
            path = (desk.parent / name).resolve()
            yield path / DESK_FILE if path.is_dir() else path


def _data(file: Path) -> object:
    """What is written in a file, None where it cannot be read."""
    try:
        state = file.stat()
        return _read(file, state.st_mtime_ns, state.st_size)
    except (OSError, DeskError):
        return None


@functools.lru_cache(maxsize=64)  # looked at every few seconds, changed every few days
def _read(file: Path, changed: int, size: int) -> object:
    return read_yaml(file, str(file)).data


def _in(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _values(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else ()


def _texts(value: object) -> Iterator[str]:
    """A file's name, or those of a list."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield one
