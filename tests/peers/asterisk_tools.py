"""A real Asterisk for tests, in a folder of its own: the examples and the documentation, as they stand."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from peer_tools import free_port, until

from ivr.media.pcm import Pcm
from ivr.media.wav import write_wav

ROOT = Path(__file__).resolve().parents[2]
MODULES = (
    "res_clioriginate", "res_timing_timerfd", "res_pjproject", "res_sorcery_config", "res_sorcery_memory",
    "res_sorcery_astdb", "res_rtp_asterisk", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub",
    "res_pjsip_authenticator_digest", "res_pjsip_endpoint_identifier_ip", "res_pjsip_caller_id",
    "res_pjsip_endpoint_identifier_user", "res_pjsip_dtmf_info", "res_pjsip_nat", "res_pjsip_refer",
    "res_pjsip_sdp_rtp", "chan_pjsip", "codec_ulaw", "codec_alaw", "codec_g722", "codec_resample",
    "format_sln", "format_wav", "app_dial", "app_playback", "app_mixmonitor", "app_senddtmf", "app_stack",
    "bridge_simple", "bridge_softmix", "bridge_builtin_features", "pbx_config", "func_callerid",
    "func_uri", "func_uuid", "res_curl", "func_curl", "func_strings", "func_logic", "func_channel",
    "res_audiosocket", "app_audiosocket", "chan_audiosocket",
)  # fmt: skip
CALLER = """
[caller]
; Who calls: says the chirp, presses keys, and listens.
exten => s,1,Answer()
 same => n,MixMonitor({folder}/both.wav,r({folder}/heard.sln))
 same => n,Wait(0.5)
 same => n,Playback({folder}/said)
 same => n,SendDTMF(42#,100,100)
 same => n,Wait(20)
 same => n,Hangup()
"""


@dataclass
class Asterisk:
    """One that runs; `port` is where it speaks SIP."""

    folder: Path
    port: int

    async def do(self, command: str) -> str:
        """A command at its console; what it answers."""
        return await asyncio.to_thread(self._do, command)

    def _do(self, command: str) -> str:
        done = subprocess.run(
            ["asterisk", "-C", str(self.folder / "asterisk.conf"), "-rx", command],
            capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        return done.stdout + done.stderr

    def log(self) -> str:
        return (self.folder / "console").read_text(errors="replace")

    async def heard(self) -> Pcm:
        """What the caller heard; ends all calls, because the recording is whole only then."""
        await self.do("channel request hangup all")
        await until(lambda: "End MixMonitor Recording" in self.log(), 10, "the caller's recording goes on")
        return np.fromfile(self.folder / "heard.sln", "<i2").astype(np.int16)


@asynccontextmanager
async def asterisk(folder: Path, said: Pcm, dialplan: str, trunk: str = "") -> AsyncIterator[Asterisk]:
    """`trunk`: sections of pjsip.conf beside the transport `transport-udp`."""
    here = Asterisk(folder, free_port())
    write_wav(folder / "said.wav", said, 8000)
    for name in ("run", "log", "spool", "lib"):
        (folder / name).mkdir()
    for name, text in {
        "asterisk": f"""
[directories]
astetcdir => {folder}
astvarlibdir => {folder}/lib
astdbdir => {folder}/lib
astkeydir => {folder}/lib
astspooldir => {folder}/spool
astrundir => {folder}/run
astlogdir => {folder}/log
""",
        "modules": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES),
        "logger": "[general]\n[logfiles]\nconsole => notice,warning,error,verbose\n",
        "pjsip": f"[transport-udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{here.port}\n{trunk}",
        "rtp": "[general]\nrtpstart=21000\nrtpend=21999\n",
        "extensions": dialplan + CALLER.format(folder=folder),
    }.items():
        (folder / f"{name}.conf").write_text(text)
    with (folder / "console").open("w") as console:
        process = subprocess.Popen(  # noqa: ASYNC220 - at once, and watched below
            ["asterisk", "-f", "-n", "-vvv", "-C", str(folder / "asterisk.conf")],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console,
        )  # fmt: skip
        try:
            await until(lambda: "Asterisk Ready" in here.log() or process.poll() is not None, 30)
            assert process.poll() is None, here.log()
            yield here
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)
