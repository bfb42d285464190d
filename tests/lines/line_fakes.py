"""Time that passes only when it is slept, and a sounddevice module without a sound card."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ivr.handover import Route
from ivr.lines.line import TransferContext, TransferOutcome, TransferResult
from ivr.meaning import SlotValue
from ivr.media.pcm import Pcm


class Clock:
    """`now()` stands still except in `sleep` and `lose`."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

    def lose(self, seconds: float) -> None:
        """The process was busy or suspended."""
        self.time += seconds


class DeafWire:
    """A connection that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Pcm | None] = []
        self.cleared = 0
        self.closed = 0

    async def send(self, pcm: Pcm | None) -> None:
        self.sent.append(pcm)

    def clear(self) -> None:
        self.cleared += 1

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        return TransferResult(TransferOutcome.UNABLE, "it cannot")

    async def close(self) -> None:
        self.closed += 1


class FakeStatus:
    def __init__(self, *, input_overflow: bool = False, output_underflow: bool = False) -> None:
        self.input_overflow = input_overflow
        self.output_underflow = output_underflow


class PortAudioError(Exception):
    """As sounddevice raises it."""


class FakeStream:
    """Hands blocks to the callback when told to, as PortAudio's thread would."""

    def __init__(self, sound: FakeSound, **options: Any) -> None:
        self.options = options
        self.callback: Callable[..., None] = options["callback"]
        self.sound = sound
        self.started = False
        self.closed = False
        self.played: list[Pcm] = []

    def start(self) -> None:
        self.started = True
        for pcm in self.sound.at_start:
            self.block(pcm)

    def close(self) -> None:
        self.closed = True
        self.options["finished_callback"]()

    def block(self, pcm: Pcm, status: FakeStatus | None = None) -> None:
        out = bytearray(b"\x7f" * (len(pcm) * 2))
        self.callback(memoryview(pcm.tobytes()), memoryview(out), len(pcm), None, status or FakeStatus())
        self.played.append(np.frombuffer(bytes(out), dtype=np.int16))

    def lost(self) -> None:
        """The device was unplugged."""
        self.options["finished_callback"]()


class FakeSound(ModuleType):
    """In place of the module sounddevice.

    rates     what the device can do; another rate is refused
    at_start  blocks that the microphone delivers as soon as the stream starts
    """

    PortAudioError = PortAudioError

    def __init__(self, *, rates: tuple[int, ...] = (16_000,), at_start: tuple[Pcm, ...] = ()) -> None:
        super().__init__("sounddevice")
        self.rates = rates
        self.at_start = at_start
        self.streams: list[FakeStream] = []

    def RawStream(self, **options: Any) -> FakeStream:
        if not self.rates:
            raise PortAudioError("Error querying device -1")
        if options["samplerate"] not in self.rates:
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")
        if options["device"] not in (None, 3, "USB"):
            raise ValueError(f"No input device matching {options['device']!r}")
        self.streams.append(FakeStream(self, **options))
        return self.streams[-1]

    def query_devices(self, device: int | str | None, kind: str) -> dict[str, Any]:
        if not self.rates:
            raise PortAudioError("Error querying device -1")
        return {"default_samplerate": float(self.rates[0])}
