"""How calls come in while we serve: what a listener offers the server, and what the server offers a listener.

A listener (`LineServer`) waits for calls of one kind. Before it answers one it asks the `Door` for a `Seat`;
that takes no time and is refused when all seats are taken. Answered, the call is given to the seat as a
`Line`; the server holds it and gives the seat back at its end::

    try:
        seat = door.admit(Party("sip:...", caller, called))
    except Refused as refused:
        ...                          # 486, 503, 404: by `refused.reason`
    ...                              # answer; if the caller left meanwhile: seat.leave()
    seat.hold(line)
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from ivr.events import Event
from ivr.lines.line import Line, Party

Watcher: TypeAlias = Callable[[float, Event], None]
"""Sees every event of one call, as `ivr.journal.Sink`: a page that shows what is said."""


class Refusal(enum.Enum):
    """Why a call is not answered."""

    FULL = "all seats are taken"
    CLOSING = "the server is about to end"
    DOWN = "the line cannot take calls at this moment"
    NO_DESK = "no desk answers this number"


class Refused(Exception):  # noqa: N818 - not an error: a busy tone
    """The call cannot be answered now."""

    def __init__(self, reason: Refusal) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Seat(Protocol):
    """The right to answer one call. Use exactly one of its methods, once; more are harmless."""

    def hold(self, line: Line, *watchers: Watcher) -> None:
        """The call is answered: hold it, in a task of its own; the line is hung up at its end."""

    def leave(self) -> None:
        """The caller left before the answer, or the call could not be answered."""


class Door(Protocol):
    """The way in of one line."""

    def admit(self, party: Party) -> Seat:
        """A seat for a call from `party.caller` to `party.called`. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a listener does.

    ready    whether it would answer a call now
    detail   why not, or what a person should know; one line, no secrets
    numbers  counters by name, for the health page
    """

    ready: bool
    detail: str = ""
    numbers: dict[str, int] = field(default_factory=dict)


class LineServer(Protocol):
    """Listens for calls of one kind, on the server's event loop."""

    async def start(self, door: Door) -> None:
        """Begin to listen. Raises LineError when it cannot."""

    def health(self) -> Health:
        """Takes no time."""

    async def stop_accepting(self) -> None:
        """No new calls; those in progress go on. Harmless when repeated."""

    async def close(self) -> None:
        """Let go of everything; the calls are over or will see LineClosed. Harmless when repeated."""
