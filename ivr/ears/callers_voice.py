"""Whose voice it is: that of the caller, not the echo of our own prompts, nor people behind the caller."""

from __future__ import annotations

from ivr.ears.background import Background
from ivr.ears.echo import EchoGuard
from ivr.ears.vad import Vad
from ivr.media.pcm import Pcm

PERHAPS = 0.2
"""Probability of speech from which it is worth knowing whether it is our own echo."""


class CallersVoice:
    """Whether the caller of one call speaks, frame by frame (20 ms at `rate` Hz)."""

    def __init__(self, rate: int, vad: Vad) -> None:
        self._vad = vad
        self._echo = EchoGuard(rate)
        self._background = Background()

    def sent(self, pcm: Pcm | None) -> None:
        """The frame that goes out to the caller after the one that was last heard; None is silence."""
        self._echo.sent(pcm)

    async def heard(self, pcm: Pcm) -> float:
        """Probability, 0 to 1, that the caller speaks in the next frame."""
        self._echo.heard(pcm)
        voice = await self._vad.judge(pcm)
        if voice >= PERHAPS and self._echo.is_echo():
            return 0.0
        return self._background.heard(pcm, voice)
