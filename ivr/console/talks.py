"""What can be done in a conversation beside talking: pass on, bring in, hold, mute, keys. Over JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, status
from pydantic import Field

from ivr.accounts.account import Deed, Role
from ivr.console.asked import Body, Who, seen_by
from ivr.console.gate import Caller, Gate, require
from ivr.floor.held import HeldCaller
from ivr.floor.lines import HeldLines
from ivr.floor.service import Floor
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.floor import Talk
from ivr.handover import Route

_NUMBER = r"^\+?[0-9*#]{1,32}$"


class SwitchBody(Body):
    """On or off."""

    on: bool


class PassOnBody(Body):
    """Where to: exactly one of them. A queue, a route of the desk, or a number."""

    queue: str = Field(default="", max_length=200)
    route: str = Field(default="", max_length=200)
    number: str = Field(default="", pattern=rf"^$|{_NUMBER}")


class AskBody(Body):
    """Which colleague; with `hand_over`, they get the conversation instead."""

    colleague: str = Field(min_length=1, max_length=64)
    hand_over: bool = False


class KeysBody(Body):
    """Keys of a telephone."""

    keys: str = Field(pattern=r"^[0-9*#A-D]{1,32}$")


class NotesBody(Body):
    """Notes so far."""

    notes: Annotated[str, Field(max_length=20_000)]


def talk_routes(gate: Gate, floor: Floor, lines: HeldLines) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/v1/handoffs/{number}", tags=["console"])

    @router.post("/pass-on")
    async def pass_on(caller: Who, number: int, body: PassOnBody) -> dict[str, object]:
        """Pass the caller on: to a queue, where they keep their place, or to somebody outside."""
        _mine(floor, caller, number)
        if sum(map(bool, (body.queue, body.route, body.number))) != 1:
            raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "give queue, route or number")
        if body.queue:
            if body.queue not in floor.distributor.floor.rules:
                raise HTTPException(status.HTTP_409_CONFLICT, f"there is no queue {body.queue}")
            await floor.tell(told.PassedOn(caller.account.name, number, body.queue))
        else:
            held = _held(lines, number)
            route = _route(held, body)
            want = (await seen_by(floor, caller, number)).request.want
            if not held.pass_on(route, want):
                raise HTTPException(status.HTTP_409_CONFLICT, "somebody is called already")
        where = body.queue or body.route or body.number
        await gate.remember(caller, Deed.MOVED, f"case {number}: passed on to {where}")
        return {"passed_on": where}

    @router.post("/take-back")
    async def take_back(caller: Who, number: int) -> dict[str, object]:
        """Call nobody outside any more."""
        _mine(floor, caller, number)
        _held(lines, number).take_back()
        return {}

    @router.post("/ask")
    async def ask(caller: Who, number: int, body: AskBody) -> dict[str, object]:
        """Ask a colleague into the conversation."""
        _mine(floor, caller, number)
        message = told.Asked(caller.account.name, number, body.colleague, body.hand_over)
        for action in await floor.tell(message):
            if isinstance(action, do.TooLate):
                raise HTTPException(status.HTTP_409_CONFLICT, f"{body.colleague} {action.why}")
        await gate.remember(caller, Deed.MOVED, f"case {number}: asked {body.colleague} in")
        return {}

    @router.post("/leave")
    async def leave(caller: Who, number: int) -> dict[str, object]:
        """Leave a conversation that goes on without one."""
        talk = _talk(floor, number)
        if not talk.has(caller.account.name) or not talk.guests:
            raise HTTPException(status.HTTP_409_CONFLICT, "nobody else would be with the caller")
        await floor.tell(told.Left(caller.account.name, number))
        return {}

    @router.post("/take-over")
    async def take_over(caller: Who, number: int) -> dict[str, object]:
        """Take a conversation over from its operator."""
        require(caller, Role.SUPERVISOR)
        await seen_by(floor, caller, number)
        account = caller.account
        await floor.tell(told.SignedOn(account.name, account.queues, account.skills))
        for action in await floor.tell(told.TakenOver(account.name, number)):
            if isinstance(action, do.TooLate):
                raise HTTPException(status.HTTP_409_CONFLICT, "you talk with somebody else")
        await gate.remember(caller, Deed.TOOK, f"case {number}, from its operator")
        return {}

    @router.post("/keys")
    async def keys(caller: Who, number: int, body: KeysBody) -> dict[str, object]:
        """Press keys on the caller's line."""
        _mine(floor, caller, number)
        _held(lines, number).press(body.keys)
        return {}

    @router.post("/notes")
    async def notes(caller: Who, number: int, body: NotesBody) -> dict[str, object]:
        """Keep what was noted so far; whoever gets the caller next sees it."""
        if (await seen_by(floor, caller, number)).operator != caller.account.name:
            raise HTTPException(status.HTTP_403_FORBIDDEN, "the case is another operator's")
        await floor.note(number, body.notes)
        return {}

    @router.post("/hold")
    async def hold(caller: Who, number: int, body: SwitchBody) -> dict[str, object]:
        """Play music to the caller, or stop it."""
        _mine(floor, caller, number)
        _held(lines, number).room.on_hold = body.on
        floor.changed()
        return {"on_hold": body.on}

    @router.post("/mute")
    async def mute(caller: Who, number: int, body: SwitchBody) -> dict[str, object]:
        """Let nobody hear one's microphone, or let them hear it again."""
        held = lines.caller(number)
        for seat in () if held is None else held.room.seats:
            if seat.name == caller.account.name:
                seat.muted = body.on
        floor.changed()
        return {"muted": body.on}

    return router


def _route(held: HeldCaller, body: PassOnBody) -> Route:
    if body.number:
        return Route(body.number, body.number, extension=body.number)
    found = next((route for route in held.routes if route.name == body.route), None)
    if found is None:
        raise HTTPException(status.HTTP_409_CONFLICT, f"the desk has no route {body.route}")
    return found


def _talk(floor: Floor, number: int) -> Talk:
    talk = floor.distributor.floor.talks.get(number)
    if talk is None:
        raise HTTPException(status.HTTP_409_CONFLICT, "the conversation is over")
    return talk


def _mine(floor: Floor, caller: Caller, number: int) -> None:
    """Only the operator of a conversation decides about it. Raises HTTPException."""
    if _talk(floor, number).operator != caller.account.name:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "the conversation is another operator's")


def _held(lines: HeldLines, number: int) -> HeldCaller:
    held = lines.caller(number)
    if held is None:
        raise HTTPException(status.HTTP_409_CONFLICT, "the caller is not on the line")
    return held
