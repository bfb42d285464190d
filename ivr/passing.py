"""Passing the caller on: the line tries it beside the call's ticks, so that the sound never stops."""

from __future__ import annotations

import asyncio

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
        self._action: Transfer | None = None
        self._task: asyncio.Task[TransferResult] | None = None

    @property
    def active(self) -> bool:
        """Whether the caller is being passed on and the result was not taken yet."""
        return self._task is not None

    async def begin(self, action: Transfer) -> None:
        """Try it; on an unpaced line this waits for the result, so that it takes no time of the call."""
        context = TransferContext(self._call_id, action.reason, self._summary_url)
        self._action = action
        self._task = asyncio.ensure_future(self._line.transfer(action.route, action.slots, context))
        if not self._line.paced:
            await asyncio.wait([self._task])

    def take(self) -> tuple[Transfer, TransferResult] | None:
        """What became of it, once; None while it is not known. Raises what the line raised."""
        if self._task is None or self._action is None or not self._task.done():
            return None
        task, self._task = self._task, None
        return self._action, task.result()

    def give_up(self) -> None:
        """Nothing more comes of it: the caller left, or the desk has other plans."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
