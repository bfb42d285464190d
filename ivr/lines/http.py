"""A listener for HTTP: health and announcements have one, and each line that speaks HTTP one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from ivr.serving.address import Address, cannot_listen

BODY_BYTES = 16 * 1024
"""Longest body of a request: a form with two numbers is some hundred bytes."""


class HttpListener:
    """Serves `routes` at `listen`."""

    def __init__(self, listen: Address, routes: Sequence[web.RouteDef]) -> None:
        self._listen = listen
        app = web.Application(client_max_size=BODY_BYTES)
        app.add_routes(routes)
        # Addresses and numbers of callers stay out of the log.
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)

    async def start(self) -> Address:
        """The address it listens at. Raises LineError."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._listen.host, self._listen.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise cannot_listen(self._listen, error) from None
        host, port = self._runner.addresses[0][:2]
        return Address(host, port)

    async def close(self) -> None:
        """Stop listening. Harmless when repeated."""
        await self._runner.cleanup()
