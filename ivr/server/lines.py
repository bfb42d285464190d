"""From settings to listeners: the one place that knows every kind of line."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from ivr.errors import ConfigError
from ivr.lines.accept import LineServer
from ivr.lines.audiosocket.announced import Announced, announcement_routes
from ivr.lines.audiosocket.server import AudioSocketServer
from ivr.lines.browser.server import BrowserServer
from ivr.lines.media_stream.server import MediaStreamServer
from ivr.lines.sip.server import SipServer
from ivr.server.server import OpenLine
from ivr.serving.lines import AudioSocketSettings, LineSettings
from ivr.serving.settings import Serving
from ivr.serving.sip import SipSettings
from ivr.serving.web import BrowserSettings, MediaStreamSettings


def open_lines(serving: Serving) -> tuple[tuple[OpenLine, ...], list[web.RouteDef]]:
    """Listeners, not yet started, and what they offer at the address of the health pages."""
    announced = Announced()
    makers: dict[type[LineSettings], Callable[..., LineServer]] = {
        SipSettings: SipServer,
        BrowserSettings: BrowserServer,
        MediaStreamSettings: MediaStreamServer,
        AudioSocketSettings: lambda settings: AudioSocketServer(settings, announced),
    }
    lines = []
    for settings in serving.lines:
        maker = makers.get(type(settings))
        if maker is None:
            raise ConfigError("this kind of line cannot be opened here", place=settings.label)
        lines.append(OpenLine(settings, maker(settings)))
    routes = (
        announcement_routes(announced)
        if any(isinstance(s, AudioSocketSettings) for s in serving.lines)
        else []
    )
    return tuple(lines), routes
