"""A caller from a WAV file, on Debian's baresip, is routed by voice: referred to the other number."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from door_fakes import FakeDoor
from peer_tools import Baresip, Talk, listening, needs

from ivr.media.wav import read_wav

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
pytestmark = needs("baresip")
sys.path.append(str(Path(__file__).resolve().parents[1] / "server"))

from test_serve_sip import CALLER, TOML, Served  # noqa: E402


async def test_routed_by_voice(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = FakeDoor(talk=Talk())
    async with listening(door) as billing:
        toml = TOML.replace("pbx.example.com", f"127.0.0.1:{billing.address.port}")
        monkeypatch.setattr("test_serve_sip.TOML", toml)
        served = Served(tmp_path / "served", cache)
        try:
            served.logged("ready for calls")
            said = np.concatenate(
                [np.zeros(33_600, np.int16), read_wav(CALLER, rate=8000)[0], np.zeros(8000 * 12, np.int16)]
            )
            log = await Baresip(tmp_path / "phone", "PCMU/8000/1", said, 8000).call(
                f"sip:100@127.0.0.1:{served.sip}", 16
            )
            served.logged("the call ended: routed (billing)")
            assert door.seats, log
            assert door.seats[0].party.called == "201"
        finally:
            served.process.kill()
            served.process.wait(10)
            served.log.close()
