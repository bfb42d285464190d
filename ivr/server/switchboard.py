"""Who may come in: seats, by line and in all, and the desk that answers. Pure bookkeeping."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ivr.lines.accept import Refusal, Refused
from ivr.lines.line import Party
from ivr.serving.lines import LineSettings


@dataclass(frozen=True, slots=True)
class Admission:
    """A seat taken: on which line, at which desk, and what the line's settings were at that moment."""

    line: LineSettings
    desk: str
    party: Party


class Switchboard:
    """Counts calls. `most` is the limit of all lines together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.closing = False
        self.refused: Counter[Refusal] = Counter()
        self.answered = 0
        self._calls: Counter[str] = Counter()

    def admit(self, line: LineSettings, party: Party) -> Admission:
        """Take a seat; give it back with `leave`. Raises Refused, which is counted."""
        desk = line.desk_for(party.called)
        if self.closing:
            raise self._refuse(Refusal.CLOSING)
        if desk is None:
            raise self._refuse(Refusal.NO_DESK)
        if self._calls[line.label] >= line.max_calls or self.calls >= self.most:
            raise self._refuse(Refusal.FULL)
        self._calls[line.label] += 1
        return Admission(line, desk, party)

    def leave(self, admission: Admission) -> None:
        """The seat is free."""
        self._calls[admission.line.label] -= 1

    @property
    def calls(self) -> int:
        """Seats taken now."""
        return self._calls.total()

    def calls_of(self, line: LineSettings) -> int:
        """Seats taken on one line."""
        return self._calls[line.label]

    def _refuse(self, reason: Refusal) -> Refused:
        self.refused[reason] += 1
        return Refused(reason)
