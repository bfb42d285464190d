"""The interface of every voice."""

from __future__ import annotations

from typing import Protocol

from ivr.media.pcm import Pcm


class Synthesizer(Protocol):
    """Text to sound. `speak` is called from pool threads, several at a time; each engine guards itself."""

    @property
    def name(self) -> str:
        """Engine, voice and version; part of the prompt cache's key: "hibari 0.2.1 heart"."""

    @property
    def language(self) -> str:
        """The language the voice was opened for, BCP 47: "en-US"."""

    def speak(self, text: str, rate: int, tempo: float = 1.0) -> Pcm:
        """The text as sound at `rate` Hz (8,000 or 16,000), the same every time.

        tempo  times the voice's own speed, 0.5 to 1.0; an engine that cannot speak slower takes no notice

        Raises VoiceError when the engine fails in spite of being restarted. Text without anything to
        pronounce gives a short silence. The result is trimmed of long silence at both ends and brought to a
        comfortable, equal loudness (about -20 dBFS RMS over its speech, peaks below -1 dBFS).
        """

    def close(self) -> None:
        """Free the engine (and its worker process)."""
