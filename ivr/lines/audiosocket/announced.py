"""Calls that Asterisk announces before it connects, and where they go afterwards.

AudioSocket knows no password and no numbers: only the UUID that the dialplan gives. So the dialplan first
tells us over HTTP which UUID comes, from whom and for which number, and may ask at the end where to pass the
call::

    POST /audiosocket/<uuid>?caller=...&called=...     201; the UUID is good for one call, for a minute
    GET  /audiosocket/<uuid>/next                      the extension as plain text, empty: none

`Announced` is pure, time as an argument; the rest is HTTP.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import web

MOST = 10_000
"""Announcements kept at once; beyond, the oldest go."""
NEXT_SECONDS = 300.0
"""How long the dialplan may ask where a call goes."""
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Numbers:
    """Who calls which number, as Asterisk knows it."""

    caller: str = ""
    called: str = ""


class Announced:
    """Which calls are expected, and where those that are over go on."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._expected: OrderedDict[uuid.UUID, tuple[Numbers, float]] = OrderedDict()
        self._next: OrderedDict[uuid.UUID, tuple[str, float]] = OrderedDict()

    def announce(self, call: uuid.UUID, numbers: Numbers, now: float) -> None:
        """`call` will come. Announced again, it counts anew."""
        self._expected.pop(call, None)
        self._expected[call] = (numbers, now)
        while len(self._expected) > self._most:
            self._expected.popitem(last=False)

    def take(self, call: uuid.UUID, valid_seconds: float, now: float) -> Numbers | None:
        """The numbers of `call`, once; None when nobody announced it in the last `valid_seconds`."""
        numbers, at = self._expected.pop(call, (None, 0.0))
        return numbers if now - at <= valid_seconds else None

    def pass_on(self, call: uuid.UUID, extension: str, now: float) -> None:
        """`call` is over for us and goes on at `extension`."""
        self._next.pop(call, None)
        self._next[call] = (extension, now)
        while len(self._next) > self._most:
            self._next.popitem(last=False)

    def next_of(self, call: uuid.UUID, now: float) -> str:
        """Where `call` goes on; "" when nowhere."""
        extension, at = self._next.get(call, ("", 0.0))
        return extension if now - at <= NEXT_SECONDS else ""


def announcement_routes(announced: Announced) -> list[web.RouteDef]:
    """The two calls of the dialplan."""

    async def announce(request: web.Request) -> web.Response:
        given = {**request.query, **await request.post()}
        numbers = [str(given.get(name, "")).strip() for name in ("caller", "called")]
        if any(len(number) > _LONGEST or not number.isprintable() for number in numbers):
            return web.Response(status=400, text=f"a number has at most {_LONGEST} printable characters\n")
        announced.announce(_call(request), Numbers(*numbers), time.monotonic())
        return web.Response(status=201, text="announced\n")

    async def following(request: web.Request) -> web.Response:
        return web.Response(text=announced.next_of(_call(request), time.monotonic()))

    return [web.post("/audiosocket/{call}", announce), web.get("/audiosocket/{call}/next", following)]


def _call(request: web.Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.match_info["call"])
    except ValueError:
        raise web.HTTPBadRequest(text="that is no UUID\n") from None
