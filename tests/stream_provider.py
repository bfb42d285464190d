"""The provider's side of a media stream: what a telephone company sends, plays, and sends back."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from types import TracebackType
from typing import Any, Self

import aiohttp
import numpy as np

from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm


class Provider:
    """One call. What the desk says is heard at once, and its marks are sent back."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, *, marks: bool = True) -> None:
        self.url = url
        self.got: list[dict[str, Any]] = []
        self.heard: list[Pcm] = []
        self._headers = headers
        self._marks = marks
        self._chunk = 0

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession()
        try:
            self.socket = await self.session.ws_connect(self.url, headers=self._headers, max_msg_size=0)
        except BaseException:
            await self.session.close()
            raise
        self.hearing = asyncio.create_task(self._hear())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()
        self.hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.hearing

    async def send(self, event: str, stream: str = "MZ1", **part: object) -> None:
        message: dict[str, object] = {"event": event, "streamSid": stream}
        if event != "connected":
            message[event] = part
        await self.raw(json.dumps(message))

    async def raw(self, text: str) -> None:
        with contextlib.suppress(ConnectionError):
            await self.socket.send_str(text)

    async def start(self, caller: str = "+44", called: str = "100", call: str = "CA1") -> None:
        await self.send("connected")
        await self.send(
            "start",
            callSid=call,
            streamSid="MZ1",
            tracks=["inbound"],
            customParameters={"caller": caller, "called": called},
            mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        )

    async def speak(self, pcm: Pcm) -> None:
        """As a whole, without waiting."""
        for start in range(0, len(pcm), 160):
            self._chunk += 1
            payload = base64.b64encode(encode_ulaw(pcm[start : start + 160])).decode()
            await self.send("media", track="inbound", chunk=str(self._chunk), payload=payload)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [message for message in self.got if message["event"] == name]

    def sound(self) -> Pcm:
        return np.concatenate([np.zeros(0, np.int16), *self.heard])

    async def ended(self) -> None:
        """The desk has closed the connection."""
        async with asyncio.timeout(10):
            await self.hearing

    async def _hear(self) -> None:
        async for message in self.socket:
            got = json.loads(message.data)
            self.got.append(got)
            if got["event"] == "media":
                self.heard.append(decode_ulaw(base64.b64decode(got["media"]["payload"])))
            elif got["event"] == "mark" and self._marks:
                await self.send("mark", name=got["mark"]["name"])
