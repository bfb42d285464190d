"""Which key events of the stack are keys (RFC 4733). Pure; time is an argument."""

from __future__ import annotations

LATE_SECONDS = 0.06
"""A packet of a key that the network delivers behind the key's last one looks to the stack like the same key
once more. Who presses a key twice leaves more time between: people 100 ms, dialling machines 65."""


class KeyEvents:
    """Of one call."""

    def __init__(self) -> None:
        self._key = ""
        self._ended: float | None = None

    def began(self, key: str, now: float) -> bool:
        """An event began: whether it is a key, not a late packet of the one before."""
        late = key == self._key and self._ended is not None and now - self._ended < LATE_SECONDS
        if not late:
            self._key, self._ended = key, None
        return not late

    def ended(self, now: float) -> None:
        """An event ended."""
        self._ended = now
