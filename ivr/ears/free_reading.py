"""What Moonshine reads freely: the likeliest next token at every step.

At most `TOKENS_A_SECOND` (the maker's limit), with a guard against the loops into which such models fall on
sounds that are not English.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.ears.moonshine_model import END, Decoding, MoonshineModel
from ivr.ears.recognizer import RECOGNIZER_RATE

TOKENS_A_SECOND = 6.5
FEWEST_TOKENS = 4
"""A short "yes" is allowed its full stop and end mark however short it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A transcript: tokens without the end mark, the natural logarithm of each one's chance, whether decoding
    was stopped because it went round in circles, and the logarithm of the end mark's chance, where that was
    reached."""

    tokens: tuple[int, ...] = ()
    log_probabilities: tuple[float, ...] = ()
    looped: bool = False
    end: float | None = None

    def after(self, tokens: tuple[int, ...]) -> tuple[tuple[int, ...], float] | None:
        """What follows `tokens`, with the end mark, and the logarithm of its chance; None where that is not
        known, as the transcript begins otherwise or was not read to its end."""
        done = len(tokens)
        if self.end is None or done > len(self.tokens) or self.tokens[:done] != tokens:
            return None
        return (*self.tokens[done:], END), sum(self.log_probabilities[done:]) + self.end

    @property
    def confidence(self) -> float:
        """Geometric mean of the tokens' chances, 0 for no tokens, halved for a loop."""
        if not self.tokens:
            return 0.0
        mean = math.exp(sum(self.log_probabilities) / len(self.tokens))
        return mean / 2 if self.looped else mean


def greedy(model: MoonshineModel, samples: NDArray[np.float32], begun: Decoding | None = None) -> Reading:
    """The likeliest next token at every step, until the end mark, the limit of tokens, or a loop.

    begun  the first step on `samples`, when that is made
    """
    limit = max(FEWEST_TOKENS, math.ceil(TOKENS_A_SECOND * len(samples) / RECOGNIZER_RATE))
    state = model.start(model.encode(samples)) if begun is None else begun
    tokens: list[int] = []
    logs: list[float] = []
    for _ in range(limit):
        chances = state.log_probabilities()[0]
        token = int(chances.argmax())
        if token == END:
            return Reading(tuple(tokens), tuple(logs), end=float(chances[token]))
        tokens.append(token)
        logs.append(float(chances[token]))
        if length := loop_length(tokens):
            kept = len(tokens) - 2 * length
            return Reading(tuple(tokens[:kept]), tuple(logs[:kept]), looped=True)
        state = model.step(state, [token])
    return Reading(tuple(tokens), tuple(logs))


def loop_length(tokens: list[int] | list[str]) -> int:
    """How many tokens, or words, at the end say three times the same, 0 when they do not.

    Callers do repeat themselves ("no, no, no", "zero zero zero"), so runs of one or two tokens count only
    when they come nine times.
    """
    for length in range(1, len(tokens) // 3 + 1):
        times = 3 if length > 2 else 9
        tail = tokens[-length * times :]
        if len(tail) == length * times and tail == tail[:length] * times:
            return length * times // 3
    return 0
