"""Who is let in, and what every answer carries: sessions, CSRF, tokens, headers, the size of what is sent.

A browser has the session's secret in a cookie that scripts cannot read and other sites cannot send, and
repeats the session's CSRF value in a header. A program sends ``Authorization: Bearer`` and needs neither.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, WebSocket, status
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivr.accounts.account import SESSION_TIME, Account, Deed, Role, Session
from ivr.accounts.store import AccountStore, same_secret
from ivr.accounts.throttle import Throttle
from ivr.floor.clock import Clock, moment

COOKIE = "ivr_session"
CSRF_HEADER = "X-CSRF-Token"
MOST_BYTES = 128 * 1024
"""Of a request's body: the longest notes, and some."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request; `csrf` is "" for a program with a token."""

    account: Account
    address: str
    csrf: str = ""


class Gate:
    """Lets people and programs in."""

    def __init__(self, accounts: AccountStore) -> None:
        self.accounts = accounts
        # Nobody is logged out in the middle of a call because the machine's clock was set.
        self._clock = Clock()
        self._throttle = Throttle()

    async def log_in(self, name: str, password: str, code: str, address: str) -> str | float | None:
        """The session's secret; the seconds to wait after too many failures; None when anything is wrong."""
        now = time.monotonic()
        keys = (f"name {name[:64]}", f"address {address}")
        if wait := max(self._throttle.wait(key, now) for key in keys):
            return wait
        account = await asyncio.to_thread(
            self.accounts.authenticate, name, password, code, now=datetime.now(UTC)
        )
        if account is None:
            for key in keys:
                self._throttle.failed(key, time.monotonic())
            await self.remember(Caller(Account(name[:64], Role.OPERATOR), address), Deed.LOGIN_FAILED)
            return None
        for key in keys:
            self._throttle.succeeded(key)
        return await asyncio.to_thread(self.accounts.open_session, account.name, address, now=self._now())

    async def log_out(self, secret: str) -> None:
        """End the session."""
        await asyncio.to_thread(self.accounts.close_session, secret, now=self._now())

    async def session(self, connection: HTTPConnection) -> Session | None:
        """The session of a browser, None without a valid cookie."""
        secret = connection.cookies.get(COOKIE)
        if not secret:
            return None
        return await asyncio.to_thread(self.accounts.session, secret, now=self._now())

    async def caller(self, request: Request) -> Caller:
        """Who makes a request of the API. Raises HTTPException 401 or 403."""
        address = address_of(request)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            account = await asyncio.to_thread(self.accounts.token, token.strip())
            if account is None:
                raise HTTPException(status.HTTP_401_UNAUTHORIZED, "the token is not valid")
            return Caller(account, address)
        session = await self.session(request)
        if session is None:
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "log in, or send a token")
        if request.method not in ("GET", "HEAD"):
            sent = request.headers.get(CSRF_HEADER, "")
            if not same_secret(sent, session.csrf):
                raise HTTPException(status.HTTP_403_FORBIDDEN, f"{CSRF_HEADER} is missing or wrong")
        return Caller(session.account, address, session.csrf)

    def _now(self) -> datetime:
        return moment(self._clock.now())

    async def remember(self, caller: Caller, deed: Deed, about: str = "") -> None:
        """Into the audit log."""
        await asyncio.to_thread(
            self.accounts.remember, caller.account.name, deed, about, caller.address, now=datetime.now(UTC)
        )


def require(caller: Caller, role: Role) -> None:
    """Raises HTTPException 403 when the caller's role does not include `role`."""
    if not caller.account.role.may(role):
        raise HTTPException(status.HTTP_403_FORBIDDEN, f"this needs the role {role}")


def cookie_settings(request: Request) -> dict[str, object]:
    """How the session's cookie is set."""
    return {
        "key": COOKIE,
        "httponly": True,
        "samesite": "strict",
        "secure": request.url.scheme == "https",
        "max_age": int(SESSION_TIME.total_seconds()),
        "path": "/",
    }


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from."""
    return connection.client.host if connection.client is not None else ""


def same_origin(websocket: WebSocket) -> bool:
    """Whether a page of ours opens the connection: a browser tells which page does."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


class Covers:
    """Middleware: security headers on every answer, no caching of what is private, no request too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def covered(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            await _refuse(covered, 413, b"the request is too large")
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "the request is too large")
            return message

        await self._app(scope, counted, covered)


async def _refuse(send: Send, code: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(words)).encode())]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": words})
