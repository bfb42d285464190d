"""A caller who speaks when they like, over a line with echo and noise: for trials of barge-in.

Everything is in time of the call: what the desk sends comes back `Echo.delay` seconds later, and the caller's
sound begins at a fixed moment, whatever the desk says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.handover import Route
from ivr.lines.line import LineClosed, Party, Received, TransferContext, TransferOutcome, TransferResult
from ivr.meaning import SlotValue
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import FRAME_SECONDS, NARROWBAND, Pcm, frame_samples


@dataclass(frozen=True, slots=True)
class Echo:
    """How the desk's own sound comes back.

    level  dB relative to what was sent
    delay  seconds, beside the frame that is under way
    """

    level: float = -15.0
    delay: float = 0.0


class Interrupter:
    """An unpaced line at 8 kHz in µ-law.

    speech   when the caller speaks (seconds) and what
    echo     None: nothing comes back
    noise    level of the line's white noise in dBFS, None for none
    seconds  when the caller hangs up
    """

    def __init__(
        self,
        speech: tuple[tuple[float, Pcm], ...] = (),
        *,
        echo: Echo | None = None,
        noise: float | None = None,
        seconds: float = 20.0,
        seed: int = 1,
    ) -> None:
        self._frame = frame_samples(NARROWBAND)
        size = round(seconds / FRAME_SECONDS) * self._frame
        caller: NDArray[np.float64] = np.zeros(size)
        for at, pcm in speech:
            start = round(at * NARROWBAND)
            part = pcm[: max(0, size - start)]
            caller[start : start + len(part)] += part
        if noise is not None:
            caller += np.random.default_rng(seed).normal(0.0, 32768 * 10 ** (noise / 20), size)
        self._caller = caller
        self._gain = 0.0 if echo is None else 10 ** (echo.level / 20)
        late = 0 if echo is None else round(echo.delay * NARROWBAND)
        self._coming_back: deque[NDArray[np.float64]] = deque([np.zeros(late)])
        self._at = 0
        self._closed = False
        self.sent: list[Pcm | None] = []
        """What the desk said, a frame each tick."""

    @property
    def rate(self) -> int:
        """A telephone's."""
        return NARROWBAND

    @property
    def paced(self) -> bool:
        """Time is that of the call."""
        return False

    @property
    def party(self) -> Party:
        """Nobody in particular."""
        return Party("trial:interrupter")

    async def recv(self) -> Received:
        """The next 20 ms: the caller, the noise and the echo."""
        if self._closed or self._at >= len(self._caller):
            raise LineClosed("the caller has left")
        frame = self._caller[self._at : self._at + self._frame] + self._gain * self._echo()
        self._at += self._frame
        return Received(decode_ulaw(encode_ulaw(np.clip(frame, -32768, 32767).astype(np.int16))))

    async def send(self, pcm: Pcm | None) -> None:
        """Kept, and on its way back."""
        self.sent.append(pcm)
        self._coming_back.append(np.zeros(self._frame) if pcm is None else pcm.astype(np.float64))

    def clear(self) -> None:
        """What is sent is played at once: nothing waits."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """Always done."""
        return TransferResult(TransferOutcome.DONE)

    async def hang_up(self) -> None:
        """The call is over."""
        self._closed = True

    def _echo(self) -> NDArray[np.float64]:
        """The next frame of what was sent, as late as it is; silence before the first."""
        waiting = np.concatenate([*self._coming_back, np.zeros(0)])
        if len(waiting) < self._frame:
            waiting = np.pad(waiting, (0, self._frame - len(waiting)))
        self._coming_back = deque([waiting[self._frame :]])
        return waiting[: self._frame]
