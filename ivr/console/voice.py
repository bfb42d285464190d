"""The operator's voice in the browser: a WebSocket of 16-bit samples, and what can be done with it.

Binary messages both ways: mono PCM, little endian, at `BROWSER_RATE`, of any length from the browser, 20 ms
each to it. The seat is left when the connection ends.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

import numpy as np
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect, status
from pydantic import BaseModel, ConfigDict

from ivr.accounts.account import Account, Deed, Role
from ivr.console.gate import Caller, Gate, address_of, require, same_origin
from ivr.floor.held import HeldLines
from ivr.floor.room import Part, Room, Seat
from ivr.floor.service import Floor
from ivr.media.pcm import FRAME_SECONDS
from ivr.media.resample import Resampler

BROWSER_RATE = 16_000
MOST_BYTES = 64_000
"""Of one message: two seconds. More is no microphone."""
_REFUSED, _UNAUTHORIZED, _TOO_LARGE = 4403, 4401, 4413


class HoldBody(BaseModel):
    """Whether the caller hears music and nobody hears the caller."""

    model_config = ConfigDict(extra="forbid")
    on: bool


async def _caller(request: Request) -> Caller:
    gate: Gate = request.app.state.gate
    return await gate.caller(request)


Who = Annotated[Caller, Depends(_caller)]


def voice_routes(app: FastAPI, gate: Gate, floor: Floor, lines: HeldLines) -> None:
    """The voice connection, and hold."""

    @app.websocket("/console/voice/{number}")
    async def voice(websocket: WebSocket, number: int, part: Part = Part.TALK) -> None:
        session = await gate.session(websocket) if same_origin(websocket) else None
        await websocket.accept()
        if session is None:
            await websocket.close(_UNAUTHORIZED, "log in")
            return
        account = session.account
        sat = lines.sit(number, account.name, part) if _may(floor, account, number, part) else None
        if sat is None:
            await websocket.close(
                _REFUSED, "this conversation is not yours, or its caller is not on the line"
            )
            return
        room, seat = sat
        if part is not Part.TALK:
            await gate.remember(
                Caller(account, address_of(websocket)), Deed.LISTENED, f"case {number}, {part.value}"
            )
        floor.changed()
        sending = asyncio.create_task(_send(websocket, room, seat))
        try:
            await _receive(websocket, room, seat)
        finally:
            sending.cancel()
            room.rise(seat)
            floor.changed()

    @app.post("/api/v1/handoffs/{number}/hold", tags=["console"])
    async def hold(caller: Who, number: int, body: HoldBody) -> dict[str, object]:
        """Play music to the caller, or stop it."""
        _mine(floor, caller, number)
        held = lines.caller(number)
        if held is None:
            raise HTTPException(status.HTTP_409_CONFLICT, "the caller is not on the line")
        held.room.on_hold = body.on
        floor.changed()
        return {"on_hold": body.on}

    @app.post("/api/v1/handoffs/{number}/mute", tags=["console"])
    async def mute(caller: Who, number: int, body: HoldBody) -> dict[str, object]:
        """Let nobody hear one's microphone, or let them hear it again."""
        held = lines.caller(number)
        for seat in () if held is None else held.room.seats:
            if seat.name == caller.account.name:
                seat.muted = body.on
        floor.changed()
        return {"muted": body.on}


def _may(floor: Floor, account: Account, number: int, part: Part) -> bool:
    """One talks with one's own caller; supervisors come into every conversation."""
    talk = floor.distributor.floor.talks.get(number)
    if talk is None:
        return False
    return account.role.may(Role.SUPERVISOR) or (part is Part.TALK and talk.operator == account.name)


def _mine(floor: Floor, caller: Caller, number: int) -> None:
    talk = floor.distributor.floor.talks.get(number)
    if talk is None or talk.operator != caller.account.name:
        require(caller, Role.SUPERVISOR)


async def _receive(websocket: WebSocket, room: Room, seat: Seat) -> None:
    """The microphone, until the connection ends."""
    to_room = Resampler(BROWSER_RATE, room.rate)
    with suppress(WebSocketDisconnect, RuntimeError, KeyError):  # KeyError: text where samples belong
        while True:
            data = await websocket.receive_bytes()
            if len(data) > MOST_BYTES or len(data) % 2:
                await websocket.close(_TOO_LARGE, "these are no samples")
                return
            seat.microphone.feed(to_room.feed(np.frombuffer(data, dtype="<i2").astype(np.int16)))


async def _send(websocket: WebSocket, room: Room, seat: Seat) -> None:
    """What the seat's owner should hear. The room's own ticks make it; here it is only fetched."""
    to_browser = Resampler(room.rate, BROWSER_RATE)
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            while seat.ear:
                frame = to_browser.feed(seat.ear.popleft())
                if len(frame):
                    await websocket.send_bytes(frame.astype("<i2").tobytes())
            await asyncio.sleep(FRAME_SECONDS / 2)
