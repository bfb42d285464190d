"""Whole strings of sounds or letters beside each other, many at once: what turning one into another costs.

`phonemes.find` looks for a phrase somewhere in an utterance. Here a whole string is laid beside what was
heard from its beginning, so that a first name and a last name, or the parts of a date, can share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Costs = NDArray[np.float32]


class Table(NamedTuple):
    """Strings laid out for alignment: `codes` (longest, strings) padded with 0, `lengths` (strings,)."""

    codes: Codes
    lengths: NDArray[np.intp]


def table(strings: list[Codes]) -> Table:
    """Strings of codes as one table."""
    lengths = np.array([len(codes) for codes in strings], dtype=np.intp)
    out = np.zeros((int(lengths.max(initial=1)), len(strings)), dtype=np.uint8)
    for column, codes in enumerate(strings):
        out[: len(codes), column] = codes
    return Table(out, lengths)


def prefix_costs(heard: Codes, strings: Table, costs: Costs, added: float, left_out: float) -> Costs:
    """What it costs to hear the first k codes of `heard` for each whole string: shape (n + 1, strings).

    costs     costs[a, b] of hearing code a for b
    added     of a code in `heard` that the string lacks
    left_out  of a code of the string that was not heard
    """
    many = strings.codes.shape[1]
    out = np.empty((len(heard) + 1, many), dtype=np.float32)
    cells = strings.lengths * many + np.arange(many)
    for place, row in enumerate(_rows(heard, strings, costs, added, left_out)):
        row.take(cells, out=out[place])
    return out


def whole_costs(
    heard: Codes, strings: Table, costs: Costs, added: float, left_out: float, cut: tuple[float, float]
) -> Costs:
    """What it costs to hear all of `heard` for each string, the end of which may not have been heard at all.

    cut  cost of breaking off, and of each code that is missing then; shape of the result (strings,)
    """
    many = strings.codes.shape[1]
    *_, row = _rows(heard, strings, costs, added, left_out)
    best: Costs = row.take(strings.lengths * many + np.arange(many))
    for place in range(1, len(row)):  # nothing said at all is no string that was cut off
        missing = strings.lengths - place
        np.minimum(best, row[place] + cut[0] + cut[1] * missing, out=best, where=missing > 0)
    return best


def _rows(heard: Codes, strings: Table, costs: Costs, added: float, left_out: float) -> Iterator[Costs]:
    """The cost of every prefix of each string (longest + 1, strings), after each code of `heard`."""
    longest, many = strings.codes.shape
    gaps = (np.float32(left_out) * np.arange(longest + 1, dtype=np.float32))[:, None]
    sounds, index = np.unique(heard, return_inverse=True)
    beside = costs[sounds][:, strings.codes]
    # Cells are kept less the gaps before them in the string, so that leaving out a run is a running minimum,
    # made of minima over 2, 4, 8 ... cells: `minimum.accumulate` takes three times as long.
    runs = [1 << power for power in range(longest.bit_length()) if 1 << power <= longest]
    row = np.zeros((longest + 1, many), dtype=np.float32)
    new = np.empty_like(row)
    substitute = np.empty((longest, many), dtype=np.float32)
    yield row + gaps
    for sound in index:
        np.add(row[:-1], beside[sound], out=substitute)
        substitute -= left_out
        np.add(row, added, out=new)
        np.minimum(new[1:], substitute, out=new[1:])
        for run in runs:
            np.minimum(new[run:], new[:-run], out=new[run:])
        row, new = new, row
        yield row + gaps
