"""hibari-tts: English, neural, small; the voice "heart" is in its package. 24 kHz."""

from __future__ import annotations

import re
import unicodedata

import hibari
import numpy as np
from hibari import voices
from numpy.typing import NDArray

from ivr.errors import VoiceError
from ivr.media.pcm import Pcm
from ivr.mouth.languages import primary
from ivr.mouth.speaking import speak_text
from ivr.pronunciation import pronunciation

SPEEDS = (0.5, 2.0)
_SEED = 0

# Its number reader fails between 20 and 60 digits; nobody wants to hear such a number as a number anyway.
_LONG_NUMBER = re.compile(r"\d{13,}")

# What its rules for spelling raise for texts that nobody thought of ("¹DT", 37 digits); found by fuzzing.
_UNREADABLE = (LookupError, ValueError)

# Its markup for pronunciations, "[word](/phonemes/)", is not for names and answers that come from data.
_MARKUP = re.compile(r"\]\(")


class HibariVoice:
    """hibari with one of its voices. Safe to use from several threads.

    One ONNX thread: a sentence takes 10-80 ms of one core, and the calls share the cores. The part that
    turns spelling into sounds is shared with the ears, one sentence at a time (1 ms); the network and the
    signal processing keep no state and run side by side. The noise in the voice has a fixed
    seed, one generator a sentence, so a sentence is the same samples in every process.

    language  an English BCP 47 tag; the accent is the voice's
    voice     "heart", or another whose model was put into hibari's folder: nothing is downloaded here
    speed     0.5 (slow) to 2.0
    """

    def __init__(self, language: str, *, voice: str = "heart", speed: float = 1.0) -> None:
        if primary(language) != "en":
            raise VoiceError(
                f"speaks only English, not {language!r}", place="hibari", remedy="Set voice: pyttsx3 or auto"
            )
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise VoiceError(f"speed {speed:g} is out of range", place="hibari", remedy="Give 0.5 to 2.0")
        model = _model_file(voice)
        self._language = language
        self._speed = speed
        self._name = f"hibari {hibari.__version__} {voice}" + (f" x{speed:g}" if speed != 1.0 else "")
        sounds = pronunciation(british=bool(voices.VOICES[voice]["british"]))
        self._engine = hibari.Hibari(voice=voice, model=model, threads=1, g2p=sounds)
        self._say("Ready.", speed)  # loads the lazy parts now, not during a call

    @property
    def name(self) -> str:
        """Engine, version, voice and a speed other than 1: "hibari 0.2.1 heart"."""
        return self._name

    @property
    def language(self) -> str:
        """The tag the voice was opened for."""
        return self._language

    def speak(self, text: str, rate: int, tempo: float = 1.0) -> Pcm:
        """See `Synthesizer.speak`."""
        speed = max(SPEEDS[0], self._speed * tempo)
        return speak_text(text, self._language, rate, self._name, lambda one: self._say(one, speed))

    def close(self) -> None:
        """Nothing to end: the model goes with the last reference to it."""

    def _say(self, sentence: str, speed: float) -> tuple[NDArray[np.float32], int]:
        plain = _LONG_NUMBER.sub(lambda match: " ".join(match.group()), _MARKUP.sub("] (", sentence))
        try:
            parts = self._engine.phonemize(plain)
        except _UNREADABLE:
            parts = self._phonemize_simply(sentence)
        generator = np.random.default_rng(_SEED)
        sounds = [self._engine.from_ids(self._engine.ids(part), speed, generator) for part in parts]
        sound: NDArray[np.float32] = np.concatenate(sounds) if sounds else np.zeros(0, np.float32)
        return sound, hibari.SAMPLE_RATE

    def _phonemize_simply(self, sentence: str) -> list[str]:
        """Phonemes of a sentence that its rules stumble over: digits one by one, no other symbols."""
        simple = unicodedata.normalize("NFKC", sentence)
        simple = re.sub(r"[^\w\s.,!?']|_", " ", re.sub(r"\d", r" \g<0> ", simple))
        try:
            phonemes: list[str] = self._engine.phonemize(" ".join(simple.split()))
        except _UNREADABLE as error:
            raise VoiceError(
                f"cannot read {sentence[:40]!r} ({type(error).__name__})",
                place=self._name,
                remedy="Write it in other words",
            ) from None
        return phonemes


def _model_file(voice: str) -> str:
    """The model of a voice, whole as its maker published it. Downloads nothing: raises VoiceError instead."""
    if voice not in voices.VOICES:
        known = ", ".join(voices.VOICES)
        raise VoiceError(f"no voice {voice!r}", place="hibari", remedy=f"Known voices: {known}")
    try:
        path: str = voices.voice_path(voice, download_missing=False)
        whole = voices.sha256_of(path) == voices.VOICES[voice]["sha256"]
    except FileNotFoundError as missing:
        raise VoiceError(
            f"voice {voice!r} is not in the package and ivr downloads no voices",
            place="hibari",
            remedy=f"Use heart, or put the voice's model file at {missing}",
        ) from None
    if not whole:
        raise VoiceError(
            f"the model of voice {voice!r} is damaged", place=path, remedy="Put a whole file there"
        )
    return path
