"""English spelling as sounds: hibari's lexicons, loaded once for the ears and the mouth together.

They take 100 MB and 0.5 s; the matcher asks for the sounds of words, the voice for those of sentences.
"""

from __future__ import annotations

import functools
import threading

from hibari.g2p import G2P

from ivr.memory import give_back


class Pronunciation:
    """The lexicons of one accent. Safe to share between threads: they are plain Python that loads lazily."""

    def __init__(self, british: bool) -> None:
        self._g2p = G2P(british=british)
        self._lock = threading.Lock()
        give_back()

    def __call__(self, text: str) -> str:
        """Phonemes in misaki's alphabet, about 0.1 ms a word. LookupError or ValueError for odd texts."""
        with self._lock:
            return str(self._g2p(text))


def pronunciation(*, british: bool = False) -> Pronunciation:
    """The one of this process."""
    return _british() if british else _american()


@functools.cache
def _american() -> Pronunciation:
    return Pronunciation(british=False)


@functools.cache
def _british() -> Pronunciation:
    return Pronunciation(british=True)
