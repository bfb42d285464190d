"""What is said in a conversation with a person, written down: both sides, where the machine has time for it.

The caller's words come first. While the recognizer's threads have work that waits, nothing of the other side
is read; consoles show which sides are written down.
"""

from __future__ import annotations

from collections.abc import Callable

from ivr.ears.listener import Listener, Spoken
from ivr.ears.pool import RecognizerPool
from ivr.events import Heard
from ivr.media.pcm import FRAME_SECONDS, Pcm

BUSY_SECONDS = 0.5
"""Without a free thread for so long, only the caller is read."""
FREE_SECONDS = 3.0
"""With a free thread all this time, both are again."""


class Capacity:
    """Whether there is time for the other side: a counter of seconds, fed once for each frame. Pure."""

    def __init__(self) -> None:
        self.enough = True
        self._since = 0.0

    def feed(self, *, free: bool) -> bool:
        """20 ms more; `free`: a thread had nothing to do. Whether there is time."""
        if free is self.enough:
            self._since = 0.0
            return self.enough
        self._since += FRAME_SECONDS
        if self._since >= (BUSY_SECONDS if self.enough else FREE_SECONDS) - 1e-6:
            self.enough, self._since = free, 0.0
        return self.enough


class Scribe:
    """The other side of one call. `make` opens ears for it, when somebody comes to speak."""

    def __init__(self, pool: RecognizerPool, make: Callable[[], Listener]) -> None:
        self._pool = pool
        self._make = make
        self._ears: Listener | None = None
        self._capacity = Capacity()

    @property
    def writes(self) -> bool:
        """Whether the other side is written down now."""
        return self._capacity.enough

    async def feed(self, pcm: Pcm) -> list[Heard]:
        """20 ms from the person; what was said, when an utterance has been read."""
        if self._ears is None:
            self._ears = self._make()
        enough = self._capacity.feed(free=self._pool.free)
        if not enough and not self._ears.busy:
            return []
        return [event.heard for event in await self._ears.feed(pcm) if isinstance(event, Spoken)]

    def close(self) -> None:
        """The call is over. Harmless when repeated."""
        if self._ears is not None:
            self._ears.close()
            self._ears = None


class Minutes:
    """Both sides of a conversation that no desk is part of: a call-back. `caller` hears the one we called."""

    def __init__(self, caller: Listener, other: Scribe) -> None:
        self._caller = caller
        self._other = other

    @property
    def both(self) -> bool:
        """Whether the other side is written down now, too."""
        return self._other.writes

    async def feed(self, caller: Pcm, other: Pcm) -> tuple[list[Heard], list[Heard]]:
        """20 ms of each; what the caller and the other side said, when an utterance has been read."""
        self._caller.sent(other)
        said = [event.heard for event in await self._caller.feed(caller) if isinstance(event, Spoken)]
        return said, await self._other.feed(other)

    def close(self) -> None:
        """The call is over. Harmless when repeated."""
        self._caller.close()
        self._other.close()
