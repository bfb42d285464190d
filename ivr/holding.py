"""When a caller who waits for us hears that we are still there: counters of seconds, without sound.

People take two seconds of silence on a telephone for a broken line. While the desk works (reads what was
said, looks something up, has a prompt made, calls somebody) a holding phrase comes before that.
"""

from __future__ import annotations

from ivr.events import Say
from ivr.media.pcm import FRAME_SECONDS

SILENCE = 1.2
"""Seconds without anybody's voice after which a phrase is due: it is heard before 1.5 s are over."""
WORK = 0.24
"""Seconds of work before a phrase: the end of an utterance may itself have been 1.2 s of silence, and its
reading is mostly there at once."""


class Holding:
    """The silence of one call. `phrases` are said in turn; after the last comes the second."""

    def __init__(self, phrases: tuple[Say, ...]) -> None:
        self._phrases = phrases
        self._said = 0
        self._since = 0.0
        self._work = 0.0

    def change(self, phrases: tuple[Say, ...]) -> None:
        """From now on these phrases."""
        self._phrases, self._said = phrases, 0

    def spoke(self, until: float) -> None:
        """The caller spoke until then."""
        self._since = max(self._since, until)

    def feed(self, now: float, *, audible: bool, working: bool) -> Say | None:
        """20 ms more; the phrase that is due.

        audible  the desk's sound is in the frame that goes out
        working  the caller waits for us, not we for the caller
        """
        if audible:
            self._since = now
        if not working:
            self._work, self._said = 0.0, 0
            return None
        self._work += FRAME_SECONDS
        if not self._phrases or now - self._since < SILENCE - 1e-6 or self._work < WORK - 1e-6:
            return None
        self._since = now
        number = self._said if self._said < len(self._phrases) else self._later()
        self._said += 1
        return self._phrases[number]

    def _later(self) -> int:
        """Which phrase when all were said: the first is for the beginning only."""
        rest = max(1, len(self._phrases) - 1)
        return (self._said - len(self._phrases)) % rest + (1 if len(self._phrases) > 1 else 0)
