"""The computer's microphone and loudspeaker as a line: talk to a desk without a telephone.

Use a headset: from a loudspeaker the desk hears itself. PortAudio calls us back on a thread of its own, every
20 ms; what travels between that thread and the call is bounded, and what has to be dropped is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
import threading
from collections import deque
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from ivr.errors import DeviceError
from ivr.handover import Route
from ivr.lines.line import KEYS, LineClosed, Party, Received, TransferContext, TransferOutcome, TransferResult
from ivr.meaning import SlotValue
from ivr.media.pcm import FRAME_SECONDS, WIDEBAND, Pcm, frame_samples
from ivr.media.resample import Resampler

_WAITING_FRAMES = 50  # one second, each way
_CUSHION_FRAMES = 2  # played as silence before the desk speaks, so that a late frame is not heard as a gap
_NO_SOUND_SECONDS = 2.0
_FRAME = frame_samples(WIDEBAND)
_PLACE = "microphone"
_LIST = "python -m sounddevice lists the devices"


@dataclass(slots=True)
class Losses:
    """What did not get through.

    dropped     frames, either way, that waited for more than a second
    overflows   times the sound system lost microphone samples before we got them
    underruns   times the loudspeaker had nothing to play while the desk was speaking
    """

    dropped: int = 0
    overflows: int = 0
    underruns: int = 0


class MicrophoneLine:
    """One call at the computer, 16 kHz; a device that runs at another rate is resampled.

    device    number or part of the name of a sound device, None for the default
    keyboard  a terminal (sys.stdin) whose typed digits, ``*`` and ``#`` are telephone keys after Enter

    The device is opened at once, so that DeviceError comes before the call; it starts with the first `recv`.
    A device that is unplugged, or silent for two seconds in the sense of delivering nothing, ends the call.
    """

    def __init__(self, *, device: str | None = None, keyboard: TextIO | None = None) -> None:
        if keyboard is not None and (sys.platform == "win32" or not keyboard.isatty()):
            what = "keys can only be typed at a Unix terminal"
            raise DeviceError(what, place="keys", remedy="Start ivr in a terminal, or leave the keys out")
        self.losses = Losses()
        self._device = device
        self._keyboard = keyboard
        self._keys: deque[str] = deque(maxlen=100)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._incoming: asyncio.Queue[Pcm | None] = asyncio.Queue(_WAITING_FRAMES)
        self._heard = np.zeros(0, dtype=np.int16)
        self._outgoing: deque[Pcm] = deque()
        self._lock = threading.Lock()
        self._desk_speaks = False
        self._closed = False
        self._stream, device_rate = self._open(_sounddevice())
        self._from_device = Resampler(device_rate, WIDEBAND)
        self._to_device = Resampler(WIDEBAND, device_rate)

    @property
    def rate(self) -> int:
        """16,000."""
        return WIDEBAND

    @property
    def paced(self) -> bool:
        """The microphone takes real time."""
        return True

    @property
    def party(self) -> Party:
        """The device; there are no numbers."""
        return Party(f"mic:{self._device or ''}")

    async def recv(self) -> Received:
        """The next 20 ms from the microphone."""
        if self._closed:
            raise LineClosed("the call is over")
        if self._loop is None:
            self._start(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(_NO_SOUND_SECONDS):
                pcm = await self._incoming.get()
        except TimeoutError:
            pcm = None
        if pcm is None:
            self._closed = True
            raise LineClosed("the microphone delivers no sound any more")
        keys = tuple(self._keys)
        self._keys.clear()
        return Received(pcm, keys)

    async def send(self, pcm: Pcm | None) -> None:
        """The next 20 ms for the loudspeaker. Ignored after the end."""
        if pcm is not None and len(pcm) != _FRAME:
            raise ValueError(f"a frame has {_FRAME} samples, not {len(pcm)}")
        if self._closed:
            return
        pieces = []
        if pcm is not None and not self._desk_speaks and not self._outgoing:
            pieces.append(self._to_device.feed(np.zeros(_FRAME * _CUSHION_FRAMES, dtype=np.int16)))
        if pcm is not None:
            pieces.append(self._to_device.feed(pcm))
        elif self._desk_speaks:
            pieces.append(self._to_device.flush())
        self._desk_speaks = pcm is not None
        with self._lock:
            self._outgoing.extend(piece for piece in pieces if len(piece))
            while len(self._outgoing) > _WAITING_FRAMES:
                self._outgoing.popleft()
                self.losses.dropped += 1

    def clear(self) -> None:
        """What the loudspeaker has not played yet is not played."""
        with self._lock:
            self._outgoing.clear()

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """There is nobody to pass the caller to at a computer: always accepted, the desk says where to."""
        return TransferResult(TransferOutcome.DONE)

    async def hang_up(self) -> None:
        """Plays what is still waiting, then closes the device; `recv` raises LineClosed from now on."""
        if self._loop is not None and not self._closed:
            for _ in range(_WAITING_FRAMES):
                if not self._outgoing:
                    break
                await asyncio.sleep(FRAME_SECONDS)
        self._closed = True
        self._put(None)
        if self._loop is not None and self._keyboard is not None:
            self._loop.remove_reader(self._keyboard)
        stream, self._stream = self._stream, None
        if stream is not None:
            await asyncio.to_thread(stream.close)

    # --- opening and starting ------------------------------------------------------------------------

    def _open(self, sound: ModuleType) -> tuple[Any, int]:
        """The stream, not started, and its rate: 16 kHz, or what the device does by itself."""
        device = int(self._device) if self._device and self._device.isdecimal() else self._device
        try:
            try:
                return self._stream_at(sound, device, WIDEBAND), WIDEBAND
            except sound.PortAudioError:
                rate = round(sound.query_devices(device, "input")["default_samplerate"])
                if rate == WIDEBAND:
                    raise
                return self._stream_at(sound, device, rate), rate
        except (sound.PortAudioError, ValueError) as error:
            remedy = f"Connect a microphone and a loudspeaker, or name another device; {_LIST}"
            raise DeviceError(f"cannot be opened ({error})", place=_PLACE, remedy=remedy) from None

    def _stream_at(self, sound: ModuleType, device: int | str | None, rate: int) -> Any:
        return sound.RawStream(
            samplerate=rate,
            blocksize=round(rate * FRAME_SECONDS),
            device=device,
            channels=1,
            dtype="int16",
            latency="low",
            callback=self._on_block,
            finished_callback=self._on_finished,
        )

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._stream.start()
        if self._keyboard is not None:
            loop.add_reader(self._keyboard, self._on_typed)

    def _on_typed(self) -> None:
        """Something was typed, or the terminal was closed."""
        if self._loop is None or self._keyboard is None:
            return
        typed = os.read(self._keyboard.fileno(), 1024)
        if not typed:
            self._loop.remove_reader(self._keyboard)
        self._keys.extend(key for key in typed.decode(errors="ignore").upper() if key in KEYS)

    # --- on PortAudio's thread ------------------------------------------------------------------------

    def _on_block(self, indata: Any, outdata: Any, count: int, _: Any, status: Any) -> None:
        """Take `count` samples from the microphone and give as many to the loudspeaker."""
        if status.input_overflow:
            self.losses.overflows += 1
        heard = np.frombuffer(indata, dtype=np.int16).copy()
        self._hand_over(self._arrived, heard)
        played = self._take(count)
        if (len(played) < count and self._desk_speaks) or status.output_underflow:
            self.losses.underruns += 1
        outdata[:] = np.pad(played, (0, count - len(played))).tobytes()

    def _on_finished(self) -> None:
        """The stream ended, by us or because the device is gone."""
        self._hand_over(self._put, None)

    def _hand_over(self, receiver: Any, pcm: Pcm | None) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed before the device
                self._loop.call_soon_threadsafe(receiver, pcm)

    def _take(self, count: int) -> Pcm:
        """Up to `count` samples for the loudspeaker."""
        taken: list[Pcm] = [np.zeros(0, dtype=np.int16)]
        with self._lock:
            while count > 0 and self._outgoing:
                piece = self._outgoing.popleft()
                if len(piece) > count:
                    self._outgoing.appendleft(piece[count:])
                taken.append(piece[:count])
                count -= len(taken[-1])
        return np.concatenate(taken)

    # --- on the loop, from that thread ----------------------------------------------------------------

    def _arrived(self, pcm: Pcm) -> None:
        """Cut what came into frames of 16 kHz."""
        self._heard = np.concatenate((self._heard, self._from_device.feed(pcm)))
        while len(self._heard) >= _FRAME:
            self._put(self._heard[:_FRAME])
            self._heard = self._heard[_FRAME:]

    def _put(self, pcm: Pcm | None) -> None:
        """Queue a frame, or None for the end, at the price of the oldest one."""
        if self._incoming.full():
            self._incoming.get_nowait()
            self.losses.dropped += 1
        self._incoming.put_nowait(pcm)


def _sounddevice() -> ModuleType:
    """The library, imported only here: it fails at import where PortAudio is missing."""
    try:
        sounddevice: ModuleType = importlib.import_module("sounddevice")
    except ImportError:
        what, remedy = "the package sounddevice is not installed", "Install it with: pip install 'ivr[mic]'"
        raise DeviceError(what, place=_PLACE, remedy=remedy) from None
    except OSError:
        what = "the system library PortAudio is missing"
        remedy = "Install it, on Debian and Ubuntu with: apt install libportaudio2"
        raise DeviceError(what, place=_PLACE, remedy=remedy) from None
    return sounddevice
