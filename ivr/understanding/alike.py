"""Names of things by their sound: which of them a few sounds may have been."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ivr.understanding.align import Codes, prefix_costs, table
from ivr.understanding.phonemes import COSTS, GAP, encode

_MOST = 3


class Alike:
    """Things with the sounds (IPA) that they are called by; a thing may have several.

    beside   what being called by sound costs beside the distance
    at_most  distance, from 0 (the same) to 1 (nothing alike), up to which something may be meant
    """

    def __init__(self, spoken: Sequence[tuple[str, str]], *, beside: float, at_most: float) -> None:
        self._names = [name for name, _ in spoken]
        self._table = table([encode(sounds) for _, sounds in spoken])
        self._beside = beside
        self._at_most = at_most

    def of(self, heard: Codes) -> tuple[tuple[str, float], ...]:
        """Things that sound like all of `heard`, the nearest first, each with what it costs."""
        if not len(heard) or not self._names:
            return ()
        apart = prefix_costs(heard, self._table, COSTS, GAP, GAP)[-1]
        apart = apart / (GAP * np.maximum(self._table.lengths, len(heard)))
        best: dict[str, float] = {}
        for row in np.argsort(apart)[:_MOST]:
            if apart[row] <= self._at_most:
                best.setdefault(self._names[row], self._beside + float(apart[row]))
        return tuple(best.items())
