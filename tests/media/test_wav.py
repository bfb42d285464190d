"""WAV files: every form that is read, every way to be unreadable, and writing whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import struct
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.errors import AudioError, StateError
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm
from ivr.media.riff import RATES, Encoding, pack_header
from ivr.media.wav import read_wav, write_wav

SUBTYPES = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]


def tone(rate: int, seconds: float = 0.5, frequency: float = 440, peak: float = 12_000) -> Pcm:
    wave = peak * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)
    return np.rint(wave).astype(np.int16)


def snr_db(signal: Pcm, other: Pcm) -> float:
    noise = np.mean((signal.astype(float) - other) ** 2)
    return float(10 * np.log10(np.mean(signal.astype(float) ** 2) / max(noise, 1e-9)))


@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("rate", RATES)
def test_every_form_is_read(tmp_path: Path, rate: int, subtype: str, channels: int, container: str) -> None:
    path = tmp_path / "call.wav"
    samples = np.repeat(tone(rate)[:, None], channels, axis=1) / 32768
    soundfile.write(path, samples, rate, subtype=subtype, format=container)
    pcm, line_rate = read_wav(path)
    assert line_rate == (16_000 if rate >= 16_000 else 8_000)
    assert pcm.dtype == np.int16
    assert len(pcm) == line_rate // 2
    middle = slice(line_rate // 10, -line_rate // 10)
    assert snr_db(tone(line_rate)[middle], pcm[middle]) > (
        30 if subtype in ("PCM_U8", "ULAW", "ALAW") else 60
    )


def test_16_bit_at_the_lines_rate_is_read_bit_by_bit(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    every = np.arange(-32768, 32768).astype(np.int16)
    soundfile.write(path, every, 8000, subtype="PCM_16")
    np.testing.assert_array_equal(read_wav(path)[0], every)


def test_floats_a_little_over_full_scale_are_clipped(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    soundfile.write(path, np.array([0.5, 1.0, 1.5, -1.0, -1.5]), 8000, subtype="FLOAT")
    assert read_wav(path)[0].tolist() == [16384, 32767, 32767, -32768, -32768]


def test_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    write_wav(path, tone(8000), 8000)
    pcm, rate = read_wav(path, rate=16_000)
    assert rate == 16_000
    assert snr_db(tone(16_000)[1000:-1000], pcm[1000:-1000]) > 60
    with pytest.raises(ValueError, match="44100"):
        read_wav(path, rate=44_100)


def test_stereo_is_mixed_unless_a_channel_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    left, right = tone(8000), tone(8000, frequency=800, peak=6000)
    write_wav(path, np.column_stack((left, right)), 8000)
    mixed = (left.astype(int) + right) // 2
    np.testing.assert_array_equal(read_wav(path)[0], mixed)
    np.testing.assert_array_equal(read_wav(path, channel=0)[0], left)
    np.testing.assert_array_equal(read_wav(path, channel=1)[0], right)
    with pytest.raises(AudioError, match="has no channel 3, only 2"):
        read_wav(path, channel=2)


def test_a_long_file_is_read_in_blocks_without_seams(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    soundfile.write(path, tone(44_100, seconds=4) / 32768, 44_100, subtype="FLOAT")
    pcm, _ = read_wav(path)
    assert snr_db(tone(16_000, seconds=4)[1000:-1000], pcm[1000:-1000]) > 60


def test_other_chunks_and_bytes_after_the_audio_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    pcm = tone(8000)
    header = pack_header(Encoding.PCM_16, 8000, 1, len(pcm))
    junk = b"LIST" + struct.pack("<I", 5) + b"INFO?" + b"\0"  # odd length: a pad byte follows
    path.write_bytes(header[:12] + junk + header[12:] + pcm.tobytes() + b"id3 " + b"\xff" * 11)
    np.testing.assert_array_equal(read_wav(path)[0], pcm)


# --- what cannot be read -----------------------------------------------------------------------------

GOOD = pack_header(Encoding.PCM_16, 8000, 1, 4000) + tone(8000).tobytes()
EMPTY_DATA = pack_header(Encoding.PCM_16, 8000, 1, 0)


def with_length(length: int) -> bytes:
    """GOOD with another length in the header of its data chunk."""
    return GOOD[:40] + struct.pack("<I", length) + GOOD[44:]


def with_format(at: int, form: str, value: int) -> bytes:
    """GOOD with another value at an offset inside its format chunk."""
    return GOOD[: 20 + at] + struct.pack(form, value) + GOOD[20 + at + struct.calcsize(form) :]


def written(subtype: str, rate: int = 8000, channels: int = 1, form: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros((rate // 10, channels)), rate, subtype=subtype, format=form)
    return file.getvalue()


BROKEN = {
    "empty": (b"", "is empty. Record"),
    "one byte": (b"R", "ends inside the header"),
    "cut in the header": (GOOD[:11], "ends inside the header"),
    "cut in the format": (GOOD[:30], "its format is incomplete"),
    "cut after the format": (GOOD[:36], "its header names no audio"),
    "no format": (GOOD[:12] + GOOD[36:], "has no format before its audio"),
    "nothing but chunks": (GOOD[:12] + b"LIST\0\0\0\0" * 5000, "its header names no format"),
    "cut in the audio": (GOOD[: 44 + 2000], "is cut off: 0.4 s of 0.5 s are missing"),
    "cut in the last sample": (GOOD[:-1], "is cut off: the end is missing"),
    "4 GB header": (with_length(0xFFFFFFFF), "claims 4.3 GB of audio but holds 0.5 s. It was not closed"),
    "2 GB header": (with_length(0x7FFFFFFF), "claims 2.1 GB of audio but holds 0.5 s. It was not closed"),
    "header never renewed": (
        with_length(0),
        "claims to be empty but holds 0.5 s of audio. It was not closed",
    ),
    "no samples": (EMPTY_DATA, "holds no audio"),
    "no samples, a chunk after": (EMPTY_DATA + b"LIST\4\0\0\0INFO", "holds no audio"),
    "less than one sample": (EMPTY_DATA[:40] + b"\1\0\0\0" + b"\0", "holds no audio"),
    "96 kHz": (written("PCM_16", 96_000), "is sampled at 96000 Hz; 8,000 to 48,000 Hz are read. Convert"),
    "6 channels": (written("PCM_16", 48_000, 6), "has 6 channels; mono and stereo are read. Convert"),
    "6 channels, extensible": (written("PCM_16", 48_000, 6, "WAVEX"), "has 6 channels"),
    "no channels": (with_format(2, "<H", 0), "has 0 channels"),
    "12 bits": (with_format(14, "<H", 12), "is coded as format 0x0001 with 12 bits, which is not read"),
    "GSM": (written("GSM610"), "is coded as GSM 06.10"),
    "ADPCM": (written("IMA_ADPCM"), "is coded as IMA ADPCM"),
    "block that does not fit": (with_format(12, "<H", 3), "its format contradicts itself"),
    "unknown extension": (with_format(0, "<H", 0xFFFE), "has an unknown kind of audio"),
    "NaN": (
        pack_header(Encoding.FLOAT_32, 8000, 1, 3) + np.array([0, np.nan, 0], "<f4").tobytes(),
        "holds samples that are not numbers",
    ),
    "infinite": (
        pack_header(Encoding.FLOAT_64, 8000, 1, 3) + np.array([0, -np.inf, 0], "<f8").tobytes(),
        "holds samples that are not numbers",
    ),
    "floats scaled like integers": (
        pack_header(Encoding.FLOAT_32, 8000, 1, 2) + np.array([0, 20_000], "<f4").tobytes(),
        "holds float samples up to 2e+04, where full scale is 1. Convert",
    ),
    "MP3": (b"ID3\4" + bytes(100), "is an MP3 file, not WAV. Convert"),
    "MP3 without tag": (b"\xff\xfb\x90\x64" + bytes(100), "is an MP3 file, not WAV. Convert"),
    "FLAC": (written("PCM_16", form="FLAC"), "is a FLAC file, not WAV"),
    "Ogg": (b"OggS" + bytes(100), "is an Ogg file, not WAV"),
    "AIFF": (written("PCM_16", form="AIFF"), "is an AIFF file, not WAV"),
    "RF64": (written("PCM_16", form="RF64"), "is in RF64"),
    "MP4": (b"\0\0\0\x20ftypM4A " + bytes(100), "is an MP4 file, not WAV"),
    "AVI": (b"RIFF\4\0\0\0AVI " + bytes(100), "is not a WAV file"),
    "text": (b"Hello, this is not a WAV file\n", "is a text file, not WAV"),
    "zeros": (bytes(5000), "is not a WAV file"),
}


@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "the call.wav"
    path.write_bytes(data)
    with pytest.raises(AudioError) as caught:
        read_wav(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert message in text
    assert "\n" not in text
    assert caught.value.remedy


def test_missing_folder_device_and_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AudioError, match="no such file"):
        read_wav(tmp_path / "none.wav")
    for impossible in ("\0.wav", "\ud800.wav", "x" * 5000):
        with pytest.raises(AudioError, match=r"no such file|cannot be read"):
            read_wav(impossible)
    with pytest.raises(AudioError, match="is a folder"):
        read_wav(tmp_path)
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioError, match="is a device, not a file"):
        read_wav(tmp_path / "pipe.wav")
    (tmp_path / "secret.wav").write_bytes(GOOD)

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(AudioError, match=r"cannot be read \(Permission denied\)"):
        read_wav(tmp_path / "secret.wav")


def test_more_than_four_hours_are_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    samples = 8000 * 3600 * 5
    with path.open("wb") as file:
        file.write(pack_header(Encoding.ULAW, 8000, 1, samples))
        file.truncate(file.tell() + samples)  # a sparse file: takes no room
    start = time.perf_counter()
    with pytest.raises(AudioError, match="is 5.0 hours long; up to 4 are read. Cut it"):
        read_wav(path)
    assert time.perf_counter() - start < 1


SEED = {subtype: written(subtype, 11_025, 2) for subtype in ("PCM_16", "PCM_24", "FLOAT", "ULAW")}


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with bytes changed (mostly in the header), cut, doubled or moved."""
    data = bytearray(draw(st.sampled_from(sorted(SEED.values()))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.one_of(st.integers(0, 64), st.integers(0, len(data))))
        what = draw(st.sampled_from(["set", "length", "cut", "insert", "delete"]))
        if what == "set":
            data[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif what == "length":
            data[at : at + 4] = struct.pack("<I", draw(st.integers(0, 2**32 - 1)))
        elif what == "cut":
            del data[at:]
        elif what == "insert":
            data[at:at] = draw(st.binary(max_size=40))
        else:
            del data[at : at + draw(st.integers(1, 40))]
    return bytes(data)


@given(
    data=st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(b"RIFF....WAVE".__add__), mutated())
)
@settings(
    max_examples=400,
    deadline=1000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_bytes_raise_anything_else_or_take_long(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "fuzz.wav"
    path.write_bytes(data)
    try:
        pcm, rate = read_wav(path)
    except AudioError as error:
        assert str(error).startswith(str(path))
    else:
        assert rate in (8000, 16000)
        assert 0 < len(pcm) <= len(data) * 2
        assert pcm.dtype == np.int16


# --- writing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", [Encoding.PCM_16, Encoding.ULAW, Encoding.ALAW])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 801, 8000])
def test_what_is_written_reads_the_same_here_and_elsewhere(
    tmp_path: Path, encoding: Encoding, channels: int, samples: int
) -> None:
    path = tmp_path / "out.wav"
    pcm = np.random.default_rng(1).integers(-32768, 32767, (samples, channels)).astype(np.int16)
    write_wav(path, pcm if channels == 2 else pcm[:, 0], 8000, encoding=encoding)
    theirs, rate = soundfile.read(path, dtype="int16", always_2d=True)
    assert rate == 8000
    assert soundfile.info(path).subtype == encoding.subtype
    if encoding is Encoding.PCM_16:
        np.testing.assert_array_equal(theirs, pcm)
    for channel in range(channels):
        np.testing.assert_array_equal(read_wav(path, channel=channel)[0], theirs[:, channel])
    assert int.from_bytes(path.read_bytes()[4:8], "little") == path.stat().st_size - 8


def test_ulaw_on_disk_is_g711(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    write_wav(path, tone(8000), 8000, encoding=Encoding.ULAW)
    np.testing.assert_array_equal(read_wav(path)[0], decode_ulaw(encode_ulaw(tone(8000))))


def test_other_encodings_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PCM_24"):
        write_wav(tmp_path / "out.wav", tone(8000), 8000, encoding=Encoding.PCM_24)


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.wav"
    write_wav(path, tone(8000), 8000)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        StateError, match=r"out\.wav: cannot be written \(No space left on device\)\. Make room"
    ):
        write_wav(path, tone(16_000), 16_000)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"none/out\.wav: cannot be written \(No such file or directory\)"):
        write_wav(tmp_path / "none" / "out.wav", tone(8000), 8000)
