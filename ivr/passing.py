"""Passing the caller on, beside the call's ticks: the line tries it, and where it cannot, we call and join.

Joined, the call goes on as a bridge: the caller's sound goes to the other leg and back, and neither is heard
by the desk. Recordings have both sides, as before.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.bridge import Bridge, Hears, Stage
from ivr.errand import Errand
from ivr.errors import LineError
from ivr.events import BridgeEnded, Transfer
from ivr.handover import Unreached
from ivr.lines.leg import UNREACHED, Dialer, Leg
from ivr.lines.line import Line, Received, TransferContext, TransferOutcome, TransferResult
from ivr.media.match import Matched
from ivr.media.pcm import Pcm
from ivr.media.tones import endless, hold_music, ringing


class Passing:
    """The transfers of one call, one at a time.

    call_id, summary_url  go along with the caller, see `TransferContext`
    dialer                calls whoever the line cannot pass the caller to; None where nothing can dial
    """

    def __init__(
        self, line: Line, call_id: str, summary_url: str = "", *, dialer: Dialer | None = None
    ) -> None:
        self._line = line
        self._call_id = call_id
        self._summary_url = summary_url
        self._dialer = dialer
        self._action: Transfer | None = None
        self._errand: Errand[TransferResult | _Joining] = Errand(paced=line.paced)
        self._joining: _Joining | None = None
        self._told = False
        self._let_go: list[Leg] = []

    @property
    def active(self) -> bool:
        """Whether the caller is being passed on, or is joined with somebody."""
        return self._action is not None

    @property
    def joined(self) -> bool:
        """Whether the caller talks to somebody else over us."""
        return self._joining is not None and self._joining.bridge.stage is Stage.JOINED

    @property
    def recallable(self) -> bool:
        """Whether we call somebody who has not answered yet: the caller can still be taken back."""
        return self._joining is not None and self._joining.bridge.stage in (Stage.DIALLING, Stage.RINGING)

    @property
    def sounds(self) -> bool:
        """Whether the caller hears music, ringing or somebody else from here."""
        return self._joining is not None

    async def begin(self, action: Transfer) -> None:
        """Try it; on an unpaced line this waits for the line's answer."""
        self._action, self._told = action, False
        await self._errand.begin(self._transfer(action))

    async def tick(self, received: Received, now: float) -> Pcm | None:
        """20 ms more: what the caller hears instead of the desk, None where that is the desk."""
        while self._let_go:
            await self._let_go.pop().hang_up()
        if self._errand.done and isinstance(joining := self._errand.peek(), _Joining):
            self._errand.take()
            joining.begin(now)
            self._joining = joining
        return None if self._joining is None else await self._joining.tick(received, now)

    def take(self) -> tuple[Transfer, TransferResult] | None:
        """What became of it, once; None while it is not known. A bridge is done when both are joined."""
        if self._action is None or self._told:
            return None
        result = None
        if self._joining is not None:
            if self._joining.bridge.stage is Stage.JOINED:
                result = TransferResult(TransferOutcome.DONE, "bridged")
            elif (end := self._joining.bridge.end) is not None:
                why = UNREACHED.get(end.cause, Unreached.FAILED)
                result = TransferResult(TransferOutcome.REFUSED, end.detail or end.cause.value, why)
        elif self._errand.done and not isinstance(self._errand.peek(), _Joining):
            taken = self._errand.take()
            assert isinstance(taken, TransferResult)
            result = taken
        if result is None:
            return None
        self._told = True
        action = self._action
        if not self.joined:
            self._action = self._joining = None
        return action, result

    def ended(self) -> BridgeEnded | None:
        """The end of the two legs' conversation by the other side; None while it lasts, or without one."""
        end = None if self._joining is None else self._joining.bridge.end
        if end is None or not end.joined or self._action is None:
            return None
        return BridgeEnded(self._action.route.name, end.seconds, by_caller=False)

    def left(self, now: float) -> BridgeEnded | None:
        """The same when the caller hung up."""
        if self._joining is None or self._action is None or not self.joined:
            return None
        return BridgeEnded(self._action.route.name, self._joining.bridge.seconds(now), by_caller=True)

    def give_up(self) -> None:
        """Nothing more comes of it: the desk has other plans. Who is called is let go in the next tick."""
        self._let_go.extend(self._called())
        self._errand.give_up()
        self._action = self._joining = None

    async def close(self) -> None:
        """The call is over: nobody is called any more, and who was joined is let go."""
        self.give_up()
        for leg in self._let_go:
            await leg.hang_up()
        self._let_go.clear()

    def _called(self) -> list[Leg]:
        """The leg that is open, if there is one."""
        if self._joining is not None:
            return [self._joining.leg]
        result = self._errand.peek() if self._errand.done else None
        return [result.leg] if isinstance(result, _Joining) else []

    async def _transfer(self, action: Transfer) -> TransferResult | _Joining:
        context = TransferContext(self._call_id, action.reason, self._summary_url)
        result = await self._line.transfer(action.route, action.slots, context)
        target = action.route.extension
        if result.outcome is TransferOutcome.DONE or self._dialer is None or not target:
            return result
        try:
            leg = await self._dialer.dial(target, context)
        except LineError as error:
            return TransferResult(TransferOutcome.REFUSED, str(error))
        return _Joining(leg, self._line.rate)


class _Joining:
    """A leg that is called, and its sound with the caller's."""

    def __init__(self, leg: Leg, rate: int) -> None:
        self.leg = leg
        self.bridge = Bridge(0.0)
        self._to_caller = Matched(leg.rate, rate)
        self._to_leg = Matched(rate, leg.rate)
        self._music: Iterator[Pcm] = endless(hold_music(rate), rate)
        self._ringing: Iterator[Pcm] = endless(ringing(rate), rate)

    def begin(self, now: float) -> None:
        """It is called from now on."""
        self.bridge = Bridge(now)

    async def tick(self, received: Received, now: float) -> Pcm | None:
        """20 ms both ways; what the caller hears, None when it is over."""
        for event in self.leg.events():
            self.bridge.handle(event, now)
        self.bridge.tick(now)
        if self.bridge.stage is Stage.OVER:
            await self.leg.hang_up()
            return None
        other = self._to_caller.feed(self.leg.recv().pcm)
        if self.bridge.stage is Stage.JOINED:
            await self.leg.send(self._to_leg.feed(received.pcm), received.keys)
        match self.bridge.hears:
            case Hears.OTHER:
                return other
            case Hears.RINGING:
                return next(self._ringing)
            case Hears.MUSIC:
                return next(self._music)
