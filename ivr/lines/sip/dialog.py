"""What the gate knows of each call, and what was asked and not answered yet."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ivr.lines.sip.farewell import Established
from ivr.lines.sip.flow import Flow, Transport
from ivr.lines.sip.message import address_of, port_of

LINGER = 40.0
"""Seconds after the end in which late copies of messages still find their call (RFC 3261: 64 · T1)."""
UNANSWERED = 60.0
"""Seconds after which a call is given up whose caller never acknowledged our answer."""
UNHEARD = 8.0
"""The same where our own stack has not answered the caller: it could not read what they sent."""
ASKED = 180.0
MOST_ASKED = 20_000
MOST_REFUSALS = 2_000


@dataclass(slots=True)
class Dialog:
    """One call.

    flow       where the caller's messages came from last
    branch     of the INVITE that began it
    outgoing   whether we called
    reliable   whether the caller takes no provisional answers but acknowledged ones
    contact    where the caller wants to be reached
    known      what a BYE of our own would need; None: not answered yet
    sequence   the number of the worker's last request to the other side
    established, ended  times; None: not yet
    expires    when it ends unless it is refreshed (RFC 4028); None: without a timer
    """

    call_id: str
    worker: int
    flow: Flow
    branch: str
    began: float
    timer: int = 0
    outgoing: bool = False
    reliable: bool = False
    contact: str = ""
    known: Established | None = None
    sequence: int = 0
    established: float | None = None
    ended: float | None = None
    expires: float | None = None

    @property
    def again(self) -> Flow | None:
        """Where the other side is reached when the connection of the call is gone: by its Contact's port.

        Only there where its messages came from, whatever it says: nobody can make us connect elsewhere.
        """
        if self.flow.transport is not Transport.TCP:
            return None
        return Flow(Transport.TCP, self.flow.host, port_of(address_of(self.contact)) or 5060)

    @property
    def patience(self) -> float:
        """Seconds that it may take to begin."""
        return UNHEARD if self.known is None and not self.outgoing else UNANSWERED

    def refreshed(self, now: float) -> None:
        """The caller has shown that they are still there."""
        if self.timer:
            self.expires = now + self.timer


class Dialogs:
    """By Call-ID."""

    def __init__(self) -> None:
        self._all: OrderedDict[str, Dialog] = OrderedDict()

    def __len__(self) -> int:
        return len(self._all)

    def get(self, call_id: str) -> Dialog | None:
        """The call, also one that ended a moment ago."""
        return self._all.get(call_id)

    def add(self, dialog: Dialog) -> None:
        """A new call."""
        self._all[dialog.call_id] = dialog

    def drop(self, call_id: str) -> None:
        """Forget it at once."""
        self._all.pop(call_id, None)

    def end(self, call_id: str, now: float) -> None:
        """It is over."""
        dialog = self._all.get(call_id)
        if dialog is not None and dialog.ended is None:
            dialog.ended = now

    def of(self, worker: int) -> list[Dialog]:
        """The calls of one worker."""
        return [dialog for dialog in self._all.values() if dialog.worker == worker and dialog.ended is None]

    def look(self, now: float) -> tuple[list[Dialog], list[Dialog]]:
        """Forget old ones; those that never began, and those whose session timer has run out."""
        for dialog in [d for d in self._all.values() if d.ended is not None and now - d.ended > LINGER]:
            del self._all[dialog.call_id]
        live = [dialog for dialog in self._all.values() if dialog.ended is None]
        silent = [d for d in live if d.established is None and now - d.began > d.patience]
        return silent, [d for d in live if d.expires is not None and now > d.expires]


class Asked:
    """Requests that went through, by the branch we gave them: the way back for their responses."""

    def __init__(self) -> None:
        self._all: OrderedDict[str, tuple[float, Flow | int]] = OrderedDict()

    def put(self, branch: str, who: Flow | int, now: float) -> None:
        """`who` asked; a worker by its number."""
        self._all.pop(branch, None)
        self._all[branch] = (now, who)
        self.look(now)

    def look(self, now: float) -> None:
        """Forget old ones, also where nobody calls any more."""
        while self._all and (len(self._all) > MOST_ASKED or now - next(iter(self._all.values()))[0] > ASKED):
            self._all.popitem(last=False)

    def __len__(self) -> int:
        return len(self._all)

    def who(self, branch: str) -> Flow | int | None:
        """Who asked."""
        return self._all.get(branch, (0.0, None))[1]


class Refusals:
    """What calls were refused with: a copy of the INVITE gets the same answer, also when a seat is free now.

    Otherwise a caller who was told that we are busy would be answered because that answer came late.
    """

    def __init__(self) -> None:
        self._all: OrderedDict[tuple[str, str], tuple[float, int, str]] = OrderedDict()

    def put(self, call_id: str, branch: str, status: int, reason: str, now: float) -> None:
        """Refused."""
        self._all[call_id, branch] = (now, status, reason)
        while self._all and (
            len(self._all) > MOST_REFUSALS or now - next(iter(self._all.values()))[0] > LINGER
        ):
            self._all.popitem(last=False)

    def get(self, call_id: str, branch: str) -> tuple[int, str] | None:
        """Status and reason, None for a call that was not refused."""
        found = self._all.get((call_id, branch))
        return None if found is None else found[1:]
