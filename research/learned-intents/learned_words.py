"""Static word vectors and letter grams of single words, computed once a word.

The vectors are the token embeddings in the wheel ``wordllama`` (32,000 tokens, 256 dimensions, taken from
Llama 2 and trained on for sentence similarity). Its files are read without importing the package, which
would reconfigure logging for the whole process.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib import util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from ivr.errors import ModelError

DIMENSIONS = 256
MAX_WORDS = 200
"""Of a longer utterance the first words are read, so that matching is bounded in time."""

_SHORTEST, _LONGEST = 2, 5
_KNOWN = 20_000

Floats = NDArray[np.float32]


class WordVectors:
    """The vector of any word: the sum over its tokens, so rare words are sums of their parts."""

    def __init__(self, folder: Path) -> None:
        try:
            (table,) = load_file(folder / "weights" / "l2_supercat_256.safetensors").values()
            self._tokenizer = Tokenizer.from_file(
                str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json")
            )
        except Exception as error:  # tokenizers raises bare Exception for a damaged file
            kind = "damaged" if isinstance(error, SafetensorError | ValueError) else "not readable"
            raise ModelError(
                f"the word vectors are {kind} ({error})", place=str(folder), remedy="Reinstall wordllama"
            ) from error
        self._table: Floats = table.astype(np.float32)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def of(self, words: Sequence[str]) -> Floats:
        """Vectors of `words`, shape (words, 256); zero for a word that has no token."""
        out = np.zeros((len(words), DIMENSIONS), dtype=np.float32)
        for row, encoding in enumerate(self._tokenizer.encode_batch(list(words), add_special_tokens=False)):
            if encoding.ids:
                out[row] = self._table[np.minimum(encoding.ids, len(self._table) - 1)].sum(axis=0)
        return out


@functools.lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    """The vectors of the installed wheel; ModelError where it is missing or damaged."""
    spec = util.find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the word vectors are not installed", remedy="Install wordllama")
    return WordVectors(Path(spec.submodule_search_locations[0]))


@functools.lru_cache(maxsize=_KNOWN)
def letter_grams(word: str) -> tuple[str, ...]:
    """Runs of 2 to 5 letters of a word with its edges marked by spaces."""
    padded = f" {word} "
    return tuple(
        padded[start : start + size]
        for size in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(padded) - size + 1)
    )
