"""What passes between the server and the process that recognizes for it: pickled, over their own sockets."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError
from ivr.media.pcm import Pcm
from ivr.wordgraph import WordGraph


class What(enum.Enum):
    """What is to be done with a stream: the methods of `RecognizerStream`."""

    PEEK = "peek"
    SETTLE = "settle"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Begin:
    """[server] First of all: where the model is, and where a form of it that takes less memory is kept."""

    folder: Path
    cache: Path | None


@dataclass(frozen=True, slots=True)
class Asked:
    """[server] To be done with the stream of that number, which begins with its first one.

    parts      sound that was not sent yet
    graph      number of the grammar it is held to, 0 for none
    pressed    whether callers wait for threads meanwhile: see `Sparing`
    forgotten  numbers of streams and grammars that nobody needs any more
    """

    what: What
    stream: int
    parts: tuple[Pcm, ...]
    graph: int
    pressed: bool
    forgotten: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """[server] The grammar that was lacking."""

    number: int
    graph: WordGraph


@dataclass(frozen=True, slots=True)
class Ready:
    """[process] The model is loaded."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """[process] The grammar is not known here: give it."""


@dataclass(frozen=True, slots=True)
class Read:
    """[process] What the method returned."""

    found: object


@dataclass(frozen=True, slots=True)
class Failed:
    """[process] What it raised."""

    error: IvrError
