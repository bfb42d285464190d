"""Health over HTTP: ``/healthz`` (does it live?) and ``/readyz`` (would it answer a call?), with numbers.

For load balancers, container platforms and people; the same JSON both times. Status 503 means no.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web

from ivr.lines.accept import Health
from ivr.server.server import Server

Json: TypeAlias = dict[str, object]


class HealthPage:
    """What the pages say.

    server    set when the desks are loaded
    languages_opened  whether there is no other language of a desk left to open
    rejected  why desks were not reloaded, by name
    """

    def __init__(self, languages_opened: Callable[[], bool] = lambda: True) -> None:
        self._languages_opened = languages_opened
        self.server: Server | None = None
        self.rejected: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """The two pages."""
        return [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)]

    def report(self) -> Json:
        """The numbers; takes no time."""
        if self.server is None:
            return {"ready": False, "detail": "the desks are being loaded", "calls": 0}
        board = self.server.switchboard
        healths = [(line, line.server.health()) for line in self.server.lines]
        return {
            "ready": not board.closing and all(health.ready for _, health in healths),
            "detail": "no new calls are answered: the server is about to end" if board.closing else "",
            "calls": board.calls,
            "max_calls": board.most,
            "answered": board.answered,
            "refused": {reason.name.lower(): count for reason, count in board.refused.items()},
            "rejected_desks": dict(self.rejected),
            "languages_opened": self._languages_opened(),
            "lines": [
                {
                    "name": line.settings.label,
                    "kind": line.settings.kind,
                    "calls": board.calls_of(line.settings),
                    **_health(health),
                }
                for line, health in healths
            ],
        }

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response(self.report())

    async def _readyz(self, _: web.Request) -> web.Response:
        report = self.report()
        return web.json_response(report, status=200 if report["ready"] else 503)


def _health(health: Health) -> Json:
    return {"ready": health.ready, "detail": health.detail, "numbers": dict(health.numbers)}
