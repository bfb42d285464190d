"""Voice activity: how likely it is that somebody speaks just now."""

from __future__ import annotations

from typing import Protocol

from ivr.media.pcm import Pcm


class Vad(Protocol):
    """Stateful detector for one call; fed frame by frame."""

    def feed(self, pcm: Pcm) -> float:
        """Probability of speech (0 to 1) in the newest whole analysis window; frames of any length."""

    async def judge(self, pcm: Pcm) -> float:
        """As `feed`; what other calls hear at the same moment may be judged together with it."""

    def reset(self) -> None:
        """Forget what was heard (a new call, or a jump in the audio)."""
