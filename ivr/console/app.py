"""The console as a web application: pages, live connection, API. Nothing is loaded from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ivr import __version__
from ivr.accounts.account import Role, Session
from ivr.accounts.store import AccountStore
from ivr.console.api import api
from ivr.console.dispatches import alarms_of, dispatch_routes
from ivr.console.follow_ups import follow_up_routes
from ivr.console.gate import COOKIE, Covers, Gate, address_of, cookie_settings, same_origin
from ivr.console.live import PAUSE_SECONDS, Bell
from ivr.console.presence import GRACE_SECONDS, Presence
from ivr.console.recording import recording_routes
from ivr.console.talks import talk_routes
from ivr.console.view import follow_ups_of, picture, words_of
from ivr.console.voice import voice_routes
from ivr.floor.dispatch import Dispatches
from ivr.floor.lines import HeldLines
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.media.web import SOUND_JS

BEAT_SECONDS = 2.0
"""How often a page says that it is still there; twice that without a word, and it is taken for lost."""
LONGEST_QUIET = 20.0
"""After which a page is sent its picture even if nothing has changed."""
_UNAUTHORIZED = 4401

_HERE = Path(__file__).parent


def create_app(
    accounts: AccountStore,
    floor: Floor,
    lines: HeldLines,
    phones: Phones,
    state: Path,
    *,
    dispatches: Dispatches | None = None,
    grace: float = GRACE_SECONDS,
    beat: float = BEAT_SECONDS,
) -> FastAPI:
    """The application; `floor` and `lines` run already and outlive it; `state` has the records of calls."""
    gate, bell, presence = Gate(accounts), Bell(floor), Presence(floor, phones, grace)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        bell.start()
        yield
        presence.close()
        bell.close()

    app = FastAPI(
        title="ivr console",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.gate = gate
    app.add_middleware(Covers)

    @app.get("/static/sound.js", include_in_schema=False)
    async def sound() -> Response:
        return Response(SOUND_JS, media_type="text/javascript")

    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.include_router(api(gate, floor, lines, phones, bell))
    app.include_router(follow_up_routes(gate, floor, bell))
    app.include_router(dispatch_routes(gate, dispatches))
    _pages(app, gate)
    _live(app, gate, floor, lines, phones, bell, presence, dispatches, beat)
    app.include_router(talk_routes(gate, floor, lines))
    voice_routes(app, gate, floor, lines)
    recording_routes(app, gate, floor, state)
    return app


def _pages(app: FastAPI, gate: Gate) -> None:
    env = Environment(
        loader=PackageLoader("ivr.console"), autoescape=select_autoescape(), undefined=StrictUndefined
    )

    def show(
        template: str, session: Session | None = None, status: int = 200, **more: object
    ) -> HTMLResponse:
        account = None if session is None else session.account
        values: dict[str, object] = {
            "account": account,
            "csrf": "" if session is None else session.csrf,
            "supervisor": account is not None and account.role.may(Role.SUPERVISOR),
            "page": template.removesuffix(".html"),
        }
        return HTMLResponse(env.get_template(template).render(values | more), status)

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/console", 303)

    @app.get("/console/login", include_in_schema=False)
    async def login_page(request: Request) -> Response:
        if await gate.session(request) is not None:
            return RedirectResponse("/console", 303)
        return show("login.html", wrong="", name="")

    @app.post("/console/login", include_in_schema=False)
    async def login(
        request: Request,
        name: Annotated[str, Form(max_length=200)] = "",
        password: Annotated[str, Form(max_length=2_000)] = "",
        code: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        # A form of another site could log somebody in as somebody else: the browser tells where it is from.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return show("login.html", status=403, wrong="Please log in on this page.", name="")
        got = await gate.log_in(name.strip(), password, code, address_of(request))
        if isinstance(got, str):
            response = RedirectResponse("/console", 303)
            response.set_cookie(value=got, **cookie_settings(request))  # type: ignore[arg-type]
            return response
        if got is None:
            return show("login.html", status=401, wrong="Name, password or code is wrong.", name=name[:200])
        wrong = f"Too many wrong passwords. Please wait {got:.0f} seconds."
        page = show("login.html", status=429, wrong=wrong, name=name[:200])
        page.headers["Retry-After"] = f"{got:.0f}"
        return page

    @app.post("/console/logout", include_in_schema=False)
    async def logout(request: Request, csrf: Annotated[str, Form(max_length=200)] = "") -> Response:
        session = await gate.session(request)
        if session is not None and csrf == session.csrf:
            await gate.log_out(request.cookies[COOKIE])
        response = RedirectResponse("/console/login", 303)
        response.delete_cookie(COOKIE)
        return response

    async def page(request: Request, name: str, role: Role = Role.OPERATOR) -> Response:
        session = await gate.session(request)
        if session is None:
            return RedirectResponse("/console/login", 303)
        if not session.account.role.may(role):
            return show("refused.html", session, 403, needed=role.value)
        return show(name, session)

    @app.get("/console", include_in_schema=False)
    async def operator(request: Request) -> Response:
        return await page(request, "operator.html")

    @app.get("/console/supervisor", include_in_schema=False)
    async def supervisor(request: Request) -> Response:
        return await page(request, "supervisor.html", Role.SUPERVISOR)

    @app.get("/console/follow-ups", include_in_schema=False)
    async def follow_ups(request: Request) -> Response:
        return await page(request, "follow_ups.html")

    @app.get("/console/cases", include_in_schema=False)
    async def cases(request: Request) -> Response:
        return await page(request, "cases.html")


def _live(
    app: FastAPI,
    gate: Gate,
    floor: Floor,
    lines: HeldLines,
    phones: Phones,
    bell: Bell,
    presence: Presence,
    dispatches: Dispatches | None,
    beat: float,
) -> None:
    @app.websocket("/console/live")
    async def live(websocket: WebSocket) -> None:
        session = await gate.session(websocket) if same_origin(websocket) else None
        await websocket.accept()
        if session is None:
            await websocket.close(_UNAUTHORIZED, "log in")
            return
        account = session.account
        await presence.came(account)
        sending = asyncio.create_task(send(websocket, session))
        try:
            while True:
                async with asyncio.timeout(2 * beat):
                    await websocket.receive_text()
        except (WebSocketDisconnect, TimeoutError, KeyError, RuntimeError):
            pass  # closed, or lost without a word; KeyError: what came was no text
        finally:
            sending.cancel()
            presence.went(account.name)
            with suppress(RuntimeError):
                await websocket.close()

    def handoff_of(session: Session) -> int:
        """The conversation that the page is about, 0 for none."""
        one = floor.distributor.floor.operators.get(session.account.name)
        return 0 if one is None or one.handoff is None else one.handoff

    async def send(websocket: WebSocket, session: Session) -> None:
        """The whole picture again and again: a page that missed one is right with the next."""
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                version, now = bell.version, floor.clock.now()
                told = picture(session.account, floor.distributor.floor, floor.handoffs, bell.days, now)
                told |= {"follow_ups": follow_ups_of(session.account, bell.follow_ups)}
                told |= {"alarms": alarms_of(session.account, dispatches)}
                held = lines.caller(handoff_of(session))
                phone = phones.state(session.account.name)
                await websocket.send_json(told | {"beat": beat, "said": words_of(held), "phone": phone})
                await asyncio.sleep(PAUSE_SECONDS)
                await bell.wait(version, LONGEST_QUIET)
                if await gate.session(websocket) is None:  # logged out elsewhere, or disabled
                    await websocket.close(_UNAUTHORIZED, "log in")
