"""A word graph as the token ids Moonshine may write: the grammar its decoder is held to.

A word may be followed by a space, a comma, a hyphen, or a full stop and a capital, a numeral also by another
numeral at once ("48" for "four eight"); all these are the same words. A state is a set of places in the word
graph (the subset construction, with what each place owes in prices). States are made when a search first
reaches them and are then kept, so a grammar costs what is said, not what could be said.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ivr.ears.moonshine_model import END
from ivr.ears.written import BEGINNINGS, Form, Spelling, pieces
from ivr.wordgraph import WordGraph

MAX_STATES = 20_000
"""States kept for one grammar; when there are more, all are forgotten and made anew as they are needed."""
FILLER_PRICE = 2.0
"""Nats that a filler costs, so that none is heard for a word of the grammar."""
DEAR_PRICE = 4.0
"""Nats that a phrase of `WordGraph.dear` costs. Set by hand: one utterance in fifty is such a phrase."""

ASIDE_PRICE = 2.0
"""Nats that a phrase of `WordGraph.aside` costs. Set by hand: one answer in eight is none."""


class _At(enum.IntEnum):
    """What was written last, at a place between two words."""

    BEGIN = 0
    WORD = 1
    NUMERAL = 2
    COMMA = 3
    HYPHEN = 4
    STOP = 5
    END = 6


_FORMS = {
    _At.BEGIN: (Form.CAPITAL, Form.SPACED),
    _At.WORD: (Form.SPACED,),
    _At.NUMERAL: (Form.SPACED, Form.GLUED),
    _At.COMMA: (Form.SPACED,),
    _At.HYPHEN: (Form.GLUED,),
    _At.STOP: (Form.CAPITAL,),
    _At.END: (),
}

_Place: TypeAlias = tuple[int, _At, tuple[int, ...]]
"""A node, what was written last when the piece begun is complete, and the ids it still lacks."""
_ENDED: _Place = (-1, _At.END, ())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something written from a node: its ids, the node it leads to, the words it stands for."""

    ids: tuple[int, ...]
    node: int
    numeral: bool
    words: tuple[str, ...]
    price: float


class State:
    """Where a path of ids stands in the grammar: places, with what each owes in prices."""

    __slots__ = ("__weakref__", "_steps", "places")

    def __init__(self, places: dict[_Place, float]) -> None:
        self.places = places
        self._steps: Steps | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """What may follow a state. The end mark, where it may follow, is the last one and leads to None.

    ids     (n,) int64, ascending but for the end mark
    prices  (n,) float32, nats to be taken from the score
    states  n states
    """

    ids: NDArray[np.int64]
    prices: NDArray[np.float32]
    states: tuple[State | None, ...]


class TokenGraph:
    """The grammar of one state of a dialog; used by several threads at once."""

    def __init__(self, graph: WordGraph, spelling: Spelling) -> None:
        self._graph = graph
        self._spelling = spelling
        self._pieces: dict[tuple[int, Form], tuple[_Piece, ...]] = {}
        self._lock = threading.Lock()
        self._known: dict[frozenset[tuple[_Place, float]], State] = {}
        self._begin: dict[_Place, float] = {(graph.start, _At.BEGIN, ()): 0.0}
        if graph.dear >= 0:
            self._begin.setdefault((graph.dear, _At.BEGIN, ()), DEAR_PRICE)
        if graph.aside >= 0:
            owed = self._begin.get(place := (graph.aside, _At.BEGIN, ()), ASIDE_PRICE)
            self._begin[place] = min(owed, ASIDE_PRICE)
        self._shorts = dict(graph.shorts)
        self.start = self._state(self._begin)

    def steps(self, state: State) -> Steps:
        """What may follow `state`."""
        known = state._steps
        if known is None:
            with self._lock:
                known = state._steps = self._expand(state)
        return known

    def read(self, ids: tuple[int, ...]) -> tuple[str, ...] | None:
        """The words of a path of ids that ends where a phrase ends (no end mark); None if it is no such path.

        Where the ids are several phrases, the cheapest one, and among equals the first of the graph. Short
        spellings are written out.
        """
        back: list[dict[_Place, tuple[float, _Place, tuple[str, ...]]]] = []
        costs = self._begin
        for token in ids:
            column: dict[_Place, tuple[float, _Place, tuple[str, ...]]] = {}
            for place, cost in costs.items():
                for follow, then, price, words in self._follow(place):
                    if follow == token and (then not in column or cost + price < column[then][0]):
                        column[then] = (cost + price, place, words)
            back.append(column)
            costs = {place: column[place][0] for place in column}
        ends = [place for place in costs if self._complete(place)]
        if not ends:
            return None
        at = min(ends, key=lambda place: costs[place])
        said: list[str] = []
        for column in reversed(back):
            _, at, words = column[at]
            said[:0] = (part for word in words for part in self._shorts.get(word, (word,)))
        return tuple(said)

    def _expand(self, state: State) -> Steps:
        reached: dict[int, dict[_Place, float]] = {}
        for place, owed in state.places.items():
            for token, then, price, _ in self._follow(place):
                places = reached.setdefault(token, {})
                places[then] = min(places.get(then, np.inf), owed + price)
        ended = reached.pop(END, None)
        order = sorted(reached)
        prices = [min(reached[token].values()) for token in order]
        states: list[State | None] = [
            self._state({place: round(cost - price, 4) for place, cost in reached[token].items()})
            for token, price in zip(order, prices, strict=True)
        ]
        if ended is not None:
            order.append(END)
            prices.append(min(ended.values()))
            states.append(None)
        return Steps(np.array(order, dtype=np.int64), np.array(prices, dtype=np.float32), tuple(states))

    def _state(self, places: dict[_Place, float]) -> State:
        key = frozenset(places.items())
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MAX_STATES:
                # Searches under way keep the states they stand in; those reached from now on are new ones.
                self._known.clear()
                self.start._steps = None
            known = self._known[key] = State(places)
        return known

    def _complete(self, place: _Place) -> bool:
        node, at, rest = place
        return not rest and at not in (_At.BEGIN, _At.HYPHEN) and bool(self._graph.final[node])

    def _follow(self, place: _Place) -> Iterator[tuple[int, _Place, float, tuple[str, ...]]]:
        """Each id that may follow a place, the place it leads to, its price, the words begun with it."""
        node, at, rest = place
        if rest:
            yield rest[0], (node, at, rest[1:]), 0.0, ()
            return
        final = bool(self._graph.final[node])
        if at in (_At.WORD, _At.NUMERAL):
            yield self._spelling.comma, (node, _At.COMMA, ()), 0.0, ()
            yield self._spelling.hyphen, (node, _At.HYPHEN, ()), 0.0, ()
            for stop in self._spelling.stops:
                yield stop, (node, _At.STOP, ()), 0.0, ()
        if final and at in (_At.WORD, _At.NUMERAL, _At.STOP):
            yield END, _ENDED, 0.0, ()
        for form in _FORMS[at]:
            for piece in self._written(node, form):
                if at is _At.NUMERAL and form is Form.GLUED and not piece.numeral:
                    continue
                after = _At.NUMERAL if piece.numeral else _At.WORD
                yield piece.ids[0], (piece.node, after, piece.ids[1:]), piece.price, piece.words

    def _written(self, node: int, form: Form) -> tuple[_Piece, ...]:
        known = self._pieces.get((node, form))
        if known is None:
            known = self._pieces[node, form] = tuple(self._make(node, form))
        return known

    def _make(self, node: int, form: Form) -> Iterator[_Piece]:
        made: set[tuple[tuple[int, ...], int, tuple[str, ...]]] = set()
        for words, target in self._ways(node, ()):
            for piece in pieces(words):
                ids = self._spelling.ids(piece, form)
                if ids and (ids, target, words) not in made:
                    made.add((ids, target, words))
                    yield _Piece(ids, target, piece.isdigit(), words, 0.0)
        for filler in self._graph.fillers:
            if ids := self._spelling.ids(filler, form):
                yield _Piece(ids, node, False, (), FILLER_PRICE)

    def _ways(self, node: int, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        """Single words from a node, and several as long as they may be written as one piece."""
        for word, target in self._graph.arcs(node):
            words = (*before, word)
            known = tuple(word.lower() for word in words) in BEGINNINGS
            if known or not before:
                yield words, target
            if known:
                yield from self._ways(target, words)
