"""One stream of what happens in a call, to any number of listeners at the side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ivr.events import Event
from ivr.masking import without_values

Sink: TypeAlias = Callable[[float, Event], None]
"""Takes seconds since the call was answered and the event. Must not block for long and must not raise."""


class Journal:
    """Passes each event on, in order, to every sink; sensitive values are masked before."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    def record(self, at: float, event: Event) -> None:
        """`event` happened `at` seconds after the call was answered."""
        event = without_values(event)
        for sink in self._sinks:
            sink(at, event)
