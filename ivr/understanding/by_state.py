"""What was worked out once for a state of the dialog, by what it listens for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ivr.meaning import Expect, SlotSpec

KEPT = 64

Found = TypeVar("Found")


class ByState(Generic[Found]):
    """One result for each state, made when first asked for; used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[object, ...], tuple[SlotSpec | None, Found]] = {}

    def of(self, expect: Expect, make: Callable[[], Found], *more: object) -> Found:
        """The result for a state; `more` is what else it depends on. Two threads never make the same."""
        # By identity: a directory of 5,000 names is not hashed for every question.
        key = (expect.intents, id(expect.slot), expect.commands, *more)
        with self._lock:
            known = self._known.get(key)
            if known is None or known[0] is not expect.slot:
                if len(self._known) >= KEPT:
                    self._known.clear()
                known = self._known[key] = (expect.slot, make())
        return known[1]
