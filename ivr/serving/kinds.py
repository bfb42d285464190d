"""Every kind of line by its name."""

from __future__ import annotations

from ivr.serving.lines import AudioSocketSettings, LineSettings
from ivr.serving.sip import SipSettings
from ivr.serving.web import BrowserSettings, MediaStreamSettings

KINDS: dict[str, type[LineSettings]] = {
    "audiosocket": AudioSocketSettings,
    "browser": BrowserSettings,
    "media-stream": MediaStreamSettings,
    "sip": SipSettings,
}
"""Every kind of line: a new one is added here and to `ivr.server.lines`."""
