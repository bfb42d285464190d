"""The process that recognizes: ``python -m ivr.ears.apart_process FD...``, one thread for each socket.

Started by `ivr.ears.apart`. It ends when all its sockets are closed, so it never outlives the server.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from ivr.ears.apart_messages import Asked, Begin, Failed, Given, Lacking, Read, Ready, What
from ivr.ears.moonshine import Moonshine
from ivr.ears.recognizer import Recognizer, RecognizerStream, Sparing
from ivr.errors import IvrError
from ivr.memory import give_back, share_one_heap
from ivr.priority import BEHIND
from ivr.wordgraph import WordGraph


class Reader:
    """Does what it is asked with streams of `recognizer`; several threads, but one at a time a stream."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._streams: dict[int, RecognizerStream] = {}
        self._graphs: dict[int, WordGraph] = {}
        self._held_to: dict[int, int] = {}
        self._thread = threading.local()
        if isinstance(recognizer, Sparing):
            recognizer.spare_when(lambda: getattr(self._thread, "pressed", False))

    def lacks(self, asked: Asked) -> bool:
        """Whether the grammar must be given first."""
        return bool(asked.graph) and asked.graph not in self._graphs

    def give(self, given: Given) -> None:
        """A grammar; one that is known stays, with what was made of it."""
        self._graphs.setdefault(given.number, given.graph)

    def do(self, asked: Asked) -> object:
        """What the stream's method returns. Raises what it raises."""
        for number in asked.forgotten:
            self._forget(number)
        stream = self._streams.get(asked.stream)
        if stream is None:
            stream = self._recognizer.stream((), self._grammar(asked.stream))
            self._streams[asked.stream] = stream
        self._held_to[asked.stream] = asked.graph
        for part in asked.parts:
            stream.feed(part)
        self._thread.pressed = asked.pressed
        match asked.what:
            case What.PEEK:
                return stream.peek()
            case What.SETTLE:
                stream.settle()
                return None
            case What.FINISH:
                found = stream.finish()
                self._forget(asked.stream)
                return found

    def _grammar(self, number: int) -> Callable[[], WordGraph | None]:
        return lambda: self._graphs.get(self._held_to.get(number, 0))

    def _forget(self, number: int) -> None:
        self._streams.pop(number, None)
        self._held_to.pop(number, None)
        self._graphs.pop(number, None)


def serve(connection: Connection, reader: Reader) -> None:
    """Until the other end is closed."""
    with connection, contextlib.suppress(EOFError, OSError):
        while True:
            asked = connection.recv()
            assert isinstance(asked, Asked)
            if reader.lacks(asked):
                connection.send(Lacking())
                reader.give(connection.recv())
            try:
                found = reader.do(asked)
            except IvrError as error:
                connection.send(Failed(error))
            else:
                connection.send(Read(found))


def main() -> None:
    """Load the model, then read until the server closes its sockets."""
    for name in (signal.SIGINT, signal.SIGTERM):  # for the server, which drains its calls
        signal.signal(name, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(BEHIND)
    share_one_heap()
    connections = [Connection(int(number)) for number in sys.argv[1:]]
    begin = connections[0].recv()
    assert isinstance(begin, Begin)
    try:
        reader = Reader(Moonshine(begin.folder, begin.cache))
    except IvrError as error:
        connections[0].send(Failed(error))
        return
    give_back()
    connections[0].send(Ready())
    threads = [threading.Thread(target=serve, args=(one, reader)) for one in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
