"""One sentence for the operator before the caller is connected: made by the desk's voice, beside the call."""

from __future__ import annotations

import asyncio

import numpy as np

from ivr.errors import IvrError
from ivr.media.pcm import Pcm
from ivr.ports import Prompts


class Whisperer:
    """Makes one sentence at a time at `rate`."""

    def __init__(self, prompts: Prompts, rate: int) -> None:
        self._prompts = prompts
        self._rate = rate
        self._task: asyncio.Task[Pcm] | None = None

    def begin(self, text: str) -> None:
        """Make it."""
        self.close()
        self._task = asyncio.ensure_future(self._made(text))

    def take(self) -> Pcm | None:
        """The sound, once it is made; empty when the voice failed: then the caller is connected without."""
        if self._task is None or not self._task.done():
            return None
        task, self._task = self._task, None
        return np.zeros(0, dtype=np.int16) if task.cancelled() else task.result()

    def close(self) -> None:
        """The call is over. Harmless when repeated."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _made(self, text: str) -> Pcm:
        parts = []
        try:
            async for sentence in self._prompts.sentences("whisper", text, self._rate):
                parts.append(sentence.pcm)
        except IvrError:  # the caller matters more than the sentence about them
            return np.zeros(0, dtype=np.int16)
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
