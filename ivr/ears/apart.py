"""Recognition in a process of its own, beside the loop that moves the sound of all calls.

In threads of the loop's process both fight for Python's lock: of 30 conversations at once a reading took
three times the CPU time that it needs. The process works for the threads of the pool, which only wait for it;
one that dies is replaced, and what it was reading is read by the next one.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import socket
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from ivr.ears.apart_messages import Asked, Begin, Failed, Given, Lacking, Read, What
from ivr.ears.recognizer import Grammar, anything
from ivr.errors import ModelError
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm
from ivr.wordgraph import WordGraph

START_SECONDS = 60.0
LONGEST_SECONDS = 60.0
"""A reading that takes longer never ends: the process is replaced."""
STOP_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Apart:
    """Moonshine in another process, as a `Recognizer`; `lanes` readings at the same time."""

    def __init__(self, folder: Path, cache: Path | None, lanes: int) -> None:
        """Load the model in `folder` there; `cache` as for `Moonshine`. Raises ModelError."""
        self._begin = Begin(folder, cache)
        self._lanes = lanes
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._graphs: WeakKeyDictionary[WordGraph, int] = WeakKeyDictionary()
        self._forgotten: deque[int] = deque()
        self._waited_for: Callable[[], bool] = lambda: False
        self._process: _Process | None = _Process(self._begin, lanes)
        self._closed = False

    @property
    def name(self) -> str:
        """The engine and the model."""
        return "moonshine tiny"

    @property
    def language(self) -> str:
        """English only."""
        return "en"

    @property
    def streaming(self) -> bool:
        """The work is done by `peek` and `finish`."""
        return False

    @property
    def pid(self) -> int | None:
        """Of the process that is there now."""
        return None if self._process is None else self._process.pid

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> ApartStream:
        """A stream for one utterance, read freely and held to `grammar`; `phrases` is not used."""
        stream = ApartStream(self, next(self._numbers), grammar)
        weakref.finalize(stream, self._forgotten.append, stream.number)
        return stream

    def spare_when(self, waited_for: Callable[[], bool]) -> None:
        """Readings that begin while `waited_for` are not made a second time."""
        self._waited_for = waited_for

    def close(self) -> None:
        """End the process. Harmless when repeated."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def ask(self, stream: ApartStream, what: What) -> Any:
        """Have the process do something with a stream. Raises ModelError when it dies twice over it."""
        for _ in range(2):
            process = self._there()
            try:
                return self._asked(process, stream, what)
            except (EOFError, OSError) as error:
                self._bury(process, error)
        raise ModelError("the process that recognizes speech ends again and again")

    def _asked(self, process: _Process, stream: ApartStream, what: What) -> Any:
        graph = stream.grammar() if what is not What.PEEK else None
        number = 0 if graph is None else self._number(graph)
        forgotten = []
        with contextlib.suppress(IndexError):
            while True:
                forgotten.append(self._forgotten.popleft())
        asked = Asked(
            what, stream.number, stream.unsent(process), number, self._waited_for(), tuple(forgotten)
        )
        return process.ask(asked, graph)

    def _number(self, graph: WordGraph) -> int:
        with self._lock:
            number = self._graphs.get(graph)
            if number is None:
                number = self._graphs[graph] = next(self._numbers)
                weakref.finalize(graph, self._forgotten.append, number)
            return number

    def _there(self) -> _Process:
        with self._lock:
            if self._closed:
                raise ModelError("the recognizer is closed")
            if self._process is None:
                self._process = _Process(self._begin, self._lanes)
            return self._process

    def _bury(self, process: _Process, error: Exception) -> None:
        with self._lock:
            if self._process is process:
                self._process = None
                if not self._closed:
                    _log.error("the process that recognizes speech ended (%r); replacing it", error)
        process.kill()


class ApartStream:
    """One utterance, kept until it is read: a process that is new to it gets all of it."""

    def __init__(self, apart: Apart, number: int, grammar: Grammar) -> None:
        self.number = number
        self.grammar = grammar
        self._apart = apart
        self._parts: list[Pcm] = []
        self._sent = 0
        self._to: _Process | None = None

    def feed(self, pcm: Pcm) -> None:
        """Keep more sound (16 kHz)."""
        if len(pcm):
            self._parts.append(pcm)

    def peek(self) -> Hypothesis | None:
        """Read what was fed so far; raises ModelError."""
        found: Hypothesis | None = self._apart.ask(self, What.PEEK)
        return found

    def settle(self) -> None:
        """Make the held readings of what was fed; raises ModelError."""
        self._apart.ask(self, What.SETTLE)

    def finish(self) -> tuple[Hypothesis, ...]:
        """All readings; raises ModelError."""
        found: tuple[Hypothesis, ...] = self._apart.ask(self, What.FINISH)
        self._parts.clear()
        return found

    def unsent(self, process: _Process) -> tuple[Pcm, ...]:
        """What `process` has not got yet; counts as sent."""
        first = self._sent if self._to is process else 0
        self._to, self._sent = process, len(self._parts)
        return tuple(self._parts[first:])


class _Process:
    """One process, and a connection to it for each reading at the same time."""

    def __init__(self, begin: Begin, lanes: int) -> None:
        pairs = [socket.socketpair() for _ in range(lanes)]
        try:
            theirs = [pair[1].fileno() for pair in pairs]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ivr.ears.apart_process", *map(str, theirs)],
                pass_fds=theirs,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        except BaseException:
            for ours, _ in pairs:
                ours.close()
            raise
        finally:
            for _, their in pairs:
                their.close()
        self._all = [Connection(ours.detach()) for ours, _ in pairs]
        self._free: queue.LifoQueue[Connection] = queue.LifoQueue()
        try:
            self._all[0].send(begin)
            said = self._received(self._all[0], START_SECONDS)
        except (EOFError, OSError) as error:
            self.kill()
            raise ModelError(f"the process that recognizes speech does not start ({error!r})") from None
        if isinstance(said, Failed):
            self.close()
            raise said.error
        for connection in self._all:
            self._free.put(connection)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ask(self, asked: Asked, graph: WordGraph | None) -> Any:
        """What it answers. Raises what it raised, and EOFError or OSError when it is gone."""
        connection = self._free.get()
        try:
            connection.send(asked)
            said = self._received(connection, LONGEST_SECONDS)
            if isinstance(said, Lacking) and graph is not None:
                connection.send(Given(asked.graph, graph))
                said = self._received(connection, LONGEST_SECONDS)
        finally:
            self._free.put(connection)
        if isinstance(said, Failed):
            raise said.error
        assert isinstance(said, Read)
        return said.found

    def close(self) -> None:
        """It ends when its connections do."""
        for connection in self._all:
            connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
            return
        self.kill()

    def kill(self) -> None:
        """At once. Harmless when repeated."""
        self._process.kill()
        self._process.wait()

    @staticmethod
    def _received(connection: Connection, seconds: float) -> object:
        if not connection.poll(seconds):
            raise TimeoutError("it says nothing")
        said: object = connection.recv()
        return said
