"""Dispatches that did not arrive, and telling that somebody told the receiver by telephone."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, status
from pydantic import Field

from ivr.accounts.account import Account, Deed
from ivr.console.asked import Body, Who
from ivr.console.gate import Gate
from ivr.console.view import Json
from ivr.errors import StateError
from ivr.floor.dispatch import Dispatches


class ToldBody(Body):
    """Who knows of the emergency now, and of which case."""

    target: str = Field(min_length=1, max_length=64)
    handoff: int


def alarms_of(account: Account, dispatches: Dispatches | None) -> list[Json]:
    """What an account sees on every page."""
    return [
        {
            "target": one.target,
            "handoff": one.handoff,
            "queue": one.queue,
            "want": one.want,
            "since": one.since.timestamp(),
            "attempts": one.attempts,
            "trouble": one.trouble,
            "given_up": one.given_up,
        }
        for one in (() if dispatches is None else dispatches.open)
        if account.sees(one.queue)
    ]


def dispatch_routes(gate: Gate, dispatches: Dispatches | None) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/v1/dispatches", tags=["dispatches"])

    @router.get("")
    async def listed(caller: Who) -> list[Json]:
        """What did not arrive."""
        return alarms_of(caller.account, dispatches)

    @router.post("/told")
    async def told(caller: Who, body: ToldBody) -> list[Json]:
        """The receiver knows it by other means: no more is sent of it, and the alarm ends."""
        mine = alarms_of(caller.account, dispatches)
        if dispatches is None or all(
            (one["target"], one["handoff"]) != (body.target, body.handoff) for one in mine
        ):
            raise HTTPException(status.HTTP_404_NOT_FOUND, "there is no such dispatch that you may see")
        try:
            await dispatches.told(body.handoff, body.target)
        except StateError as error:
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, error.what) from None
        await gate.remember(caller, Deed.WROTE, f"case {body.handoff}: {body.target} was told by telephone")
        return alarms_of(caller.account, dispatches)

    return router
