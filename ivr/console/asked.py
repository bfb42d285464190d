"""What every request of the API has in common: who makes it, its body, and the case it is about."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request, status
from pydantic import BaseModel, ConfigDict

from ivr.console.gate import Caller, Gate
from ivr.errors import StateError, UnknownError
from ivr.floor.service import Floor
from ivr.handoff.queue import Handoff


class Body(BaseModel):
    """What a request says: nothing but what is known."""

    model_config = ConfigDict(extra="forbid")


async def _caller(request: Request) -> Caller:
    """Who makes the request; `app.state.gate` lets them in. Raises HTTPException."""
    gate: Gate = request.app.state.gate
    return await gate.caller(request)


# At the level of the module: FastAPI looks annotations up there.
Who = Annotated[Caller, Depends(_caller)]


async def seen_by(floor: Floor, caller: Caller, number: int) -> Handoff:
    """The case, if it is any of the caller's business. Raises HTTPException 404, also for others' cases."""
    try:
        handoff = await floor.kept(floor.store.get, number)
    except UnknownError:
        handoff = None
    except StateError as error:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, error.what) from None
    name = caller.account.name
    talk = floor.distributor.floor.talks.get(number)
    # A colleague may be asked into a conversation of a queue that is none of theirs.
    asked = talk is not None and (talk.has(name) or name in talk.asked)
    mine = handoff is not None and (
        asked or caller.account.sees(handoff.request.queue) or handoff.operator == name
    )
    if handoff is None or not mine:
        # The same words for both: whoever guesses numbers learns nothing.
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"there is no case {number} that you may see")
    return handoff
