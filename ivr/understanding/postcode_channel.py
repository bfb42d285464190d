"""How likely what was heard is, when a caller gives a certain postcode."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.align import Table, table, whole_costs
from ivr.understanding.facts import Attempt, Facts, Heard, ranked
from ivr.understanding.normalize import normalize
from ivr.understanding.postcodes import uk_readings
from ivr.understanding.spelling import ADDED, CODE, LEFT_OUT, SYMBOLS, Alphabet, encode_symbols
from ivr.understanding.words import Words

_IN_USE = 1_800_000
"""About as many postcodes are in use in the United Kingdom."""

_NATS = 5.0
_NOISE = 0.25
_CUT = (0.5, 0.1)
_MOST_STRINGS = 8
_MOST_LITERAL = 8

_ANY = "?"
"""A symbol that was not heard, in what a stranger's postcode may be."""

_SYMBOLS_OF_ONE = 20
"""As many letters or digits may stand at one place, about."""

_LENGTH = 6
_ANY_CODE = len(SYMBOLS) + 1


class Postcodes(Facts):
    """The postcodes of a customer file, without spaces and in lower case."""

    def __init__(self, values: Sequence[str], words: Words, alphabet: Alphabet) -> None:
        self.values = tuple(values)
        self._words = words
        self._alphabet = alphabet
        self._table = _table(self.values)
        # One of 20 symbols is the one that was heard.
        self._costs = np.full(
            (_ANY_CODE + 1, _ANY_CODE + 1), math.log(_SYMBOLS_OF_ONE) / _NATS, dtype=np.float32
        )
        self._costs[:_ANY_CODE, :_ANY_CODE] = alphabet.costs
        self.log_prior = np.full(len(self.values), -math.log(_IN_USE))

    def hear(self, nbest: Sequence[str]) -> Attempt | None:
        """See Facts."""
        strings: dict[str, float] = {}
        for text, penalty in ranked(nbest):
            for said, cost in self._alphabet.spelled(normalize(text, self._words), 4):
                strings[said] = min(strings.get(said, np.inf), _NATS * cost + penalty)
        best = sorted((cost, said) for said, cost in strings.items())[:_MOST_STRINGS]
        if not best:
            return None
        # A stranger may have any postcode: what was heard as it is with the rest of it open, or what fits
        # the format best.
        literal: dict[str, None] = {}
        for _, said in best[: _MOST_STRINGS // 2]:
            literal[said.lower()[: _LENGTH + 1].ljust(_LENGTH, _ANY)] = None
            literal.update((value, None) for value, _ in uk_readings(said, self._alphabet, 1))
        heard = tuple(Heard(said, cost, spelled=True) for cost, said in best)
        noise = -_NATS * _NOISE * len(heard[0].text) - math.log(_IN_USE)
        return Attempt(heard, self._likelihood(heard, self._table), tuple(literal)[:_MOST_LITERAL], noise)

    def likelihood(self, attempt: Attempt, values: Sequence[str]) -> NDArray[np.float64]:
        """See Facts."""
        return self._likelihood(attempt.heard, _table(values))

    def log_prior_of(self, values: Sequence[str]) -> NDArray[np.float64]:
        """See Facts."""
        unknown = np.array([value.count(_ANY) for value in values], dtype=np.float64)
        return np.minimum(0.0, unknown * math.log(_SYMBOLS_OF_ONE) - math.log(_IN_USE))

    def _likelihood(self, heard: tuple[Heard, ...], strings: Table) -> NDArray[np.float64]:
        fits = [
            whole_costs(encode_symbols(one.text), strings, self._costs, ADDED, LEFT_OUT, _CUT) * -_NATS
            - one.cost
            for one in heard
        ]
        best: NDArray[np.float64] = np.max(fits, axis=0).astype(np.float64)
        return best


def _table(values: Sequence[str]) -> Table:
    return table(
        [np.array([CODE.get(char, _ANY_CODE) for char in value], dtype=np.uint8) for value in values]
    )
