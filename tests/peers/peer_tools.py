"""Real telephones and servers for tests: Debian's baresip, SIPp and Kamailio, each in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from chirps import chirp
from door_fakes import FakeDoor

from ivr.lines.line import Line, LineClosed
from ivr.lines.sip.server import SipServer
from ivr.media.pcm import Pcm
from ivr.media.wav import read_wav, write_wav
from ivr.serving.address import Address
from ivr.serving.sip import SipSettings

PACKAGES = {
    "asterisk": "asterisk",
    "baresip": "baresip-core",
    "kamailio": "kamailio",
    "linphonec": "linphone-cli",
    "sipp": "sip-tester",
}


def needs(program: str) -> pytest.MarkDecorator:
    """Skip, by name, where a peer is missing."""
    missing = shutil.which(program, path="/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin") is None
    return pytest.mark.skipif(
        missing, reason=f"the peer {program} is missing: apt-get install {PACKAGES[program]}"
    )


def free_port() -> int:
    """A port that nobody has, neither for UDP nor for TCP, nor the next one, which baresip takes for TLS."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
            found.bind(("127.0.0.1", 0))
            port: int = found.getsockname()[1]
            with (
                contextlib.suppress(OSError, OverflowError),
                socket.create_server(("127.0.0.1", port)),
                socket.create_server(("127.0.0.1", port + 1)),
            ):
                return port


@asynccontextmanager
async def listening(door: FakeDoor, host: str = "127.0.0.1", **settings: object) -> AsyncIterator[SipServer]:
    port = free_port()
    told = SipSettings(
        listen=Address(host, port),
        default_desk="small",
        **({"workers": 1} | settings),  # type: ignore[arg-type]
    )
    server = SipServer(told)
    await server.start(door)
    try:
        yield server
    finally:
        await server.close()
        for seat in door.seats:
            if seat.task is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await seat.task


class Talk:
    """What the desk does: wait a moment, say a chirp, hear everything."""

    def __init__(self, rate: int = 8000) -> None:
        self.heard: list[Pcm] = []
        self.keys: list[str] = []
        self.rates: set[int] = set()

    async def __call__(self, line: Line) -> None:
        self.rates.add(line.rate)
        said = np.concatenate([np.zeros(line.rate // 2, np.int16), chirp(line.rate)])
        size = line.rate // 50
        at = 0
        with contextlib.suppress(LineClosed):
            while True:
                received = await line.recv()
                self.heard.append(received.pcm)
                self.keys += received.keys
                await line.send(said[at : at + size] if at + size <= len(said) else None)
                at += size

    def sound(self) -> Pcm:
        return np.concatenate(self.heard) if self.heard else np.zeros(1, np.int16)


class Baresip:
    """Debian's baresip, which plays one WAV file into its call and writes what it hears into another."""

    def __init__(
        self, folder: Path, codec: str, said: Pcm, rate: int, *, transport: str = "udp", menc: str = ""
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.codec = folder, codec
        self.port = free_port()
        channels = 2 if codec.endswith("/2") else 1
        write_wav(folder / "said.wav", np.stack([said] * channels, axis=1) if channels > 1 else said, rate)
        modules = ["g711", "g722", "opus", "aufile", "aubridge", "sndfile", "srtp", "account", "menu"]
        (folder / "config").write_text(
            "\n".join(
                [
                    "poll_method epoll",
                    f"sip_listen 127.0.0.1:{self.port}",
                    "sip_verify_server no",
                    "audio_player aubridge,nobody",
                    "snd_path " + str(folder),
                    "audio_source aufile," + str(folder / "said.wav"),
                    "audio_level no",
                    "audio_buffer 20-160",
                    "rtp_tos 0",
                    "net_interface 127.0.0.1",
                    f"audio_srate {rate}",
                    f"audio_channels {channels}",
                    "ausrc_format s16",
                    "auplay_format s16",
                    "module_path " + _modules(),
                    *(
                        f"module {one}.so" if one not in ("account", "menu") else f"module_app {one}.so"
                        for one in modules
                    ),
                    "",
                ]
            )
        )
        media = f";mediaenc={menc}" if menc else ""
        (folder / "accounts").write_text(
            f"<sip:caller@127.0.0.1;transport={transport}>;regint=0;audio_codecs={codec}{media}\n"
        )
        (folder / "contacts").write_text("")

    async def call(self, to: str, seconds: float) -> str:
        """Dial, stay for so long, hang up; what it said."""
        with (self.folder / "log").open("w") as log:
            process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(self.folder), "-e", f"d {to}", "-t", str(int(seconds)),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(seconds + 15):
            await process.wait()
        return (self.folder / "log").read_text(errors="replace")

    def heard(self, rate: int) -> Pcm:
        (dump,) = self.folder.glob("dump-*dec.wav")
        return read_wav(dump, rate=rate)[0]


def _modules() -> str:
    found = [
        f"/usr/lib/{triplet}baresip/modules" for triplet in ("", "x86_64-linux-gnu/", "aarch64-linux-gnu/")
    ]
    return next((path for path in found if Path(path).is_dir()), found[0])


KAMAILIO = """
debug=1
log_stderror=yes
fork=no
children=2
tcp_children=1
listen=udp:127.0.0.1:{port}
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "siputils.so"
loadmodule "textops.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 10)
request_route {{
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("$td", "{password}", "0")) {{
            www_challenge("$td", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    record_route();
    $rU = "{user}";
    if (!lookup("location")) {{ sl_send_reply("480", "Nobody there"); exit; }}
    t_relay();
}}
"""


@contextmanager
def kamailio(
    folder: Path, port: int, *, user: str = "300", password: str = "secret"
) -> Iterator[subprocess.Popen[bytes]]:
    """A registrar that asks for a password, and passes every call on to the one account."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kamailio.cfg").write_text(KAMAILIO.format(port=port, user=user, password=password))
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        ["/usr/sbin/kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-Y", str(folder), "-m", "32",
         "-M", "4"],
        stdout=log, stderr=log,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        log.close()


async def until(condition: object, seconds: float = 10.0, what: str = "") -> float:
    """Wait for a condition; the seconds that took."""
    began = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - began < seconds, what or "it did not come about"
        await asyncio.sleep(0.02)
    return time.monotonic() - began
