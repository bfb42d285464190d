"""Recordings in the console: for those who may see the case, remembered, and with a waveform."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import soundfile

from ivr.records.layout import RECORDING, call_back_recording, call_folder

Console = Any  # conftest.Console


async def recorded(console: Console, queue: str = "billing") -> int:
    number: int = await console.enter(queue=queue)
    request = console.store.get(number).request
    when = datetime.fromisoformat(request.entered) - timedelta(seconds=request.waited)
    folder = call_folder(console.state, when, request.call_id)
    folder.mkdir(parents=True)
    sound = np.zeros((16_000, 2), dtype=np.int16)
    sound[:8_000, 0], sound[8_000:, 1] = 16_384, 8_192
    soundfile.write(folder / RECORDING, sound, 8_000)
    return number


async def test_a_recording_is_played_and_remembered(console: Console) -> None:
    number = await recorded(console)
    async with console.person("ann") as ann:
        async with ann.get(f"/api/v1/handoffs/{number}/recording") as answer:
            assert answer.headers["Content-Type"] == "audio/wav"
            sound, rate = soundfile.read(io.BytesIO(await answer.read()), dtype="int16")
        assert (sound.shape, rate) == ((16_000, 2), 8_000)
        async with ann.get(f"/api/v1/handoffs/{number}/recording", headers={"Range": "bytes=0-99"}) as part:
            assert (part.status, len(await part.read())) == (206, 100)
        async with ann.get(f"/api/v1/handoffs/{number}/waveform") as answer:
            wave = await answer.json()
    assert wave["seconds"] == 2.0
    assert (wave["caller"][0], wave["caller"][-1]) == (0.5, 0.0)
    assert (wave["desk"][0], wave["desk"][-1]) == (0.0, 0.25)
    deeds = [(line.who, line.deed.value, line.about) for line in console.accounts.remembered()]
    assert ("ann", "played", f"case {number}") in deeds


async def test_a_call_back_has_a_recording_of_its_own(console: Console) -> None:
    number = await recorded(console)
    async with console.person("ann") as ann:
        async with ann.get(f"/api/v1/handoffs/{number}/recordings") as answer:
            assert await answer.json() == [0]
        request = console.store.get(number).request
        (folder,) = console.state.glob(f"calls/*/{request.call_id}")
        soundfile.write(folder / call_back_recording(2), np.zeros((4_000, 2), dtype=np.int16), 8_000)
        async with ann.get(f"/api/v1/handoffs/{number}/recordings") as answer:
            assert await answer.json() == [0, 2]
        async with ann.get(f"/api/v1/handoffs/{number}/waveform?call_back=2") as answer:
            assert (await answer.json())["seconds"] == 0.5
        for bad, status in ((1, 404), (-1, 422), (101, 422), ("../x", 422)):
            async with ann.get(f"/api/v1/handoffs/{number}/recording?call_back={bad}") as answer:
                assert answer.status == status


async def test_others_do_not_hear_it(console: Console) -> None:
    number = await recorded(console, queue="sales")
    async with console.person("ann") as ann, console.person() as stranger:
        async with ann.get(f"/api/v1/handoffs/{number}/recording") as answer:
            assert answer.status == 404
        async with stranger.get(f"/api/v1/handoffs/{number}/recording") as answer:
            assert answer.status == 401


async def test_a_call_without_a_recording_or_with_a_broken_one(console: Console) -> None:
    bare = await console.enter()
    broken = await recorded(console)
    next(console.state.rglob(RECORDING)).write_bytes(b"RIFF")
    odd = await console.enter(call_id="../../etc/passwd")
    async with console.person("bob") as bob:
        for number in (bare, broken, odd):
            async with bob.get(f"/api/v1/handoffs/{number}/waveform") as answer:
                assert answer.status == 404, number
