"""Sound to be recognized on the other side of a line."""

from __future__ import annotations

import numpy as np

from ivr.media.pcm import Pcm


def chirp(rate: int, seconds: float = 2.0, top: float = 3000.0) -> Pcm:
    """From 300 Hz to `top`, fading in and out."""
    t = np.arange(round(rate * seconds)) / rate
    wave = np.sin(2 * np.pi * (300 + (top - 300) * t / 2 / seconds) * t)
    return (8000 * wave * np.clip(np.minimum(t, seconds - t) / 0.02, 0, 1)).astype(np.int16)


def likeness(sent: Pcm, heard: Pcm, pieces: int = 16) -> float:
    """Correlation of `sent` with its best place in `heard`, between samples too; the median of its pieces.

    Of pieces, because a machine that stops for a moment puts a gap between two of them, which says nothing
    about the sound.
    """
    size = len(sent) // pieces
    return float(np.median([_likeness(sent[at : at + size], heard) for at in range(0, size * pieces, size)]))


def _likeness(sent: Pcm, heard: Pcm) -> float:
    size = 1 << int(np.ceil(np.log2(len(heard) + len(sent))))
    spectrum = np.fft.rfft(heard.astype(float), size) * np.conj(np.fft.rfft(sent.astype(float), size))
    product = 8 * np.fft.irfft(spectrum, 8 * size)  # eight times as fine
    total = np.concatenate(([0.0], np.cumsum(np.pad(heard.astype(float), (0, size)) ** 2)))
    at = int(np.argmax(product[: 8 * len(heard)]))
    energy = total[min(at // 8 + len(sent), size)] - total[at // 8]
    return float(product[at] / np.sqrt(energy + 1e-9) / np.linalg.norm(sent.astype(float)))
