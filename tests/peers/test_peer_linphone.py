"""Debian's Linphone calls us from what it takes for this machine's address: sound, a key, hold, good-bye."""

from __future__ import annotations

import asyncio
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from peer_tools import Talk, free_port, listening, needs, until
from sip_phone import own_address

from ivr.media.pcm import Pcm
from ivr.media.resample import resample
from ivr.media.wav import write_wav

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
pytestmark = needs("linphonec")

RC = """
[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
[sound]
echocancellation=0
agc=0
"""


class Linphone:
    """Told what to do by lines, as at its prompt."""

    def __init__(self, folder: Path, said: Pcm) -> None:
        self.folder = folder
        for part in (".local/share/linphone", ".config/linphone"):
            (folder / part).mkdir(parents=True)  # without them it does not listen
        (folder / "rc").write_text(RC.format(port=free_port()))
        write_wav(folder / "said.wav", said, 8000)

    async def start(self) -> None:
        with (self.folder / "log").open("w") as log:
            self.process = await asyncio.create_subprocess_exec(
                "linphonec", "-c", str(self.folder / "rc"),
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
                env=os.environ | {"HOME": str(self.folder)},
            )  # fmt: skip
        await until(lambda: "linphonec>" in self.log())
        for line in (
            "ipv6 disable",
            "soundcard use files",
            f"play {self.folder / 'said.wav'}",
            f"record {self.folder / 'heard.wav'}",
        ):
            self.tell(line)

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def end(self) -> None:
        self.tell("quit")
        try:
            await asyncio.wait_for(self.process.wait(), 10)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def heard(self, rate: int) -> Pcm:
        """What it wrote, whose header does not count the last piece."""
        data = (self.folder / "heard.wav").read_bytes()
        channels, own = struct.unpack("<HI", data[22:28])
        samples = np.frombuffer(data[44 : len(data) // 2 * 2], "<i2")[::channels]
        return resample(samples.astype(np.int16), own, rate)


async def test_a_call_with_keys_and_hold(tmp_path: Path) -> None:
    host = own_address() or "127.0.0.1"
    talk = Talk()
    door = FakeDoor(talk=talk)
    phone = Linphone(
        tmp_path, np.concatenate([np.zeros(8000, np.int16), chirp(8000), np.zeros(80_000, np.int16)])
    )
    async with listening(door, host, public=True, allow=(host, "127.0.0.1")) as server:
        await phone.start()
        try:
            phone.tell(f"call sip:100@{host}:{server.address.port}")
            await until(lambda: door.seats, what=phone.log())
            await until(lambda: len(talk.heard) > 200)
            phone.tell("5")
            await until(lambda: talk.keys == ["5"], what=phone.log())
            phone.tell("pause")
            await until(lambda: "is now paused" in phone.log(), what=phone.log())
            phone.tell("resume")
            await until(lambda: phone.log().count("Media streams established") == 2, what=phone.log())
            phone.tell("terminate")
            await door.seats[0].done()
        finally:
            await phone.end()
    (rate,) = talk.rates
    assert likeness(chirp(rate), talk.sound()) > 0.95
    assert likeness(chirp(8000), phone.heard(8000)) > 0.95
