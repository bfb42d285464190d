"""Passing the caller on: the line tries it beside the call's ticks, so that the sound never stops."""

from __future__ import annotations

from ivr.errand import Errand
from ivr.events import Transfer
from ivr.lines.line import Line, TransferContext, TransferResult


class Passing:
    """The transfers of one call, one at a time.

    call_id, summary_url  go along with the caller, see `TransferContext`
    """

    def __init__(self, line: Line, call_id: str, summary_url: str = "") -> None:
        self._line = line
        self._call_id = call_id
        self._summary_url = summary_url
        self._errand: Errand[tuple[Transfer, TransferResult]] = Errand(paced=line.paced)

    @property
    def active(self) -> bool:
        """Whether the caller is being passed on and the result was not taken yet."""
        return self._errand.active

    async def begin(self, action: Transfer) -> None:
        """Try it; on an unpaced line this waits for the result."""
        await self._errand.begin(self._transfer(action))

    def take(self) -> tuple[Transfer, TransferResult] | None:
        """What became of it, once; None while it is not known. Raises what the line raised."""
        return self._errand.take() if self._errand.done else None

    def give_up(self) -> None:
        """Nothing more comes of it: the caller left, or the desk has other plans."""
        self._errand.give_up()

    async def _transfer(self, action: Transfer) -> tuple[Transfer, TransferResult]:
        context = TransferContext(self._call_id, action.reason, self._summary_url)
        return action, await self._line.transfer(action.route, action.slots, context)
