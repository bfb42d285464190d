"""When a system that does not answer is left alone for a while. Pure; time is an argument.

pybreaker, the usual library, holds a lock for as long as a call takes, so that one slow answer would hold up
every other caller (its 1.4.1, `CircuitBreaker.call`); hence this.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Closed until `most` failures in a row, then open for `rest` seconds, then one attempt decides."""

    most: int = 5
    rest: float = 30.0
    failures: int = 0
    _until: float = 0.0

    def allows(self, now: float) -> bool:
        """Whether the system may be asked; when it has rested, one attempt is allowed at a time."""
        if self.failures < self.most:
            return True
        if now < self._until:
            return False
        self._until = now + self.rest
        return True

    def succeeded(self) -> None:
        """The system has answered."""
        self.failures = 0

    def failed(self, now: float) -> None:
        """The system has not answered."""
        self.failures += 1
        if self.failures >= self.most:
            self._until = now + self.rest
