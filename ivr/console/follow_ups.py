"""Follow-ups as JSON: what is to be done for callers after their calls, for operators of the queue."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, HTTPException, Query, status
from pydantic import AwareDatetime, Field

from ivr.accounts.account import Account, Deed, Role
from ivr.console.asked import Body, Who
from ivr.console.gate import Caller, Gate
from ivr.console.live import Bell
from ivr.console.view import Json
from ivr.errors import HandoffError, StateError, UnknownError
from ivr.floor.service import Floor
from ivr.handoff.followup import FollowUp, FollowUpState, FollowUpStep, FollowUpStepKind, is_overdue
from ivr.handover import FollowUpKind

LONGEST_NOTE = 4_000

_T = TypeVar("_T")


class Show(enum.StrEnum):
    """Which follow-ups are listed."""

    OPEN = "open"
    """Nobody has settled them."""
    OVERDUE = "overdue"
    MINE = "mine"
    SETTLED = "settled"
    ALL = "all"


class NoteBody(Body):
    """Something to remember."""

    note: str = Field(min_length=1, max_length=LONGEST_NOTE)


class OwnerBody(Body):
    """Who does it from now on."""

    owner: str = Field(min_length=1, max_length=63)


class DueBody(Body):
    """Until when it is to be done."""

    due: AwareDatetime


class Ending(enum.StrEnum):
    """How a follow-up is settled."""

    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class SettleBody(Body):
    """What came of it."""

    state: Ending = Ending.DONE
    outcome: str = Field(default="", max_length=LONGEST_NOTE)


def follow_up_routes(gate: Gate, floor: Floor, bell: Bell) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/v1/follow-ups", tags=["follow-ups"])
    store = floor.store.follow_ups

    @router.get("")
    async def listed(
        caller: Who,
        show: Show = Show.OPEN,
        kind: FollowUpKind | None = None,
        queue: Annotated[str, Query(max_length=200)] = "",
        q: Annotated[str, Query(max_length=500)] = "",
    ) -> list[Json]:
        """Follow-ups of one's queues, overdue ones first, then by their time."""
        now, account = floor.clock.wall(), caller.account
        queues = _queues(account, queue)
        settled = {Show.SETTLED: True, Show.ALL: None}.get(show, False)
        found = await _kept(
            lambda: store.find(
                q,
                settled=settled,
                kind=kind,
                queues=queues,
                owner=account.name if show is Show.MINE else None,
                overdue_at=now if show is Show.OVERDUE else None,
            )
        )
        await gate.remember(caller, Deed.SAW, f"follow-ups with {q[:100]!r}" if q else "follow-ups")
        return [brief(one, now) for one in found]

    @router.get("/{number}")
    async def one(caller: Who, number: int) -> Json:
        """All that is known of one."""
        found = await seen(caller, number)
        steps = await _kept(lambda: store.history(number))
        await gate.remember(caller, Deed.SAW, f"follow-up {number}")
        return card(found, steps, floor.clock.wall(), _may(caller.account, found))

    @router.post("/{number}/take")
    async def take(caller: Who, number: int) -> Json:
        """It is one's own from now on."""
        name = caller.account.name
        return await change(
            caller, number, Deed.TOOK, "", lambda now: store.take(number, name, now=now), others=True
        )

    @router.post("/{number}/note")
    async def note(caller: Who, number: int, body: NoteBody) -> Json:
        """Remember something about it: everybody of the queue may."""
        name = caller.account.name
        return await change(
            caller,
            number,
            Deed.WROTE,
            "a note",
            lambda now: store.note(number, body.note, by=name, now=now),
            others=True,
        )

    @router.post("/{number}/settle")
    async def settle(caller: Who, number: int, body: SettleBody) -> Json:
        """It is done, missed or cancelled."""
        kind, name = FollowUpStepKind(body.state.value), caller.account.name
        told = await change(
            caller,
            number,
            Deed.WROTE,
            body.state.value,
            lambda now: store.settle(number, kind, body.outcome.strip(), by=name, now=now),
        )
        with suppress(StateError):  # said in the log by the floor itself, which looks again soon
            await floor.look()  # who waited for this call-back is offered to nobody any more
        return told

    @router.post("/{number}/reassign")
    async def reassign(caller: Who, number: int, body: OwnerBody) -> Json:
        """Somebody else of the queue does it."""
        found = await seen(caller, number)
        owners = await _owners(gate, found)
        if body.owner not in owners:
            detail = f"{body.owner} does not take follow-ups of {found.request.queue}"
            raise HTTPException(status.HTTP_409_CONFLICT, detail)
        name = caller.account.name
        return await change(
            caller,
            number,
            Deed.MOVED,
            f"to {body.owner}",
            lambda now: store.reassign(number, body.owner, by=name, now=now),
        )

    @router.post("/{number}/postpone")
    async def postpone(caller: Who, number: int, body: DueBody) -> Json:
        """Another time was agreed with the caller."""
        name = caller.account.name
        about = f"until {body.due.isoformat(timespec='minutes')}"
        return await change(
            caller, number, Deed.MOVED, about, lambda now: store.postpone(number, body.due, by=name, now=now)
        )

    @router.post("/{number}/reopen")
    async def reopen(caller: Who, number: int) -> Json:
        """It is to be done after all."""
        name = caller.account.name
        return await change(
            caller, number, Deed.MOVED, "reopened", lambda now: store.reopen(number, by=name, now=now)
        )

    @router.get("/{number}/owners")
    async def owners(caller: Who, number: int) -> list[str]:
        """Who may do it."""
        return await _owners(gate, await seen(caller, number))

    async def seen(caller: Caller, number: int) -> FollowUp:
        """The follow-up, if it is any of the caller's business. Raises HTTPException 404 also for others'."""
        try:
            found = await _kept(lambda: store.get(number))
        except UnknownError:
            found = None
        account = caller.account
        if found is None or not (account.sees(found.request.queue) or found.owner == account.name):
            detail = f"there is no follow-up {number} that you may see"
            raise HTTPException(status.HTTP_404_NOT_FOUND, detail)
        return found

    async def change(
        caller: Caller,
        number: int,
        deed: Deed,
        about: str,
        work: Callable[[datetime], FollowUp],
        *,
        others: bool = False,
    ) -> Json:
        """Make a step; `others`: also one that is somebody else's."""
        found = await seen(caller, number)
        if not others and not _may(caller.account, found):
            raise HTTPException(status.HTTP_403_FORBIDDEN, f"the follow-up is {found.owner}'s")
        try:
            await _kept(lambda: work(floor.clock.wall()))
        except HandoffError as error:
            raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from None
        await gate.remember(caller, deed, f"follow-up {number}{': ' if about else ''}{about}")
        bell.count_again()
        return await one(caller, number)

    async def _kept(work: Callable[[], _T]) -> _T:
        try:
            return await asyncio.to_thread(work)
        except StateError as error:
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, error.what) from None

    return router


def _queues(account: Account, queue: str) -> frozenset[str] | None:
    """The queues whose follow-ups are listed; None for all."""
    mine = None if account.role.may(Role.SUPERVISOR) else account.queues
    if not queue:
        return mine
    return frozenset({queue}) if mine is None or queue in mine else frozenset()


def _may(account: Account, found: FollowUp) -> bool:
    """Whether the account may settle it or give it away: its owner, supervisors, all while it is nobody's."""
    return found.owner in ("", account.name) or account.role.may(Role.SUPERVISOR)


async def _owners(gate: Gate, found: FollowUp) -> list[str]:
    accounts = await asyncio.to_thread(gate.accounts.all)
    return sorted(one.name for one in accounts if not one.disabled and one.sees(found.request.queue))


def brief(one: FollowUp, now: datetime) -> Json:
    """One line of a list. Times are seconds since 1970."""
    request = one.request
    return {
        "id": one.id,
        "kind": request.kind.value,
        "what": request.what,
        "queue": request.queue,
        "desk": request.desk,
        "to": request.addressee,
        "contact": request.contact or request.caller,
        "made": one.made.timestamp(),
        "due": None if one.due is None else one.due.timestamp(),
        "overdue": is_overdue(one, now),
        "state": one.state.value,
        "owner": one.owner,
        "outcome": one.outcome,
    }


def card(one: FollowUp, steps: tuple[FollowUpStep, ...], now: datetime, mine: bool) -> Json:
    """All that is known of one; `mine`: whoever asks may settle it."""
    return brief(one, now) | {
        "call": one.request.call_id,
        "caller": one.request.caller,
        "handoff": one.handoff,
        "may": mine,
        "settled": None if one.settled is None else one.settled.timestamp(),
        "open": one.state in (FollowUpState.OPEN, FollowUpState.IN_PROGRESS),
        "slots": [{"name": slot.name, "value": slot.value, "said": slot.said} for slot in one.request.slots],
        "steps": [
            {"kind": step.kind.value, "at": step.at.timestamp(), "who": step.who, "note": step.note}
            for step in steps
        ],
    }
