"""Keys in the sound: what ITU-T Q.24 asks for, and no keys in what callers say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ivr.media.dtmf import COLUMNS, LAYOUT, ROWS, DtmfDetector, tones
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm
from ivr.media.wav import read_wav

ALL = "1234567890*#ABCD"


def pressed(
    rate: int = 8000,
    *,
    seconds: float = 0.04,
    gap: float = 0.04,
    level: float = -12.0,
    off: float = 0.0,
    twist: float = 0.0,
    noise: float | None = None,
) -> Pcm:
    """All keys over a telephone line, each at another phase.

    off    share by which the frequencies are wrong
    twist  dB by which the higher tone is louder
    """
    rng = np.random.default_rng(7)
    parts = [np.zeros(137)]
    time = np.arange(round(seconds * rate)) / rate
    for key in ALL:
        row = next(n for n, line in enumerate(LAYOUT) if key in line)
        column = LAYOUT[row].index(key)
        low, high = (
            2 * np.pi * f * (1 + off) * time + rng.uniform(0, 6) for f in (ROWS[row], COLUMNS[column])
        )
        tone = np.sqrt(2) * 10 ** (level / 20) * (np.sin(low) + 10 ** (twist / 20) * np.sin(high))
        parts += [tone, np.zeros(round(gap * rate))]
    whole = np.concatenate([*parts, np.zeros(rate // 10)])
    if noise is not None:
        whole = whole + rng.normal(0, 10 ** (noise / 20), len(whole))
    return decode_ulaw(encode_ulaw(np.clip(whole * 32767, -32768, 32767).astype(np.int16)))


def heard(pcm: Pcm, rate: int = 8000) -> str:
    detector, size = DtmfDetector(rate), rate // 50
    return "".join(
        key for at in range(0, len(pcm) - size + 1, size) for key in detector.feed(pcm[at : at + size])
    )


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"seconds": 1.0, "gap": 0.1},
        {"off": 0.015},
        {"off": -0.015},
        {"twist": 4.0},
        {"twist": -8.0},
        {"level": -30.0},
        {"level": -18.0, "noise": -33.0},
        {"rate": 16000},
    ],
    ids=["short", "long", "higher", "lower", "twist up", "twist down", "soft", "noise", "wideband"],
)
def test_every_key_is_recognized_once(line: dict[str, float]) -> None:
    assert heard(pressed(**line), int(line.get("rate", 8000))) == ALL


@pytest.mark.parametrize(
    "line",
    [{"off": 0.035}, {"off": -0.035}, {"seconds": 0.02, "gap": 0.1}, {"level": -45.0}, {"twist": -20.0}],
    ids=["too high", "too low", "too short", "too soft", "one tone"],
)
def test_what_is_no_key_is_none(line: dict[str, float]) -> None:
    assert heard(pressed(**line)) == ""


def test_the_same_key_twice_is_two_keys() -> None:
    assert heard(tones("5500", 8000, seconds=0.06, gap=0.05)) == "5500"
    with pytest.raises(ValueError, match="telephone key"):
        tones("x", 8000)


def test_a_key_is_down_while_it_sounds() -> None:
    detector = DtmfDetector(8000)
    detector.feed(tones("5", 8000, seconds=0.2, gap=0.0))
    assert detector.down == "5"
    detector.feed(np.zeros(800, np.int16))
    assert detector.down == ""


def test_callers_say_no_keys(root: Path) -> None:
    for path in sorted((root / "audio" / "calls" / "company").glob("*/*.wav")):
        assert heard(read_wav(path, rate=8000)[0]) == "", path


@pytest.mark.shared
def test_people_say_no_keys(shared: Path) -> None:
    for path in sorted((shared / "speech" / "en-digits").rglob("*.wav"))[:400]:
        assert heard(read_wav(path, rate=8000)[0]) == "", path


ALONE = """
import time
import numpy as np
from ivr.media.dtmf import DtmfDetector
detector = DtmfDetector(16_000)
noise = np.random.default_rng(1).normal(0, 3000, 320).astype(np.int16)
detector.feed(noise)
whole, ours = time.process_time(), time.thread_time()
for _ in range(2000):
    detector.feed(noise)
print(time.process_time() - whole - (time.thread_time() - ours))
"""


def test_nothing_is_left_to_other_threads() -> None:
    """BLAS, with threads for windows of 16 kHz, took 33 times the time on a busy machine, and up to 50 ms."""
    environ = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", ALONE], env=environ, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 0.05, "seconds of other threads"
