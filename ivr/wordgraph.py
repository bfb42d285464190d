"""What may be said, as an acyclic graph of words: the form in which understanding tells ears what to expect.

A graph is built from the ends of phrases to their beginnings, so equal ends are one node from the start;
`WordGraphBuilder.graph` then joins equal beginnings. 10,000 phrases or a directory of 5,000 names stay as
small as their words.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ivr.errors import DeskError

MAX_STATES = 200_000


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class WordGraph:
    """Nodes 0 to n - 1. The arcs of node i are rows first[i] to first[i + 1] of the arc columns.

    words    spellings, each once, as a person writes them in the middle of a sentence (names capitalised)
    first    (n + 1,) int32
    word     (arcs,) int32, index into words
    target   (arcs,) int32, a node of a lower number
    final    (n,) bool, a phrase may end here
    start    where every phrase begins
    fillers  words that may be said anywhere and mean nothing
    dear     where phrases begin that may be said everywhere and seldom are; -1: there are none
    aside    where phrases begin that do not answer what was asked; -1: there are none
    shorts   spellings that stand for several words, and these: "that's" for "that is"
    """

    words: tuple[str, ...]
    first: NDArray[np.int32]
    word: NDArray[np.int32]
    target: NDArray[np.int32]
    final: NDArray[np.bool_]
    start: int
    fillers: tuple[str, ...] = ()
    dear: int = -1
    aside: int = -1
    shorts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing at all may be said."""
        return not len(self.word)

    def arcs(self, node: int) -> Iterator[tuple[str, int]]:
        """The words that may follow a node, and the nodes they lead to."""
        for row in range(self.first[node], self.first[node + 1]):
            yield self.words[self.word[row]], int(self.target[row])


_State = tuple[bool, frozenset[tuple[int, int]]]
"""Whether a phrase may end, and the arcs: (word, state)."""
_Node = tuple[bool, tuple[tuple[int, int], ...]]


class WordGraphBuilder:
    """Builds from the end: every call leads into a state that exists already and returns the state before."""

    def __init__(self) -> None:
        self._known: dict[_State, int] = {}
        self._states: list[_State] = []
        self._words: dict[str, int] = {}
        self.end = self._state(True, frozenset())
        """Where phrases end."""
        self.nothing = self._state(False, frozenset())
        """Where no phrase goes on."""

    def word(self, word: str, then: int) -> int:
        """A word, then `then`."""
        if then == self.nothing:
            return then
        number = self._words.setdefault(word, len(self._words))
        return self._state(False, frozenset({(number, then)}))

    def sequence(self, words: Iterable[str], then: int) -> int:
        """Several words, then `then`."""
        for word in reversed(list(words)):
            then = self.word(word, then)
        return then

    def either(self, states: Iterable[int]) -> int:
        """Any of the states; `nothing` for none."""
        picked = set(states)
        if len(picked) == 1:
            return picked.pop()
        final = any(self._states[state][0] for state in picked)
        return self._state(final, frozenset().union(*(self._states[state][1] for state in picked)))

    def graph(
        self,
        start: int,
        fillers: tuple[str, ...] = (),
        dear: int | None = None,
        aside: int | None = None,
        shorts: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> WordGraph:
        """All that may be said from `start` and, at a price, from `dear` and `aside`.

        Raises DeskError where it is too much.
        """
        nodes: list[_Node] = []
        known: dict[_Node, int] = {}
        done: dict[int, int] = {}
        joined: dict[int, dict[int, int]] = {}
        stack = [one for one in (dear, aside, start) if one is not None]
        while stack:
            state = stack[-1]
            if state not in joined:
                targets: dict[int, list[int]] = {}
                for word, target in self._states[state][1]:
                    targets.setdefault(word, []).append(target)
                joined[state] = {word: self.either(group) for word, group in targets.items()}
            waiting = [target for target in joined[state].values() if target not in done]
            if waiting and state not in done:
                stack.extend(waiting)
                continue
            stack.pop()
            if state not in done:
                arcs = tuple(sorted((word, done[target]) for word, target in joined[state].items()))
                node = (self._states[state][0], arcs)
                done[state] = known.setdefault(node, len(nodes))
                if done[state] == len(nodes):
                    nodes.append(node)
        rows = [arc for _, arcs in nodes for arc in arcs]
        columns = np.array(rows, dtype=np.int32).reshape(-1, 2).T
        return WordGraph(
            words=tuple(self._words),
            first=np.array([0, *itertools.accumulate(len(arcs) for _, arcs in nodes)], dtype=np.int32),
            word=columns[0],
            target=columns[1],
            final=np.array([final for final, _ in nodes], dtype=np.bool_),
            start=done[start],
            fillers=fillers,
            dear=-1 if dear is None else done[dear],
            aside=-1 if aside is None else done[aside],
            shorts=tuple(sorted(shorts.items())),
        )

    def _state(self, final: bool, arcs: frozenset[tuple[int, int]]) -> int:
        state = self._known.setdefault((final, arcs), len(self._states))
        if state == len(self._states):
            if state == MAX_STATES:
                raise DeskError(
                    f"the phrases need more than {MAX_STATES:,} words",
                    remedy="Split long lists of optional words",
                )
            self._states.append((final, arcs))
        return state
