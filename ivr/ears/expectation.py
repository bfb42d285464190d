"""What Moonshine's decoder expects of English by itself: the chances of tokens on two frames of silence.

They depend on the tokens before and on nothing that was heard, so they are kept: a desk's callers begin with
the same words again and again, and a search that finds everything here costs half. Where something is missing
the decoder goes along with the search, on silence, as long as it has to.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ivr.ears.moonshine_model import Decoding, Floats, MoonshineModel
from ivr.ears.token_graph import State

MOST_VALUES = 2_000_000
"""Numbers kept (8 MB); when there are more, all are forgotten and made anew as they are needed."""
MOST_TRANSCRIPTS = 2_000
_NULL_SAMPLES = 2_048


class Place(NamedTuple):
    """Where a path stands: the state of the grammar, the tokens that led to it, those that may follow."""

    state: State
    before: tuple[int, ...]
    next: NDArray[np.int64]


class Expectation:
    """Of one loaded model; used by several threads at once."""

    def __init__(self, model: MoonshineModel) -> None:
        self._model = model
        self._silence = model.encode(np.zeros(_NULL_SAMPLES, dtype=np.float32))
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[State, dict[tuple[int, ...], Floats]] = WeakKeyDictionary()
        self._values = 0
        self._transcripts: dict[tuple[int, ...], float] = {}

    def search(self) -> Search:
        """For one search."""
        return Search(self)

    def of_transcript(self, tokens: tuple[int, ...]) -> float:
        """The logarithm of the chance of a whole transcript."""
        known = self._transcripts.get(tokens)
        if known is None:
            logits = self._model.throughout(self._silence, tokens[:-1])
            values = logits[np.arange(len(tokens)), list(tokens)] - log_totals(logits)
            known = float(values.sum())
            if len(self._transcripts) >= MOST_TRANSCRIPTS:
                self._transcripts.clear()
            self._transcripts[tokens] = known
        return known

    def _find(self, places: Sequence[Place]) -> list[Floats | None]:
        with self._lock:
            return [self._known.get(place.state, {}).get(place.before) for place in places]

    def _keep(self, places: Sequence[Place], logits: Floats) -> list[Floats]:
        totals = log_totals(logits)
        made: list[Floats] = [logits[row, place.next] - totals[row] for row, place in enumerate(places)]
        with self._lock:
            self._values += sum(map(len, made))
            if self._values > MOST_VALUES:
                self._known.clear()
                self._values = sum(map(len, made))
            for place, values in zip(places, made, strict=True):
                self._known.setdefault(place.state, {})[place.before] = values
        return made


class Search:
    """What is expected at the places of one search, which all go on by one token each time."""

    def __init__(self, expectation: Expectation) -> None:
        self._all = expectation
        self._rows: list[tuple[int, ...]] = []
        self._at: Decoding | None = None

    def knows(self, places: Sequence[Place]) -> bool:
        """Whether `of` costs nothing."""
        return all(values is not None for values in self._all._find(places))

    def of(self, places: Sequence[Place]) -> list[Floats]:
        """The logarithm of the chance of each token that may follow."""
        found = self._all._find(places)
        known = [values for values in found if values is not None]
        if len(known) == len(places):
            self._at = None
            return known
        model, rows = self._all._model, [place.before for place in places]
        if self._at is None:
            self._at = model.begun(self._all._silence, rows)
        else:
            before = [self._rows.index(row[:-1]) for row in rows]
            self._at = model.step(self._at.select(before), [row[-1] for row in rows])
        self._rows = rows
        return self._all._keep(places, self._at.logits)


def log_totals(logits: Floats) -> Floats:
    """The logarithm of the sum of exponentials of each row."""
    top: Floats = logits.max(axis=1)
    totals: Floats = top + np.log(np.exp(logits - top[:, np.newaxis]).sum(axis=1))
    return totals
