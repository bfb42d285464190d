"""The listener for calls from the page: the page itself, its files, and one WebSocket a call."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from ivr.lines.accept import Door, Health
from ivr.lines.browser.call import BrowserCall
from ivr.lines.tls import server_tls
from ivr.lines.websocket import MOST_BYTES, WebSocketListener
from ivr.media.web import SOUND_JS
from ivr.serving.address import Address, allowed
from ivr.serving.web import BrowserSettings

STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cache-Control": "no-cache",
}
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


class BrowserServer:
    """`LineServer` for the page ``/call``."""

    def __init__(self, settings: BrowserSettings) -> None:
        self.settings = settings
        self._files = {
            f"/call/{file.name}": (file.read_bytes(), _TYPES[file.suffix]) for file in STATIC.iterdir()
        }
        self._files["/call/sound.js"] = SOUND_JS, _TYPES[".js"]
        self.listener = WebSocketListener(
            settings.label,
            settings.listen,
            [
                web.get("/", self._home),
                web.get("/call", self._page),
                web.get("/call/numbers", self._numbers),
                web.get("/call/talk", self._call),
                web.get("/call/{file}", self._file),
                web.route("*", "/{tail:.*}", self._elsewhere),
            ],
        )
        self._door: Door | None = None

    @property
    def address(self) -> Address:
        """Where it listens. Raises RuntimeError before the start."""
        return self.listener.address

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

    async def _home(self, request: web.Request) -> web.Response:
        self._check(request)
        raise web.HTTPFound("/call", headers={"Connection": "close"})

    async def _page(self, request: web.Request) -> web.Response:
        return self._send(request, "/call/call.html")

    async def _file(self, request: web.Request) -> web.Response:
        return self._send(request, request.path)

    async def _numbers(self, request: web.Request) -> web.Response:
        """The numbers of this line that the page offers to call; "" is any other."""
        self._check(request)
        numbers = list(self.settings.desks)
        if self.settings.default_desk is not None:
            numbers.insert(0, "")
        response = web.json_response(numbers, headers=_HEADERS)
        response.force_close()
        return response

    async def _call(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        if request.headers.get("Origin", "") not in self._origins(request):
            raise self._refused(request, "a call from another web site")
        socket = web.WebSocketResponse(max_msg_size=MOST_BYTES, compress=False, timeout=1.0)
        if not socket.can_prepare(request):
            raise self._refused(request, "a request for a call that is no WebSocket")
        await socket.prepare(request)
        assert self._door is not None
        await BrowserCall(self.settings, self.listener, self._door, request, socket).hold()
        return socket

    async def _elsewhere(self, request: web.Request) -> web.Response:
        return self._missing(request)

    def _send(self, request: web.Request, path: str) -> web.Response:
        self._check(request)
        if path not in self._files:
            return self._missing(request)
        body, kind = self._files[path]
        response = web.Response(body=body, content_type=kind, charset="utf-8", headers=_HEADERS)
        response.force_close()  # only calls keep a connection
        return response

    def _check(self, request: web.Request) -> None:
        """From an address that may, and by this machine's name: no foreign one leads here (DNS rebinding).

        Raises HTTPException.
        """
        settings = self.settings
        if not (settings.public and not settings.allow) and not allowed(
            settings.allow, request.remote or "?"
        ):
            raise self._refused(request, "a connection from an address that is not allowed")
        if settings.listen.loopback and not settings.origins and _name(request.host) not in _LOCAL:
            raise self._refused(request, "a request by a name that is not this machine's")

    def _origins(self, request: web.Request) -> tuple[str, ...]:
        scheme = "https" if self.settings.certificate is not None else "http"
        return (*self.settings.origins, f"{scheme}://{request.host}")

    def _refused(self, request: web.Request, kind: str) -> web.HTTPException:
        self.listener.offend(kind, request.remote or "?")
        return web.HTTPForbidden(text="no\n", headers={"Connection": "close"})

    def _missing(self, request: web.Request) -> web.Response:
        self.listener.offend("a request for a path that is not there", request.remote or "?")
        response = web.Response(status=404, text="no\n")
        response.force_close()
        return response


def _name(host: str) -> str:
    """A host without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host
