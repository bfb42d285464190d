"""Recognition in a process of its own: the same readings, and no end of it when that process dies."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.ears.apart import Apart
from ivr.ears.apart_messages import Asked, Given, What
from ivr.ears.apart_process import Reader
from ivr.ears.moonshine import Moonshine
from ivr.ears.recognizer import Grammar, anything
from ivr.errors import ModelError
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm
from ivr.media.wav import read_wav
from ivr.wordgraph import WordGraph, WordGraphBuilder

CALLS = Path(__file__).parents[2] / "audio" / "calls" / "company"


def graph_of(*phrases: str) -> WordGraph:
    builder = WordGraphBuilder()
    return builder.graph(
        builder.either([builder.sequence(phrase.split(), builder.end) for phrase in phrases])
    )


@pytest.fixture(scope="module")
def apart(moonshine_folder: Path) -> Iterator[Apart]:
    recognizer = Apart(moonshine_folder, None, 2)
    yield recognizer
    recognizer.close()


@pytest.fixture(scope="module")
def said() -> Pcm:
    return read_wav(CALLS / "billing-plain" / "1.wav", rate=16_000)[0]


def test_it_reads_as_the_engine_does(apart: Apart, moonshine: Moonshine, said: Pcm) -> None:
    graph = graph_of("a question about my bill", "sales please")
    readings = []
    for recognizer in (moonshine, apart):
        stream = recognizer.stream((), lambda: graph)
        half = len(said) // 2
        stream.feed(said[:half])
        stream.peek()
        stream.feed(said[half:])
        free = stream.peek()
        stream.settle()
        readings.append((free, stream.finish()))
    (free, all_of), (other_free, all_of_other) = readings
    assert free == other_free and all_of == all_of_other
    assert free is not None and "invoice" in free.text
    assert [one.fit is None for one in all_of] == [True] + [False] * (len(all_of) - 1) and len(all_of) > 1


def test_a_process_that_dies_is_replaced_and_what_it_was_told_is_read_again(apart: Apart, said: Pcm) -> None:
    stream = apart.stream()
    stream.feed(said)
    before = stream.peek()
    pid = apart.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert stream.finish() == (before,)
    assert apart.pid not in (None, pid)


def test_signals_for_the_whole_service_are_for_the_server(apart: Apart, said: Pcm) -> None:
    pid = apart.pid
    assert pid is not None
    for name in (signal.SIGTERM, signal.SIGINT):
        os.kill(pid, name)
    stream = apart.stream()
    stream.feed(said)
    assert stream.finish()
    assert apart.pid == pid


def test_one_that_hangs_is_replaced(apart: Apart, said: Pcm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.ears.apart.LONGEST_SECONDS", 3.0)
    pid = apart.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    stream = apart.stream()
    stream.feed(said)
    assert stream.finish() and apart.pid != pid


def test_what_cannot_be_loaded_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="lacks encoder_model"):
        Apart(tmp_path, None, 1)


def test_closing_ends_the_process(moonshine_folder: Path) -> None:
    recognizer = Apart(moonshine_folder, None, 1)
    pid = recognizer.pid
    assert pid is not None
    recognizer.close()
    recognizer.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ModelError):
        recognizer.stream().finish()


class Echo:
    """A recognizer that tells how much it was fed and what it is held to."""

    name, language, streaming = "echo", "en", False

    def __init__(self) -> None:
        self.waited_for = lambda: False
        self.made = 0

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> EchoStream:
        self.made += 1
        return EchoStream(self, grammar)

    def spare_when(self, waited_for: object) -> None:
        self.waited_for = waited_for  # type: ignore[assignment]

    def close(self) -> None: ...


class EchoStream:
    def __init__(self, echo: Echo, grammar: Grammar) -> None:
        self.echo, self.grammar, self.fed = echo, grammar, 0

    def feed(self, pcm: Pcm) -> None:
        self.fed += len(pcm)

    def peek(self) -> Hypothesis | None:
        return Hypothesis(f"{self.fed} {self.echo.waited_for()}", 1.0)

    def settle(self) -> None: ...

    def finish(self) -> tuple[Hypothesis, ...]:
        graph = self.grammar()
        return (Hypothesis("nothing" if graph is None else " ".join(graph.words), 1.0),)


def asked(
    what: What, stream: int, *, graph: int = 0, pressed: bool = False, forgotten: tuple[int, ...] = ()
) -> Asked:
    return Asked(what, stream, (np.zeros(100, np.int16),), graph, pressed, forgotten)


def test_streams_and_grammars_are_kept_by_number_until_nobody_needs_them() -> None:
    echo = Echo()
    reader = Reader(echo)
    assert reader.do(asked(What.PEEK, 1)) == Hypothesis("100 False", 1.0)
    assert reader.do(asked(What.PEEK, 1, pressed=True)) == Hypothesis("200 True", 1.0)
    held = asked(What.FINISH, 1, graph=7)
    assert reader.lacks(held)
    reader.give(Given(7, graph_of("yes")))
    assert not reader.lacks(held)
    assert reader.do(held) == (Hypothesis("yes", 1.0),)
    assert reader.do(asked(What.FINISH, 2)) == (Hypothesis("nothing", 1.0),)
    reader.do(asked(What.PEEK, 3, forgotten=(7,)))
    assert reader.lacks(held)
    reader.do(asked(What.PEEK, 4, forgotten=(3,)))
    reader.do(asked(What.PEEK, 3))
    assert echo.made == 5, "a stream that was forgotten or is finished begins anew"


def test_what_the_server_no_longer_has_is_told(apart: Apart, said: Pcm) -> None:
    told: list[Asked] = []
    process = apart._there()
    plain = process.ask

    def ask(one: Asked, graph: WordGraph | None) -> object:
        told.append(one)
        return plain(one, graph)

    stream = apart.stream((), lambda: graph_of("yes", "no"))
    stream.feed(said)
    stream.finish()
    number = stream.number
    del stream
    gc.collect()
    with contextlib.ExitStack() as stack:
        process.ask = ask  # type: ignore[method-assign]
        stack.callback(setattr, process, "ask", plain)
        other = apart.stream()
        other.feed(said)
        other.finish()
    assert number in told[0].forgotten and len(told[0].forgotten) >= 2


def test_two_lanes_read_at_the_same_time_and_a_third_waits(apart: Apart, said: Pcm) -> None:
    found: list[tuple[Hypothesis, ...]] = []

    def read() -> None:
        stream = apart.stream()
        stream.feed(said)
        found.append(stream.finish())

    threads = [threading.Thread(target=read) for _ in range(3)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 3 and found[0] == found[1] == found[2] and time.monotonic() - began < 30
