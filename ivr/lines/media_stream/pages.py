"""What the provider asks over HTTP: what to do with a call, and where it goes on afterwards.

    POST <path>/voice    the answer connects the call to the WebSocket at <path>, with its numbers
    POST <path>/next     asked when the WebSocket has closed: dial an extension, or hang up

The answers are TwiML, which most providers of this message format read.
"""

from __future__ import annotations

from collections import OrderedDict
from xml.sax.saxutils import escape, quoteattr

MOST = 10_000
NEXT_SECONDS = 300.0
"""How long the provider may ask where a call goes."""


class PassedOn:
    """Where calls that are over for us go on, by the provider's name of the call. Pure."""

    def __init__(self) -> None:
        self._next: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def put(self, call: str, extension: str, now: float) -> None:
        """`call` goes on at `extension`."""
        self._next.pop(call, None)
        self._next[call] = (extension, now)
        while len(self._next) > MOST:
            self._next.popitem(last=False)

    def of(self, call: str, now: float) -> str:
        """The extension; "" when there is none."""
        extension, at = self._next.get(call, ("", 0.0))
        return extension if now - at <= NEXT_SECONDS else ""


def connect(socket_url: str, next_url: str, caller: str, called: str) -> str:
    """Talk to the desk, then ask again."""
    numbers = "".join(
        f"<Parameter name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in (("caller", caller), ("called", called))
    )
    return _response(
        f"<Connect><Stream url={quoteattr(socket_url)}>{numbers}</Stream></Connect>"
        f'<Redirect method="POST">{escape(next_url)}</Redirect>'
    )


def go_on(extension: str) -> str:
    """Dial, or hang up."""
    if not extension:
        return _response("<Hangup/>")
    what = "Sip" if extension.startswith("sip:") else "Number"
    return _response(f"<Dial><{what}>{escape(extension)}</{what}></Dial>")


def _response(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{inside}</Response>\n'
