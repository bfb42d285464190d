"""The voice of a desk, by kind and language."""

from __future__ import annotations

import enum

from ivr.errors import VoiceError
from ivr.mouth.languages import primary
from ivr.mouth.pyttsx3_voice import Pyttsx3Voice
from ivr.mouth.synthesizer import Synthesizer

try:
    from ivr.mouth import hibari_voice
except ModuleNotFoundError as _missing:
    # Installed without hibari-tts; a fault inside ivr must still show itself.
    if _missing.name != "hibari":
        raise
    hibari_voice = None  # type: ignore[assignment]


class VoiceKind(enum.StrEnum):
    """The engines; auto is hibari for English where it is installed, else pyttsx3."""

    AUTO = "auto"
    HIBARI = "hibari"
    PYTTSX3 = "pyttsx3"


def open_synthesizer(kind: VoiceKind, language: str, *, voice: str = "", speed: float = 1.0) -> Synthesizer:
    """The voice for a BCP 47 tag. Close it when done.

    voice  a voice by its engine's name ("heart", "gmw/en-us+f3"); "" is the engine's choice for the language
    speed  0.5 (slow) to 2.0

    Raises VoiceError: an unknown language (naming the known ones), an engine that is not installed or fails.
    """
    installed = hibari_voice is not None
    if kind is VoiceKind.AUTO:
        kind = VoiceKind.HIBARI if installed and primary(language) == "en" else VoiceKind.PYTTSX3
    if kind is VoiceKind.PYTTSX3:
        return Pyttsx3Voice(language, voice=voice, speed=speed)
    if not installed:
        raise VoiceError(
            "is not installed", place="hibari", remedy="Install hibari-tts, or set voice: pyttsx3"
        )
    return hibari_voice.HibariVoice(language, voice=voice or "heart", speed=speed)
