"""The network of Moonshine tiny: one encoder pass for a sound, then one decoder step for every token.

Moonshine (Jeffries et al. 2024, arXiv:2410.15608) is an encoder-decoder transformer on raw 16 kHz samples.
Its weights are the maker's int8 ONNX files: an encoder, and a decoder in which ``use_cache_branch`` switches
between the first step, which also projects the encoder output into each layer's cross-attention cache, and
every further step, which only adds to the self-attention caches.

Everything is batched: greedy decoding is a batch of one; a beam search keeps its beams as the rows of one
`Decoding`, reorders them with `select` and pays one `step` for all of them. The rows share the encoder output
and the cross-attention caches: a step costs 1.7 ms for one row, 2.9 ms for seven (one core, 2 s of sound).
The weights are quantized with one scale a tensor, so rows of a batch change each other's scores a little (0.5
of a logit was seen): compare likelihoods from batches of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ivr.ears.moonshine_graph import POSITIONS, lean_decoder
from ivr.errors import ModelError
from ivr.modelfiles import DamagedError, open_graph, open_tokenizer

ENCODER_FILE = "encoder_model.onnx"
DECODER_FILE = "decoder_model_merged.onnx"
TOKENIZER_FILE = "tokenizer.json"

START = 1
"""Token every transcript begins with."""
END = 2
"""Token every transcript ends with."""

_LAYERS, _HEADS, _HEAD_SIZE = 6, 8, 36
_SELF = tuple(f"{layer}.decoder.{part}" for layer in range(_LAYERS) for part in ("key", "value"))
_CROSS = tuple(f"{layer}.encoder.{part}" for layer in range(_LAYERS) for part in ("key", "value"))
_EMPTY = np.zeros((1, _HEADS, 0, _HEAD_SIZE), dtype=np.float32)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoding:
    """Where a batch of transcripts of one sound stands; never changed, so that a search may go back to it.

    hidden   encoder output, (1, time, 288), shared by the rows
    cross    keys and values of the sound, each (1, 8, time, 36), shared by the rows
    own      keys and values of the tokens so far, each (rows, 8, tokens, 36)
    logits   scores of the next token, (rows, 32768)
    """

    hidden: Floats
    cross: dict[str, Floats]
    own: dict[str, Floats]
    logits: Floats

    def select(self, rows: list[int]) -> Decoding:
        """The batch that consists of these rows, in this order, each as often as it is named."""
        own = {name: cache[rows] for name, cache in self.own.items()}
        return Decoding(self.hidden, self.cross, own, self.logits[rows])

    def log_probabilities(self) -> Floats:
        """Natural logarithm of the chance of every next token, (rows, 32768)."""
        shifted = self.logits - self.logits.max(axis=1, keepdims=True)
        result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return result


class MoonshineModel:
    """The loaded network; may be used by many threads at once (each call runs on its own thread only)."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        """Load `folder`, which holds the two ONNX files and tokenizer.json. Raises ModelError.

        cache  where the decoder is kept in a form that takes less memory; without it, it takes 80 MB more
        """
        for name in (ENCODER_FILE, DECODER_FILE, TOKENIZER_FILE):
            if not (folder / name).is_file():
                raise ModelError(
                    f"the Moonshine model lacks {name}",
                    place=str(folder),
                    remedy="Remove the folder and run: ivr models install moonshine-tiny-en",
                )
        try:
            self._encoder = _session(folder / ENCODER_FILE)
            self._decoder = _decoder(folder / DECODER_FILE, cache)
            self._chooses = any(one.name == POSITIONS for one in self._decoder.get_overridable_initializers())
            self.tokenizer = open_tokenizer(folder / TOKENIZER_FILE)
        except (DamagedError, OSError) as error:
            raise ModelError(
                f"the Moonshine model cannot be loaded ({error})",
                place=str(folder),
                remedy="Remove the folder and run: ivr models install moonshine-tiny-en",
            ) from error

    def encode(self, samples: Floats) -> Floats:
        """Encoder output (1, time, 288), 41.7 a second, of at least 0.1 s of 16 kHz samples in [-1, 1)."""
        hidden: Floats = self._encoder.run(["last_hidden_state"], {"input_values": samples[np.newaxis]})[0]
        return hidden

    def start(self, hidden: Floats) -> Decoding:
        """The first step: what may follow the start token, for one row."""
        return self.begun(hidden, [()])

    def begun(self, hidden: Floats, rows: list[tuple[int, ...]]) -> Decoding:
        """Where several rows of as many tokens stand, in one step that costs about as one for each token."""
        names = ["logits", *(f"present.{name}" for name in _SELF + _CROSS)]
        outputs = self._decoder.run(names, self._whole(hidden, rows))
        caches = dict(zip(_SELF + _CROSS, outputs[1:], strict=True))
        return Decoding(
            hidden,
            {name: caches[name][:1] for name in _CROSS},
            {name: caches[name] for name in _SELF},
            outputs[0][:, -1],
        )

    def throughout(self, hidden: Floats, tokens: tuple[int, ...]) -> Floats:
        """Scores of what may follow the start and each of the tokens, (1 + tokens, 32768), in one step."""
        given = self._whole(hidden, [tokens])
        if self._chooses:
            given[POSITIONS] = np.arange(1 + len(tokens))
        logits: Floats = self._decoder.run(["logits"], given)[0][0]
        return logits

    @staticmethod
    def _whole(hidden: Floats, rows: list[tuple[int, ...]]) -> dict[str, NDArray[Any]]:
        """What the decoder is given for transcripts from their start."""
        return {
            "input_ids": np.array([(START, *row) for row in rows], dtype=np.int64),
            "encoder_hidden_states": np.repeat(hidden, len(rows), axis=0),
            "use_cache_branch": np.array([False]),
            **{f"past_key_values.{name}": _EMPTY for name in _SELF + _CROSS},
        }

    def step(self, state: Decoding, tokens: list[int]) -> Decoding:
        """Add one token to each row of `state`."""
        outputs = self._decoder.run(
            ["logits", *(f"present.{name}" for name in _SELF)],
            {
                "input_ids": np.array(tokens, dtype=np.int64)[:, np.newaxis],
                "encoder_hidden_states": state.hidden,
                "use_cache_branch": np.array([True]),
                **{f"past_key_values.{name}": cache for name, cache in (state.cross | state.own).items()},
            },
        )
        own = dict(zip(_SELF, outputs[1:], strict=True))
        return Decoding(state.hidden, state.cross, own, outputs[0][:, -1])


def _decoder(path: Path, cache: Path | None) -> ort.InferenceSession:
    """The decoder in its lean form where that can be made and read, else as it is in `path`."""
    if cache is not None and (lean := lean_decoder(path, cache)) != path:
        try:
            return _session(lean)
        except DamagedError:  # it is made anew next time
            lean.unlink(missing_ok=True)
    return _session(path)


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # One thread a session: calls are what runs side by side, and onnxruntime's own pool would spin.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The arena keeps up to twice what the longest sound so far took; without it nothing gets slower.
    options.enable_cpu_mem_arena = False
    # Otherwise the 32768 x 288 output matrix of the maker's decoder, where that has to do, is turned from
    # int8 to float again at every step: folded once, a step takes 3.0 ms instead of 4.8 for about 55 MB.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return open_graph(path, options)
