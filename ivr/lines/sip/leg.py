"""A party that we call ourselves over SIP, to be joined with a caller: the other end is a worker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ivr.lines.jitter import JitterBuffer
from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegEvent, LegRinging
from ivr.lines.line import Received
from ivr.lines.sip import pipe
from ivr.lines.sip.pipe import Kind
from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples, silence

CAUSES = {
    "486": LegCause.BUSY,
    "600": LegCause.BUSY,
    "408": LegCause.NO_ANSWER,
    "480": LegCause.NO_ANSWER,
    "487": LegCause.NO_ANSWER,
    "603": LegCause.DECLINED,
    "403": LegCause.DECLINED,
}
"""What a final answer means; others: unreachable."""


class SipLeg:
    """`ivr.lines.leg.Leg`. `tell` takes packets for the worker.

    Its rate is that of the widest codec that is offered: which one it will be is not known when we dial.
    """

    def __init__(self, tell: Callable[[bytes], None], number: int, rate: int) -> None:
        self._rate = rate
        self._tell = tell
        self._number = number
        self._buffer = JitterBuffer(rate)
        self._events: list[LegEvent] = []
        self._keys: list[str] = []
        self._answered = False
        self._over = False

    @property
    def rate(self) -> int:
        """As given."""
        return self._rate

    def told(self, kind: Kind, told: dict[str, object]) -> None:
        """The worker says something about it."""
        match kind:
            case Kind.RINGING if not self._answered:
                self._events.append(LegRinging())
            case Kind.BEGUN:
                self._answered = True
                self._events.append(LegAnswered())
            case Kind.KEY:
                self._keys.append(str(told["key"]).upper())
            case Kind.ENDED:
                self.end(str(told["reason"]))

    def feed(self, pcm: Pcm) -> None:
        """Sound came."""
        self._buffer.feed(pcm)

    def end(self, reason: str) -> None:
        """Nothing more comes."""
        if not self._over:
            self._over = True
            unanswered = CAUSES.get(reason[:3], LegCause.UNREACHABLE)
            self._events.append(LegEnded(LegCause.HUNG_UP if self._answered else unanswered, reason))

    def events(self) -> tuple[LegEvent, ...]:
        """Since the last time."""
        events = tuple(self._events)
        self._events.clear()
        return events

    def recv(self) -> Received:
        """What is due."""
        pcm = self._buffer.next()
        keys = tuple(self._keys)
        self._keys.clear()
        return Received(np.zeros(frame_samples(self._rate), dtype=np.int16) if pcm is None else pcm, keys)

    async def send(self, pcm: Pcm | None, keys: tuple[str, ...] = ()) -> None:
        """To the worker; keys become RFC 4733 events."""
        if self._over or not self._answered:
            return
        for key in keys:
            self._tell(pipe.packet(Kind.SEND_KEY, self._number, key=key))
        self._tell(pipe.sound(self._number, silence(FRAME_SECONDS, self._rate) if pcm is None else pcm))

    async def hang_up(self) -> None:
        """End it, or stop calling."""
        if not self._over:
            self._over = True
            self._tell(pipe.packet(Kind.HANG_UP, self._number))
