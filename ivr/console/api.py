"""The actions of the console as JSON, for its pages and for programs. /api/openapi.json describes them."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, status
from pydantic import Field

from ivr.accounts.account import Deed, Role
from ivr.console.asked import Body, Who, seen_by
from ivr.console.gate import Caller, Gate, require
from ivr.console.live import Bell
from ivr.console.view import brief, card, picture
from ivr.errors import HandoffError
from ivr.floor.lines import HeldLines
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.queue import Handoff
from ivr.handoff.search import search

LONGEST_NOTES = 20_000


class AwayBody(Body):
    """Why an operator takes no callers."""

    reason: str = Field(default="", max_length=200)


class WriteUpBody(Body):
    """What came of a call."""

    disposition: str = Field(min_length=1, max_length=200)
    notes: str = Field(default="", max_length=LONGEST_NOTES)


class MoveBody(Body):
    """Where somebody who waits belongs."""

    queue: str = Field(min_length=1, max_length=200)
    priority: int = Field(ge=0, le=9)


def api(gate: Gate, floor: Floor, lines: HeldLines, phones: Phones, bell: Bell) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/v1", tags=["console"])

    @router.get("/state")
    async def state(caller: Who) -> dict[str, object]:
        """What moves: oneself, the waiting line, colleagues, queues."""
        return picture(caller.account, floor.distributor.floor, floor.handoffs, bell.days, floor.clock.now())

    @router.post("/me/ready")
    async def ready(caller: Who) -> dict[str, object]:
        """Take callers from now on."""
        await _present(floor, phones, caller)
        await floor.tell(told.Ready(caller.account.name))
        return await state(caller)

    @router.post("/me/away")
    async def away(caller: Who, body: AwayBody) -> dict[str, object]:
        """Take no more callers, after the present one."""
        await floor.tell(told.Away(caller.account.name, body.reason))
        return await state(caller)

    @router.get("/handoffs")
    async def handoffs(caller: Who, q: str = "") -> list[dict[str, object]]:
        """Earlier cases that hold the words of `q`, the latest first."""
        account = caller.account
        queues = None if account.role.may(Role.SUPERVISOR) else account.queues
        found = await floor.kept(lambda: search(floor.store, q[:500], queues=queues))
        await gate.remember(caller, Deed.SAW, f"cases with {q[:100]!r}" if q else "cases")
        return [brief(handoff) for handoff in found]

    @router.get("/handoffs/{number}")
    async def one(caller: Who, number: int) -> dict[str, object]:
        """All that is known of one case."""
        handoff = await seen_by(floor, caller, number)
        request = handoff.request
        steps = await floor.kept(floor.store.history, number)
        earlier: tuple[Handoff, ...] = ()
        if request.caller:
            earlier = await floor.kept(lambda: search(floor.store, caller=request.caller, most=10))
            earlier = tuple(other for other in earlier if caller.account.sees(other.request.queue))
        await gate.remember(caller, Deed.SAW, f"case {number}")
        return card(handoff, steps, earlier)

    @router.post("/handoffs/{number}/accept")
    async def accept(caller: Who, number: int) -> dict[str, object]:
        """Take the caller that is on offer."""
        await seen_by(floor, caller, number)
        return await _answered(told.Accepted(caller.account.name, number), caller, number)

    @router.post("/handoffs/{number}/take")
    async def take(caller: Who, number: int) -> dict[str, object]:
        """Take somebody from the waiting line without an offer."""
        await seen_by(floor, caller, number)
        await _present(floor, phones, caller)
        return await _answered(told.Taken(caller.account.name, number), caller, number)

    async def _answered(message: told.Message, caller: Caller, number: int) -> dict[str, object]:
        done = await floor.tell(message)
        late = next((action for action in done if isinstance(action, do.TooLate)), None)
        if late is not None and late.handoff == number:
            raise HTTPException(status.HTTP_409_CONFLICT, late.why.value)
        await gate.remember(caller, Deed.TOOK, f"case {number}")
        return await one(caller, number)

    @router.post("/handoffs/{number}/decline")
    async def decline(caller: Who, number: int) -> dict[str, object]:
        """Leave the offer to the next."""
        await floor.tell(told.Declined(caller.account.name, number))
        return await state(caller)

    @router.post("/handoffs/{number}/end")
    async def end(caller: Who, number: int) -> dict[str, object]:
        """The conversation is over."""
        held = lines.caller(number)
        # Who gives up before anybody has answered has not reached them: they are called again.
        kind = told.NotReached if held is not None and held.calling else told.Ended
        await floor.tell(kind(caller.account.name, number))
        return await state(caller)

    @router.post("/handoffs/{number}/not-reached")
    async def not_reached(caller: Who, number: int) -> dict[str, object]:
        """Nobody answered the call-back: it is tried again later."""
        await floor.tell(told.NotReached(caller.account.name, number))
        return await state(caller)

    @router.post("/handoffs/{number}/write-up")
    async def write_up(caller: Who, number: int, body: WriteUpBody) -> dict[str, object]:
        """What came of it; ready for the next."""
        handoff = await seen_by(floor, caller, number)
        if handoff.operator != caller.account.name and not caller.account.role.may(Role.SUPERVISOR):
            raise HTTPException(status.HTTP_403_FORBIDDEN, "the case is another operator's")
        talk = floor.distributor.floor.talks.get(number)
        if talk is not None and talk.operator != caller.account.name:
            raise HTTPException(status.HTTP_409_CONFLICT, f"{talk.operator} still talks with the caller")
        await floor.tell(told.Ended(caller.account.name, number))
        try:
            await floor.write_up(number, handoff.operator, body.disposition, body.notes)
        except HandoffError as error:
            raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from None
        await gate.remember(caller, Deed.WROTE, f"case {number}: {body.disposition}")
        return await state(caller)

    @router.post("/handoffs/{number}/move")
    async def move(caller: Who, number: int, body: MoveBody) -> dict[str, object]:
        """Put somebody who waits into another queue, or give them another priority."""
        require(caller, Role.SUPERVISOR)
        await seen_by(floor, caller, number)
        if not await floor.move(number, body.queue, body.priority, caller.account.name):
            raise HTTPException(status.HTTP_409_CONFLICT, "does not wait any more")
        await gate.remember(caller, Deed.MOVED, f"case {number} to {body.queue}, priority {body.priority}")
        return await state(caller)

    @router.get("/audit")
    async def audit(caller: Who) -> list[dict[str, object]]:
        """Who saw, took and changed what, the latest first."""
        require(caller, Role.ADMIN)
        return [
            {"at": line.at.timestamp(), "who": line.who, "deed": line.deed.value, "about": line.about}
            | {"address": line.address}
            for line in await floor.kept(gate.accounts.remembered)
        ]

    return router


async def _present(floor: Floor, phones: Phones, caller: Caller) -> None:
    """A program has no page that signs its operator on."""
    account = caller.account
    phones.know(account.name, account.phone)
    if account.name not in floor.distributor.floor.operators:
        await floor.tell(told.SignedOn(account.name, account.queues, account.skills))
