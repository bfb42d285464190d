"""What happens to a caller's voice on its way: noise, level, band and coding.

Noise is made here from random numbers and from our own voices, so that nothing foreign is in the files.
Sound is float32, mono; rates in Hz, levels in dB.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ivr.media.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from ivr.media.pcm import NARROWBAND, Pcm
from ivr.simulation.speakers import RATE, Sound, Speakers, pause
from ivr.trials.callfile import Coding, LineSound, Noise, Voice

_AROUND = 30.0
"""Seconds of noise that a call has before they come again; hum has whole periods in them."""
_CODED: Mapping[Coding, Callable[[Pcm], Pcm]] = MappingProxyType(
    {
        Coding.ULAW: lambda pcm: decode_ulaw(encode_ulaw(pcm)),
        Coding.ALAW: lambda pcm: decode_alaw(encode_alaw(pcm)),
    }
)

Hertz: TypeAlias = NDArray[np.floating]
"""A curve over frequency."""

_SUBTYPES = {
    Coding.ULAW: "ULAW",
    Coding.ALAW: "ALAW",
    Coding.PCM8: "PCM_U8",
    Coding.PCM16: "PCM_16",
    Coding.PCM24: "PCM_24",
    Coding.FLOAT: "FLOAT",
}

_TALK = (
    ("Well, I told them on Monday that it would rain, and nobody took an umbrella.", 0.0, 1.0),
    ("The train was late again, so we had a coffee and waited for the next one.", -8.0, 0.87),
    ("She has a new dog, a brown one, and it sleeps on the sofa all day long.", 2.5, 1.08),
    ("If you turn left at the bakery you will see the bridge and the old mill.", -10.0, 0.84),
    ("We had soup, then fish, and after that a piece of that apple cake.", -3.0, 0.95),
    ("My brother plays the trumpet, badly, but he plays it every single evening.", -6.0, 0.9),
)
"""Six people talking at once about nothing: words, pitch, vocal tract."""


def gain(decibels: float) -> float:
    """Decibels as a factor on samples."""
    return float(10.0 ** (decibels / 20.0))


def speech_rms(sound: Sound, rate: int) -> float:
    """RMS of the 20 ms pieces that are within 30 dB of the loudest: of the speech, not of its pauses."""
    size = rate // 50
    count = len(sound) // size
    if count == 0:
        return 0.0
    power = np.mean(np.square(sound[: count * size].reshape(count, size)), axis=1)
    active = power[power > 0.001 * power.max()]
    return float(np.sqrt(np.mean(active))) if len(active) else 0.0


def shaped(sound: Sound, response: Callable[[Hertz], Hertz], rate: int) -> Sound:
    """The sound with every frequency (Hz) multiplied by `response`."""
    spectrum = np.fft.rfft(sound)
    bins = np.fft.rfftfreq(len(sound), 1.0 / rate)
    return np.fft.irfft(spectrum * response(bins), len(sound)).astype(np.float32)


def telephone_band(hertz: Hertz) -> Hertz:
    """A telephone's ear and mouth: flat from 300 to 3,400 Hz, 24 dB an octave below and steep above."""
    low = 1.0 / np.sqrt(1.0 + (250.0 / np.maximum(hertz, 1.0)) ** 8)
    high = 1.0 / np.sqrt(1.0 + (hertz / 3_600.0) ** 40)
    return np.asarray(low * high)


class Surroundings:
    """Noise of every kind, as long as wanted, the same for the same seed."""

    def __init__(self, speakers: Speakers) -> None:
        self._speakers = speakers
        self._babble: Sound | None = None

    def noise(self, kind: Noise, samples: int, seed: int) -> Sound:
        """`samples` of noise at 24 kHz with an RMS of 1."""
        rng = np.random.default_rng(seed)
        match kind:
            case Noise.NONE:
                return np.zeros(samples, dtype=np.float32)
            case Noise.PINK:
                sound = shaped(
                    self._white(rng, samples), lambda hz: 1.0 / np.sqrt(np.maximum(hz, 20.0)), RATE
                )
            case Noise.STREET:
                sound = self._street(rng, samples)
            case Noise.HUM:
                sound = self._hum(rng, samples)
            case Noise.BABBLE:
                talk = self._talk()
                start = int(rng.integers(len(talk)))
                sound = np.take(talk, np.arange(start, start + samples), mode="wrap")
        rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
        return (sound / rms).astype(np.float32) if rms > 0.0 else sound

    @staticmethod
    def _white(rng: np.random.Generator, samples: int) -> Sound:
        return rng.standard_normal(samples, dtype=np.float32)

    @staticmethod
    def _hum(rng: np.random.Generator, samples: int) -> Sound:
        """Mains: 50 Hz and its odd and even multiples, softer with their number, and a little hiss."""
        time = np.arange(samples) / RATE
        tones = [
            np.sin(2.0 * np.pi * (50.0 * n * time + rng.random())) / n**0.7
            for n in (1, 2, 3, 4, 5, 6, 7, 9, 11, 13)
        ]
        return np.asarray(np.sum(tones, axis=0) + 0.05 * rng.standard_normal(samples), dtype=np.float32)

    def _street(self, rng: np.random.Generator, samples: int) -> Sound:
        """Cars passing: low rumble whose loudness swells every few seconds."""
        rumble = shaped(self._white(rng, samples), lambda hz: 1.0 / (1.0 + hz / 250.0), RATE)
        time = np.arange(samples) / RATE
        swell = 1.0 + 0.6 * np.sin(2.0 * np.pi * (time / 3.7 + rng.random()))
        return np.asarray(rumble * swell, dtype=np.float32)

    def _talk(self) -> Sound:
        if self._babble is None:
            people = [
                self._speakers.speak(text, Voice(pitch=pitch, tract=tract, seed=number))
                for number, (text, pitch, tract) in enumerate(_TALK, 1)
            ]
            length = 2 * max(len(person) for person in people)
            self._babble = np.sum(
                [np.resize(np.roll(person, 9_000 * n), length) for n, person in enumerate(people)], axis=0
            ).astype(np.float32)
        return self._babble


def at_the_far_end(speech: Sound, line: LineSound, surroundings: Surroundings, seed: int) -> Sound:
    """A turn's speech (24 kHz) as it leaves the line, before it is coded, at the line's rate.

    `speech` is what the caller says without lead and tail; silence gives the line's noise alone.
    """
    lead, tail = (np.zeros(round(s * RATE), dtype=np.float32) for s in (line.lead, line.tail))
    sound = np.concatenate([lead, speech, tail])
    around = surroundings.noise(line.noise, len(sound), seed)
    if line.rate == 8_000:
        sound = shaped(sound, telephone_band, RATE)
        if line.noise is not Noise.HUM:  # hum enters behind the microphone, on the wire
            around = shaped(around, telephone_band, RATE)
    loud = speech_rms(sound, RATE)
    if loud > 0.0:
        sound = sound * (gain(line.level) / loud)
    rms = float(np.sqrt(np.mean(np.square(around, dtype=np.float64))))
    if rms > 0.0:
        sound = sound + around * (gain(line.level - line.snr) / rms)
    sound = np.asarray(soxr.resample(sound, RATE, line.rate), dtype=np.float32)
    return np.asarray(np.clip(sound, -0.99, 0.99))


class Line:
    """A telephone line whose noise goes on all through a call, whoever speaks: a `script.Medium` at 8 kHz.

    The noise is as much below `line.level` as `line.snr` says, and comes again after `_AROUND` seconds.
    """

    def __init__(self, line: LineSound, surroundings: Surroundings, seed: int) -> None:
        narrow = line.model_copy(update={"rate": NARROWBAND})
        around = at_the_far_end(pause(_AROUND), narrow, surroundings, seed)
        self.noise = _samples(around).astype(np.int32)
        self._coded = _CODED.get(line.coding, _uncoded)

    def __call__(self, number: int, frame: Pcm) -> Pcm:
        """The frame as it arrives."""
        first = number * len(frame) % len(self.noise)
        noise = np.take(self.noise, np.arange(first, first + len(frame)), mode="wrap")
        return self._coded(np.clip(frame + noise, -32_768, 32_767).astype(np.int16))


def spoken_into(speech: Sound, line: LineSound, surroundings: Surroundings, seed: int) -> Pcm:
    """A turn's speech (24 kHz) as a caller says it into a `Line`: at its level, without its noise."""
    quiet = line.model_copy(update={"noise": Noise.NONE, "rate": NARROWBAND})
    return _samples(at_the_far_end(speech, quiet, surroundings, seed))


def _samples(sound: Sound) -> Pcm:
    return np.asarray(np.round(sound * 32_767.0), dtype=np.int16)


def over_the_line(speech: Sound, line: LineSound, surroundings: Surroundings, seed: int) -> bytes:
    """The same as the bytes of a WAV file."""
    sound = at_the_far_end(speech, line, surroundings, seed)
    if line.channels == 2:
        sound = np.column_stack([sound, sound])
    file = io.BytesIO()
    soundfile.write(file, sound, line.rate, subtype=_SUBTYPES[line.coding], format="WAV")
    return _undated(file.getvalue())


def _uncoded(pcm: Pcm) -> Pcm:
    return pcm


def _undated(wav: bytes) -> bytes:
    """The same file without the time of day, which libsndfile writes into the PEAK chunk of float files."""
    chunk = wav.find(b"PEAK", 0, 200)
    if chunk < 0:
        return wav
    stamp = chunk + 12  # behind the chunk's name, size and version
    return wav[:stamp] + bytes(4) + wav[stamp + 4 :]
