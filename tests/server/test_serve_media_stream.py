"""A whole call over a WebSocket of the provider's format: a WAV caller, routed by voice, and passed on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import numpy as np
from stream_provider import Provider
from test_serve_command import CALLER, DESK

from ivr.config import Settings
from ivr.lines.media_stream.server import MediaStreamServer
from ivr.media.wav import read_wav
from ivr.records.log import read_summary
from ivr.server.desks import Desks
from ivr.server.lines import open_lines
from ivr.server.server import Server
from ivr.serving.settings import load_serving

TOML = """
[[lines]]
kind = "media-stream"
listen = "127.0.0.1:0"
default_desk = "small"
record = true
"""


async def test_a_caller_is_routed_by_voice(tmp_path: Path, cache: Path) -> None:
    desk = tmp_path / "grammars" / "small" / "desk.yaml"
    desk.parent.mkdir(parents=True)
    desk.write_text(DESK, encoding="utf-8")
    (tmp_path / "ivr.toml").write_text(TOML)
    serving = load_serving(tmp_path / "ivr.toml")
    desks = Desks(Settings(state=tmp_path / "state", cache=cache), tmp_path)
    await desks.load(("small",))
    lines, _ = open_lines(serving)
    server = Server(serving, desks, lines)
    await server.start()
    line = lines[0].server
    assert isinstance(line, MediaStreamServer)
    try:
        async with Provider(f"ws://{line.address}/media-stream") as peer, aiohttp.ClientSession() as web:
            await peer.start("+4420", "100")
            await _say_after_the_greeting(peer, CALLER)
            await peer.ended()
            answer = await web.post(f"http://{line.address}/media-stream/next", data={"CallSid": "CA1"})
            assert "<Number>201</Number>" in await answer.text()
        await server.drain(5)
    finally:
        await server.close()
        await desks.close()
    (folder,) = (tmp_path / "state" / "calls").glob("*/*")
    summary = read_summary(folder)
    assert (summary.outcome, summary.caller, summary.line) == ("routed", "+4420", "media-stream:CA1")


async def _say_after_the_greeting(peer: Provider, said: Path) -> None:
    """Twenty milliseconds every twenty: silence until the desk has greeted, then the caller's words."""
    speech, _ = read_wav(said, rate=8000)
    start, frames, quiet_since, rest = time.monotonic(), 0, 0, np.zeros(0, np.int16)
    while not peer.hearing.done() and frames < 50 * 30:
        if len(speech) and peer.events("mark"):
            quiet_since = quiet_since or frames
            if frames - quiet_since > 25:
                rest, speech = speech, speech[:0]
        frame, rest = np.pad(rest[:160], (0, 160 - len(rest[:160]))), rest[160:]
        await peer.speak(frame)
        frames += 1
        await asyncio.sleep(max(0.0, start + frames * 0.02 - time.monotonic()))
