"""Recordings of calls, to listen to and to look at: whoever may see a case may play it, and is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
from fastapi import FastAPI, HTTPException, Query, status
from fastapi.responses import FileResponse

from ivr.accounts.account import Deed
from ivr.console.asked import Who, seen_by
from ivr.console.gate import Gate
from ivr.floor.service import Floor
from ivr.handoff.queue import Handoff
from ivr.records.layout import RECORDING, call_back_recording, call_folder

BARS = 400
"""Of a waveform, each with the peak of its part of the call."""


MOST_CALL_BACKS = 100
Attempt = Annotated[int, Query(ge=0, le=MOST_CALL_BACKS)]
"""0 for the call itself, else which call-back."""


def recording_routes(app: FastAPI, gate: Gate, floor: Floor, state: Path) -> None:
    """The sound of a case's call and its waveform."""

    @app.get("/api/v1/handoffs/{number}/recordings", tags=["console"])
    async def recordings(caller: Who, number: int) -> list[int]:
        """What there is to play: 0 the call, 1 and so on its call-backs."""
        handoff = await seen_by(floor, caller, number)
        return [n for n in range(1 + MOST_CALL_BACKS) if _found(state, handoff, n) is not None]

    @app.get("/api/v1/handoffs/{number}/recording", tags=["console"])
    async def recording(caller: Who, number: int, call_back: Attempt = 0) -> FileResponse:
        """A WAV file, the caller on the left, the desk or operator on the right."""
        path = _recording(state, await seen_by(floor, caller, number), call_back)
        await gate.remember(caller, Deed.PLAYED, f"case {number}")
        return FileResponse(path, media_type="audio/wav", filename=f"case-{number}.wav")

    @app.get("/api/v1/handoffs/{number}/waveform", tags=["console"])
    async def waveform(caller: Who, number: int, call_back: Attempt = 0) -> dict[str, object]:
        """Seconds, and for each side peaks from 0 to 1."""
        path = _recording(state, await seen_by(floor, caller, number), call_back)
        return await floor.kept(peaks, path)


def _recording(state: Path, handoff: Handoff, call_back: int) -> Path:
    """The file. Raises HTTPException 404 when the call was not recorded."""
    found = _found(state, handoff, call_back)
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "this call was not recorded")
    return found


def _found(state: Path, handoff: Handoff, call_back: int) -> Path | None:
    """The file, None when there is none."""
    name = call_back_recording(call_back) if call_back else RECORDING
    # Its day is that of the call's beginning, which lies before the handoff by what the caller had waited.
    begun = handoff.answered_local
    for when in (begun, handoff.entered_local):
        try:
            path = call_folder(state, when, handoff.request.call_id) / name
        except ValueError:
            break
        if path.is_file():
            return path
    return None


def peaks(path: Path) -> dict[str, object]:
    """The waveform of a recording. Raises HTTPException when it cannot be read."""
    try:
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    except (OSError, soundfile.LibsndfileError):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "the recording cannot be read") from None
    parts = np.array_split(np.abs(samples.astype(np.int32)), min(BARS, max(1, len(samples))))
    tops = np.array([part.max(axis=0, initial=0) for part in parts]) / 32_768
    sides = [[round(float(top), 3) for top in tops[:, side]] for side in range(tops.shape[1])]
    return {"seconds": round(len(samples) / rate, 2), "caller": sides[0], "desk": sides[-1]}
