"""Voices of callers: hibari with its pitch and resonances moved, and espeak-ng.

All sound here is float32 at 24 kHz, mono, about -1 to 1. The same voice and words give the same samples.
"""

from __future__ import annotations

import ctypes
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TypeAlias

import espeakng_loader
import numpy as np
import soxr
from hibari import SAMPLE_RATE, Hibari, dsp
from numpy.typing import NDArray

from ivr.trials.callfile import Engine, Voice, Words

Sound: TypeAlias = NDArray[np.float32]
RATE: int = SAMPLE_RATE

_VOICED_HZ = 40.0
"""Below this hibari's pitch curve means "unvoiced" (hibari.dsp.pulses)."""


MARGIN = 0.03
"""Seconds of silence kept before and after speech."""


def pause(seconds: float) -> Sound:
    """Nothing said for `seconds`."""
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def trimmed(sound: Sound) -> Sound:
    """Without the silence at both ends, but `MARGIN` of it."""
    loud = np.flatnonzero(np.abs(sound) > 0.01 * float(np.max(np.abs(sound), initial=0.0)))
    if len(loud) == 0:
        return sound[:0]
    keep = round(MARGIN * RATE)
    return sound[max(0, loud[0] - keep) : loud[-1] + keep]


class HibariSpeaker:
    """One neural voice made into many people.

    hibari predicts a pitch curve and a spectrum and builds the waveform from both (hibari.dsp.synth). Pitch
    is moved by scaling the curve; the resonances (the length of the vocal tract) by playing the result at
    another rate, with tempo and pitch corrected for it beforehand.
    """

    def __init__(self) -> None:
        self._hibari = Hibari(voice="heart", threads=1)

    def speak(self, text: str, voice: Voice) -> Sound:
        """The text as `voice` says it."""
        rng = np.random.default_rng(voice.seed)
        shift = 2.0 ** (voice.pitch / 12.0) / voice.tract
        parts: list[Sound] = []
        for phonemes in self._hibari.phonemize(text):
            feed = {
                "ids": np.asarray([self._hibari.ids(phonemes)], dtype=np.int64),
                "speed": np.asarray([voice.speed / voice.tract], dtype=np.float32),
            }
            *spectra, curve = (output[0] for output in self._hibari.sess.run(None, feed))
            curve = np.where(curve > _VOICED_HZ, np.maximum(curve * shift, _VOICED_HZ + 1.0), 0.0)
            parts.append(dsp.synth(*spectra, curve.astype(np.float32), rng))
        whole = np.concatenate(parts) if parts else pause(0.0)
        if voice.tract == 1.0 or len(whole) == 0:
            return whole
        return np.asarray(soxr.resample(whole, RATE * voice.tract, RATE), dtype=np.float32)


_RETRIEVAL, _SPEECH_RATE, _PITCH, _UTF8 = 1, 1, 3, 1
"""Constants of espeak-ng's speak_lib.h: output mode, two parameters, encoding flag."""


def espeak(text: str, variant: str, words_a_minute: int, pitch: int) -> tuple[NDArray[np.int16], int]:
    """Samples and their rate from espeak-ng's C interface. `pitch` is 0 to 100, 50 is the voice's own."""
    lib = ctypes.CDLL(espeakng_loader.get_library_path())
    rate: int = lib.espeak_Initialize(_RETRIEVAL, 200, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise OSError("espeak-ng did not start")
    heard: list[NDArray[np.int16]] = []

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if count > 0:
            heard.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    callback = kind(take)  # held by this name: the library keeps only the address
    lib.espeak_SetSynthCallback(callback)
    if lib.espeak_SetVoiceByName(variant.encode()) != 0:
        raise OSError(f"espeak-ng has no voice {variant!r}")
    lib.espeak_SetParameter(_SPEECH_RATE, words_a_minute, 0)
    lib.espeak_SetParameter(_PITCH, pitch, 0)
    data = text.encode()
    lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
    lib.espeak_Synchronize()
    return (np.concatenate(heard) if heard else np.zeros(0, dtype=np.int16)), rate


class EspeakSpeaker:
    """espeak-ng, a fresh process for every text: what it says depends a little on what it said before."""

    def speak(self, text: str, voice: Voice) -> Sound:
        """The text as `voice` says it."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=context) as child:
            job = child.submit(
                espeak, text, voice.variant, round(165 * voice.speed), round(50 + 4 * voice.pitch)
            )
            pcm, rate = job.result()
        return np.asarray(soxr.resample(pcm.astype(np.float32) / 32768.0, rate, RATE), dtype=np.float32)


class Speakers:
    """Everybody who can speak; an engine starts when it is first needed."""

    def __init__(self) -> None:
        self._open: dict[Engine, HibariSpeaker | EspeakSpeaker] = {}

    def speak(self, words: Words, voice: Voice) -> Sound:
        """Words and pauses as one sound, without silence at its ends."""
        speaker = self._open.get(voice.engine)
        if speaker is None:
            speaker = HibariSpeaker() if voice.engine is Engine.HIBARI else EspeakSpeaker()
            self._open[voice.engine] = speaker
        parts = (words,) if isinstance(words, str) else words
        return np.concatenate(
            [trimmed(speaker.speak(part, voice)) if isinstance(part, str) else pause(part) for part in parts]
        )
