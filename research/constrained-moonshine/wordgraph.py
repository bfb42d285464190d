"""What may be said, as an acyclic graph of words: the form in which understanding tells ears what to expect.

A graph is built from the ends of phrases to their beginnings, so equal ends are one node from the start;
`WordGraphBuilder.graph` then joins equal beginnings. 10,000 phrases or a directory of 5,000 names stay as
small as their words. A graph is numbers and words only: it is saved and loaded without running code.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.errors import DeskError

MAX_NODES = 500_000
MAX_IN_ANY_ORDER = 5


@dataclass(frozen=True, slots=True)
class Tag:
    """What words stand for: slot `slot`, with the value `value`, or with the words themselves as value ("").

    `mark` tells apart what the writer of the graph wants told apart, such as the intent of a phrase.
    """

    slot: str
    value: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Arc:
    """One word to node `target`. `tag` indexes `WordGraph.tags`, -1 is none."""

    word: str
    tag: int
    target: int


@dataclass(frozen=True, slots=True, eq=False)
class WordGraph:
    """Nodes 0 to n - 1. The arcs of node i are rows first[i] to first[i + 1] of the arc columns.

    words   spellings, each once, as a person would write them in the middle of a sentence (names capitalised)
    tags    tags, each once
    first   (n + 1,) int32
    word    (arcs,) int32, index into words
    tag     (arcs,) int32, index into tags or -1
    target  (arcs,) int32, a node of a lower number
    final   (n,) bool, a phrase may end here
    start   where every phrase begins
    """

    words: tuple[str, ...]
    tags: tuple[Tag, ...]
    first: NDArray[np.int32]
    word: NDArray[np.int32]
    tag: NDArray[np.int32]
    target: NDArray[np.int32]
    final: NDArray[np.bool_]
    start: int

    def arcs(self, node: int) -> Iterator[Arc]:
        """The arcs of a node."""
        for row in range(self.first[node], self.first[node + 1]):
            yield Arc(self.words[self.word[row]], int(self.tag[row]), int(self.target[row]))

    def digest(self) -> str:
        """SHA-256 of the content, for caches."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The graph as an uncompressed .npz archive; equal graphs give equal bytes."""
        names = json.dumps([self.words, [[t.slot, t.value, t.mark] for t in self.tags], self.start])
        out = io.BytesIO()
        np.savez(
            out,
            names=np.frombuffer(names.encode(), dtype=np.uint8),
            first=self.first,
            word=self.word,
            tag=self.tag,
            target=self.target,
            final=self.final,
        )
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> WordGraph:
        """What `to_bytes` gave. Raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as held:
                words, tags, start = json.loads(held["names"].tobytes())
                columns = [held[name] for name in ("first", "word", "tag", "target", "final")]
            return WordGraph(tuple(words), tuple(Tag(*tag) for tag in tags), *columns, start=int(start))
        except Exception as error:  # zipfile, json and numpy raise many kinds for damaged bytes
            raise ValueError(f"not a word graph ({error})") from error


_State = tuple[bool, frozenset[tuple[int, int, int]]]
"""Whether a phrase may end, and the arcs: (word, tag, state)."""


class WordGraphBuilder:
    """Builds from the end: every call leads into a state that exists already and returns the state before."""

    def __init__(self) -> None:
        self._known: dict[_State, int] = {}
        self._states: list[_State] = []
        self._words: dict[str, int] = {}
        self._tags: dict[Tag, int] = {}
        self.end = self._state(True, frozenset())
        """Where phrases end."""

    def word(self, word: str, then: int, tag: Tag | None = None) -> int:
        """A word, then `then`."""
        number = self._words.setdefault(word, len(self._words))
        label = -1 if tag is None else self._tags.setdefault(tag, len(self._tags))
        return self._state(False, frozenset({(number, label, then)}))

    def either(self, states: Iterable[int]) -> int:
        """Any of the states."""
        picked = set(states)
        if len(picked) == 1:
            return picked.pop()
        final = any(self._states[state][0] for state in picked)
        return self._state(final, frozenset().union(*(self._states[state][1] for state in picked)))

    def graph(self, start: int) -> WordGraph:
        """All that may be said from `start`. Raises DeskError where it is too much."""
        nodes: list[tuple[bool, tuple[tuple[int, int, int], ...]]] = []
        known: dict[tuple[bool, tuple[tuple[int, int, int], ...]], int] = {}
        done: dict[int, int] = {}
        joined: dict[int, dict[tuple[int, int], int]] = {}
        stack = [start]
        while stack:
            state = stack[-1]
            if state not in joined:
                targets: dict[tuple[int, int], list[int]] = {}
                for word, tag, target in self._states[state][1]:
                    targets.setdefault((word, tag), []).append(target)
                joined[state] = {arc: self.either(group) for arc, group in targets.items()}
            waiting = [target for target in joined[state].values() if target not in done]
            if waiting and state not in done:
                stack.extend(waiting)
                continue
            stack.pop()
            if state not in done:
                arcs = tuple(sorted((*arc, done[target]) for arc, target in joined[state].items()))
                node = (self._states[state][0], arcs)
                done[state] = known.setdefault(node, len(nodes))
                if done[state] == len(nodes):
                    nodes.append(node)
        rows = [arc for _, arcs in nodes for arc in arcs]
        columns = np.array(rows, dtype=np.int32).reshape(-1, 3).T
        return WordGraph(
            words=tuple(self._words),
            tags=tuple(self._tags),
            first=np.array([0, *itertools.accumulate(len(arcs) for _, arcs in nodes)], dtype=np.int32),
            word=columns[0],
            tag=columns[1],
            target=columns[2],
            final=np.array([final for final, _ in nodes], dtype=np.bool_),
            start=done[start],
        )

    def _state(self, final: bool, arcs: frozenset[tuple[int, int, int]]) -> int:
        state = self._known.setdefault((final, arcs), len(self._states))
        if state == len(self._states):
            if state == MAX_NODES:
                raise DeskError(
                    f"the phrases need more than {MAX_NODES:,} words",
                    remedy="Split long lists of optional words",
                )
            self._states.append((final, arcs))
        return state
