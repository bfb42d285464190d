"""The operator's voice in the browser: a WebSocket of 16-bit samples.

Binary messages both ways: mono PCM, little endian, at `BROWSER_RATE`, of any length from the browser, 20 ms
each to it. The seat is left when the connection ends.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import numpy as np
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from ivr.accounts.account import Account, Deed, Role
from ivr.console.gate import Caller, Gate, address_of, same_origin
from ivr.floor.lines import HeldLines
from ivr.floor.room import Part, Room, Seat
from ivr.floor.service import Floor
from ivr.media.pcm import FRAME_SECONDS
from ivr.media.resample import Resampler

BROWSER_RATE = 16_000
MOST_BYTES = 64_000
"""Of one message: two seconds. More is no microphone."""
_REFUSED, _UNAUTHORIZED, _TOO_LARGE, _ELSEWHERE, _OVER = 4403, 4401, 4413, 4409, 4410


def voice_routes(app: FastAPI, gate: Gate, floor: Floor, lines: HeldLines) -> None:
    """The voice connection."""

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


def _may(floor: Floor, account: Account, number: int, part: Part) -> bool:
    """One talks with one's own caller; supervisors come into every conversation."""
    talk = floor.distributor.floor.talks.get(number)
    if talk is None:
        return False
    return account.role.may(Role.SUPERVISOR) or (part is Part.TALK and talk.has(account.name))


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
        while seat.there:
            while seat.ear:
                frame = to_browser.feed(seat.ear.popleft())
                if len(frame):
                    await websocket.send_bytes(frame.astype("<i2").tobytes())
            await asyncio.sleep(FRAME_SECONDS / 2)
        if seat.replaced:
            await websocket.close(_ELSEWHERE, "another page of yours has the voice")
        else:
            await websocket.close(_OVER, "the conversation is over")
