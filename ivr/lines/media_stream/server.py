"""The listener for media streams: one WebSocket a call, and the pages that lead the provider to it."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from aiohttp import web

from ivr.errors import ConfigError
from ivr.lines.accept import Door, Health
from ivr.lines.media_stream import pages
from ivr.lines.media_stream.call import StreamCall
from ivr.lines.media_stream.signature import HEADER, genuine
from ivr.lines.tls import server_tls
from ivr.lines.websocket import MOST_BYTES, WebSocketListener
from ivr.serving.address import Address, allowed
from ivr.serving.web import MediaStreamSettings


class MediaStreamServer:
    """`LineServer` for media streams."""

    def __init__(self, settings: MediaStreamSettings) -> None:
        self.settings = settings
        self.passed_on = pages.PassedOn()
        path = settings.path
        self.listener = WebSocketListener(
            settings.label,
            settings.listen,
            [
                web.get(path, self._call),
                web.post(f"{path}/voice", self._voice),
                web.post(f"{path}/next", self._next),
                web.route("*", "/{tail:.*}", self._elsewhere),
            ],
        )
        self._token = _read_token(settings)
        self._door: Door | None = None

    @property
    def address(self) -> Address:
        """Where it listens. Raises RuntimeError before the start."""
        return self.listener.address

    @property
    def door(self) -> Door:
        """Where calls are let in."""
        assert self._door is not None
        return self._door

    async def start(self, door: Door) -> None:
        """Listen. Raises LineError, ConfigError."""
        self._door = door
        await self.listener.start(server_tls(self.settings.certificate, self.settings.key))

    def health(self) -> Health:
        """Ready while it listens."""
        return self.listener.health()

    async def stop_accepting(self) -> None:
        """No new calls."""
        await self.listener.stop_accepting()

    async def close(self) -> None:
        """Drop all connections."""
        await self.listener.close()

    # --- requests --------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        await self._check(request, "")
        socket = web.WebSocketResponse(
            max_msg_size=MOST_BYTES, compress=False, timeout=1.0, autoclose=True, decode_text=True
        )
        if not socket.can_prepare(request):
            return self._refuse(request, "a request for a call that is no WebSocket", 426)
        await socket.prepare(request)
        call = StreamCall(self.settings, self.listener, self.door, self.passed_on, request, socket)
        await call.hold()
        return socket

    async def _voice(self, request: web.Request) -> web.Response:
        form = await self._check(request, "/voice")
        url = self.settings.url or f"ws://{request.host}{self.settings.path}"
        return _twiml(pages.connect(url, f"{_http(url)}/next", form.get("From", ""), form.get("To", "")))

    async def _next(self, request: web.Request) -> web.Response:
        form = await self._check(request, "/next")
        return _twiml(pages.go_on(self.passed_on.of(form.get("CallSid", ""), time.monotonic())))

    async def _elsewhere(self, request: web.Request) -> web.Response:
        return self._refuse(request, "a request for a path that is not there", 404)

    async def _check(self, request: web.Request, below: str) -> dict[str, str]:
        """The form of a request, from an address and with a signature that may. Raises HTTPException."""
        settings = self.settings
        host = request.remote or "?"
        anywhere = settings.public and self._token and not settings.allow
        if not anywhere and not allowed(settings.allow, host):
            raise self._refused(request, "a connection from an address that is not allowed")
        fields = [(name, value) for name, value in (await request.post()).items() if isinstance(value, str)]
        if self._token:
            url = (_http(settings.url) if below else settings.url) + below
            if request.query_string:
                url += f"?{request.query_string}"
            if not genuine(request.headers.get(HEADER, ""), self._token, url, fields):
                raise self._refused(request, "a request with a wrong signature")
        return dict(fields)

    def _refused(self, request: web.Request, kind: str) -> web.HTTPException:
        self.listener.offend(kind, request.remote or "?")
        return web.HTTPForbidden(text="no\n", headers={"Connection": "close"})

    def _refuse(self, request: web.Request, kind: str, status: int) -> web.Response:
        self.listener.offend(kind, request.remote or "?")
        response = web.Response(status=status, text="no\n")
        response.force_close()
        return response


def _twiml(text: str) -> web.Response:
    response = web.Response(text=text, content_type="text/xml")
    response.force_close()
    return response


def _http(url: str) -> str:
    """The same place over HTTP."""
    parts = urlsplit(url.rstrip("/"))
    return parts._replace(scheme="https" if parts.scheme == "wss" else "http").geturl()


def _read_token(settings: MediaStreamSettings) -> str:
    """ "" without one. Raises ConfigError."""
    if settings.token_file is None:
        return ""
    try:
        token = settings.token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read ({error})"
    else:
        if token:
            return token
        what = "is empty"
    remedy = "Write the token of the account, and nothing else, into it"
    raise ConfigError(what, place=str(settings.token_file), remedy=remedy)
