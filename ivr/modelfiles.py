"""Opening the files of a model: for a damaged one the libraries raise kinds that have no common base, or bare
`Exception`. Here each of them becomes a `DamagedError`, so that nobody else has to catch everything.
"""

from __future__ import annotations

from pathlib import Path

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as _state
from tokenizers import Tokenizer

_KINDS: tuple[type[Exception], ...] = (
    RuntimeError,
    *(kind for kind in vars(_state).values() if isinstance(kind, type) and issubclass(kind, Exception)),
)
"""What onnxruntime raises: a kind for each of its status codes, and RuntimeError for what has none."""


class DamagedError(Exception):
    """A file of a model cannot be read, in the words of the library."""


def open_graph(path: Path, options: ort.SessionOptions) -> ort.InferenceSession:
    """The ONNX graph in a file, to be run on the processor. Raises DamagedError."""
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _KINDS as error:
        raise DamagedError(str(error)) from error


def open_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer in a file (the library's own JSON). Raises DamagedError."""
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing more exact, also where there is no file
        raise DamagedError(str(error)) from error
