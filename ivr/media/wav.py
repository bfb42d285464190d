"""WAV files as PCM at a line's rate, and back."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from ivr.errors import AudioError, StateError
from ivr.media.g711 import encode_alaw, encode_ulaw
from ivr.media.pcm import LINE_RATES, NARROWBAND, WIDEBAND, Pcm
from ivr.media.resample import Resampler
from ivr.media.riff import Encoding, Layout, convert_hint, pack_header, read_layout

MAX_SECONDS = 4 * 3600
"""The longest file that is read."""

_BLOCK = 1 << 16
# Float files may go a little over full scale (1.0); those that go further are scaled like integers.
_LOUDEST_FLOAT = 8.0


def read_wav(path: str | Path, *, rate: int | None = None, channel: int | None = None) -> tuple[Pcm, int]:
    """The sound of a WAV file as 16-bit mono PCM, and its rate.

    rate     8,000 or 16,000 to bring it to; None chooses 16,000 for files of 16 kHz and more, else 8,000
    channel  0 (left) or 1 (right) of a stereo file; None mixes both

    Reads 8, 11.025, 12, 16, 22.05, 24, 32, 44.1 and 48 kHz, mono and stereo, 8/16/24/32-bit integers,
    32/64-bit floats, µ-law and A-law, with plain or extensible headers; up to four hours. Anything else is
    an AudioError naming the file, what is wrong and what to do. Memory is bounded by what the file holds.
    """
    if rate is not None and rate not in LINE_RATES:
        raise ValueError(f"a line's rate is 8000 or 16000, not {rate}")
    name = str(path)
    try:
        # Asked before opening: to open a named pipe would wait for its writer.
        status = _stat(Path(path))
        if stat.S_ISDIR(status.st_mode):
            raise AudioError("is a folder", place=name, remedy="Give the path of a WAV file")
        if not stat.S_ISREG(status.st_mode):
            raise AudioError("is a device, not a file", place=name, remedy="Give the path of a WAV file")
        with Path(path).open("rb") as file:
            layout = read_layout(file, status.st_size, name)
            _check(layout, channel, name)
            file.seek(layout.start)
            line_rate = rate or (WIDEBAND if layout.rate >= WIDEBAND else NARROWBAND)
            return _read_samples(file, layout, line_rate, channel, name), line_rate
    except FileNotFoundError:
        raise AudioError("no such file", place=name, remedy="Give the path of a WAV file") from None
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise AudioError(what, place=name, remedy="Check that you may read it") from None


def write_wav(path: str | Path, pcm: Pcm, rate: int, *, encoding: Encoding = Encoding.PCM_16) -> None:
    """Write mono (n,) or stereo (n, 2) PCM, 16-bit or G.711; the file appears whole or not at all.

    Raises StateError when the folder is missing, full or read-only.
    """
    channels = 1 if pcm.ndim == 1 else pcm.shape[1]
    data = pack_header(encoding, rate, channels, len(pcm)) + encode(pcm, encoding)
    write_atomic(Path(path), data + b"\0" * (len(data) % 2))


def encode(pcm: Pcm, encoding: Encoding) -> bytes:
    """Samples, channels interleaved, as the bytes of a file."""
    if encoding is Encoding.ULAW:
        return encode_ulaw(pcm)
    if encoding is Encoding.ALAW:
        return encode_alaw(pcm)
    if encoding is Encoding.PCM_16:
        return pcm.astype("<i2").tobytes()
    raise ValueError(f"files are written as 16-bit PCM, µ-law or A-law, not {encoding.name}")


def write_atomic(path: Path, data: bytes) -> None:
    """Put `data` into the file at `path` so that a reader, and a crash, see the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StateError(
            f"cannot be written ({error.strerror})",
            place=str(path),
            remedy="Make room, or give a folder that exists and may be written",
        ) from None


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except ValueError:  # a name that no file can have
        raise FileNotFoundError(str(path)) from None


def _check(layout: Layout, channel: int | None, name: str) -> None:
    if layout.samples / layout.rate > MAX_SECONDS:
        what = (
            f"is {layout.samples / layout.rate / 3600:.1f} hours long; up to {MAX_SECONDS // 3600} are read"
        )
        raise AudioError(what, place=name, remedy="Cut it into parts")
    if channel is not None and not 0 <= channel < layout.channels:
        what = f"has no channel {channel + 1}, only {layout.channels}"
        raise AudioError(what, place=name, remedy="Leave the channel out, or give a stereo file")


def _read_samples(file: BinaryIO, layout: Layout, rate: int, channel: int | None, name: str) -> Pcm:
    """All samples, block by block: decoded by libsndfile, one channel, at the line's rate."""
    stream = Resampler(layout.rate, rate, low_delay=False)
    out: list[Pcm] = []
    left = layout.samples
    while left:
        data = file.read(min(left, _BLOCK) * layout.block)
        if len(data) < layout.block:
            raise AudioError("became shorter while it was read", place=name, remedy="Try again")
        block = _decode(data[: len(data) // layout.block * layout.block], layout, name)
        left -= len(block)
        if channel is not None:
            out.append(stream.feed(np.ascontiguousarray(block[:, channel])))
        elif layout.channels == 1:
            out.append(stream.feed(block[:, 0]))
        else:
            out.append(stream.feed((block.sum(axis=1, dtype=np.int32) >> 1).astype(np.int16)))
    out.append(stream.flush())
    return np.concatenate(out)


def _decode(data: bytes, layout: Layout, name: str) -> Pcm:
    """Bytes as int16, shape (n, channels)."""
    floats = layout.encoding in (Encoding.FLOAT_32, Encoding.FLOAT_64)
    samples, _ = soundfile.read(
        io.BytesIO(data),
        dtype="float64" if floats else "int16",
        always_2d=True,
        format="RAW",
        subtype=layout.encoding.subtype,
        endian="LITTLE",
        channels=layout.channels,
        samplerate=layout.rate,
    )
    if not floats:
        return np.asarray(samples, dtype=np.int16)
    if not np.isfinite(samples).all():
        what = "holds samples that are not numbers (NaN or infinite)"
        raise AudioError(what, place=name, remedy="Export the file again from the program that made it")
    if np.abs(samples).max() > _LOUDEST_FLOAT:
        what = f"holds float samples up to {np.abs(samples).max():.3g}, where full scale is 1"
        raise AudioError(what, place=name, remedy=convert_hint(name))
    return np.asarray(np.clip(np.rint(samples * 32768.0), -32768, 32767), dtype=np.int16)
