"""How a call ends: by the dialog, with somebody else, or because the caller has left."""

from __future__ import annotations

from ivr.conversation import Conversation
from ivr.events import (
    BridgeEnded,
    CallBackAsked,
    CallEnded,
    HandOff,
    HangUp,
    HungUp,
    Outcome,
    Transfer,
    Transferred,
)
from ivr.handing import Handing
from ivr.journal import Journal
from ivr.lines.line import TransferOutcome, TransferResult
from ivr.passing import Passing
from ivr.waiting import Waiting


class Ending:
    """The end of one call; `ended` is None until it has come."""

    def __init__(
        self, talk: Conversation, passing: Passing, handing: Handing, waiting: Waiting, journal: Journal
    ) -> None:
        self._talk = talk
        self._passing = passing
        self._handing = handing
        self._waiting = waiting
        self._journal = journal
        self.ended: CallEnded | None = None

    def end(self, action: HangUp, now: float) -> None:
        """This is the end."""
        self.ended = CallEnded(action.outcome, action.detail, round(now, 3))
        self._journal.record(now, self.ended)

    async def passed(self, action: Transfer, result: TransferResult, now: float) -> bool:
        """What became of a transfer: whether it was done. It is the end, unless we have to join both."""
        done = result.outcome is TransferOutcome.DONE
        self._journal.record(now, Transferred(action.route.name, done, result.detail))
        if done:
            await self._handing.settle(action.route.name, now)
        if done and not self._passing.joined:
            self.end(HangUp(Outcome.ROUTED, action.route.name), now)
        return done

    def bridge_over(self, over: BridgeEnded, now: float) -> None:
        """The two whom we had joined have hung up."""
        self._journal.record(now, over)
        self.end(HangUp(Outcome.ROUTED, over.route), now)

    async def caller_left(self, fault: str, now: float) -> CallEnded:
        """The call ends as the dialog says; one that broke off (`fault`) says why instead of "abandoned"."""
        passed = self._passing.take()
        if passed is not None and passed[1].outcome is TransferOutcome.DONE:
            await self.passed(*passed, now)  # the line ended because the caller is with somebody else
        if self.ended is None and (over := self._passing.left(now)) is not None:
            self.bridge_over(over, now)
        await self._queued(now)
        if self.ended is None and self._waiting.person:
            self.end(HangUp(Outcome.HANDED_OFF, self._waiting.person), now)
        if self.ended is None:
            await self._as_the_dialog_says(fault, now)
        if self.ended is None:
            self.end(HangUp(Outcome.FAILED, fault) if fault else HangUp(Outcome.ABANDONED), now)
        assert self.ended is not None
        return self.ended

    async def _as_the_dialog_says(self, fault: str, now: float) -> None:
        for action in self._talk.handle(HungUp(), now):
            match action:
                case HandOff():
                    await self._handing.begin(action, now)
                    await self._queued(now)
                case CallBackAsked():
                    await self._handing.begin_call_back(action)
                    await self._queued(now)
                case HangUp(outcome=Outcome.ABANDONED) if fault:
                    self.end(HangUp(Outcome.FAILED, fault), now)
                case HangUp():
                    self.end(action, now)

    async def _queued(self, now: float) -> None:
        """The queue has what was given to it, or the dialog knows that it has not."""
        await self._handing.wait()
        if (failed := self._handing.take(now)) is not None:
            self._talk.handle(failed, now)
