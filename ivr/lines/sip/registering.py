"""Registering at a PBX or provider, for as long as the worker lives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from baresip import BaresipError, UserAgent
from baresip.events import Event

from ivr.lines.sip import pipe
from ivr.lines.sip.backoff import Backoff
from ivr.lines.sip.pipe import Kind


async def keep_registered(agent: UserAgent, user: str, tell: Callable[[bytes], None]) -> None:
    """Register, and again when it fails; while it is well the stack renews it in time. `tell`: packets."""
    backoff, failed = Backoff(), asyncio.Event()
    agent.on(lambda event: failed.set() if event.event is Event.REGISTER_FAIL else None)
    while True:
        failed.clear()
        try:
            await agent.register()
            backoff.went_well()
            tell(pipe.packet(Kind.REGISTERED, user=user, ok=True, detail=""))
            await failed.wait()
            detail = "it was not renewed"
        except BaresipError as error:
            detail = str(error)
        tell(pipe.packet(Kind.REGISTERED, user=user, ok=False, detail=detail))
        await asyncio.sleep(backoff.failed(random.random()))
