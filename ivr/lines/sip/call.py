"""One SIP call on the server's side: the `Wire` of its line, whose other end is a worker."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import urllib.parse
from collections.abc import Callable

from ivr.handover import Route, Unreached
from ivr.lines.leg import UNREACHED, LegCause
from ivr.lines.line import Party, TransferContext, TransferOutcome, TransferResult
from ivr.lines.sip import pipe
from ivr.lines.sip.leg import CAUSES
from ivr.lines.sip.pipe import Kind
from ivr.lines.stream import StreamLine
from ivr.meaning import SlotValue
from ivr.media.pcm import FRAME_SECONDS, Pcm, silence
from ivr.serving.sip import SipSettings

_STATUS = re.compile(r"\b[3-6][0-9]{2}\b")
"""The answer that the other telephone gave, in what the stack says of a REFER that failed."""


class SipCall:
    """`tell` takes packets for the worker that holds the call; `peer` is where the caller's messages come
    from."""

    def __init__(
        self,
        tell: Callable[[bytes], None],
        number: int,
        call_id: str,
        rate: int,
        party: Party,
        settings: SipSettings,
        peer: str,
    ) -> None:
        self.call_id = call_id
        # Not every telephone sends keys as events: until the first one comes, tones count.
        self.line = StreamLine(self, rate, party, in_band=True)
        self._tell = tell
        self._number = number
        self._settings = settings
        self._peer = peer
        self._silence = silence(FRAME_SECONDS, rate)
        self._transferred: asyncio.Future[TransferResult] | None = None
        self._over = False

    @staticmethod
    def goodbye(number: int) -> bytes:
        """Ends a call that nobody wants."""
        return pipe.packet(Kind.HANG_UP, number)

    def told(self, kind: Kind, told: dict[str, object]) -> None:
        """The worker says something about the call."""
        if kind is Kind.KEY:
            self.line.key(str(told["key"]).upper())
        elif kind is Kind.TRANSFERRED and self._transferred is not None and not self._transferred.done():
            outcome = TransferOutcome.DONE if told["done"] else TransferOutcome.REFUSED
            detail = str(told["detail"])
            status = _STATUS.search(detail)
            why = UNREACHED.get(CAUSES.get(status[0], LegCause.UNREACHABLE)) if status else None
            self._transferred.set_result(TransferResult(outcome, detail, why or Unreached.FAILED))

    def over(self) -> None:
        """Nothing more comes from the worker."""
        self._over = True
        if self._transferred is not None and not self._transferred.done():
            self._transferred.set_result(TransferResult(TransferOutcome.REFUSED, "the caller has left"))

    def hang_up(self) -> None:
        """End the call; more are harmless."""
        if not self._over:
            self._over = True
            self._tell(self.goodbye(self._number))

    # --- the wire of the line --------------------------------------------------------------------------

    async def send(self, pcm: Pcm | None) -> None:
        """Silence goes out too, so that what waits in the stack stays the same, and with it the delay."""
        self._tell(pipe.sound(self._number, self._silence if pcm is None else pcm))

    def send_keys(self, keys: str) -> bool:
        """As RFC 4733 events."""
        for key in keys:
            self._tell(pipe.packet(Kind.SEND_KEY, self._number, key=key))
        return True

    def clear(self) -> None:
        """Some two or three frames wait in the stack, 40 to 60 ms: nobody misses their end."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """REFER: the telephone or PBX of the caller is asked to call the extension."""
        if not route.extension:
            return TransferResult(TransferOutcome.UNABLE, "the route has no extension")
        self._transferred = asyncio.get_running_loop().create_future()
        to = refer_to(route.extension, self._settings.transfer_host or self._peer, context)
        self._tell(pipe.packet(Kind.TRANSFER, self._number, to=to))
        return await self._transferred

    async def close(self) -> None:
        """Hang up."""
        self.hang_up()


def refer_to(extension: str, host: str, context: TransferContext) -> str:
    """Where to call; the headers of the new call are in the URI (RFC 3261, 19.1.1)."""
    try:
        where = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        where = host
    headers = "&".join(
        f"{name}={urllib.parse.quote(text, safe='')}" for name, text in context.headers().items()
    )
    return f"sip:{urllib.parse.quote(extension, safe='+*#')}@{where}{'?' + headers if headers else ''}"
