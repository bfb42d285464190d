"""The header of a WAV file: reading it from whatever is in the file, and writing it.

RIFF WAVE as in the "Multimedia Programming Interface and Data Specifications 1.0" (IBM, Microsoft, 1991) and
its extensions for multichannel files (WAVE_FORMAT_EXTENSIBLE). A file is a RIFF header and a row of chunks:
four letters, a 32-bit length, that many bytes, and a pad byte after an odd length. No length that a header
claims is ever used for anything but comparing it with the bytes that are there.
"""

from __future__ import annotations

import enum
import shlex
import struct
from dataclasses import dataclass
from typing import BinaryIO

from ivr.errors import AudioError

RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""The sample rates that are read."""

_MAX_CHUNKS = 1_000
_STREAMED = 0x7FFF_0000  # lengths from here on are placeholders of a writer that could not know better
_EXTENSIBLE = 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_RF64 = "is in RF64 or big-endian form, not plain WAV"
_MAGIC = (
    (b"ID3", "is an MP3 file, not WAV"),
    (b"\xff\xfb", "is an MP3 file, not WAV"),
    (b"\xff\xf3", "is an MP3 file, not WAV"),
    (b"\xff\xf2", "is an MP3 file, not WAV"),
    (b"fLaC", "is a FLAC file, not WAV"),
    (b"OggS", "is an Ogg file, not WAV"),
    (b"FORM", "is an AIFF file, not WAV"),
    (b"\0\0\0\x20ftyp", "is an MP4 file, not WAV"),
    (b"\0\0\0\x1cftyp", "is an MP4 file, not WAV"),
    (b"\0\0\0\x18ftyp", "is an MP4 file, not WAV"),
    (b".snd", "is an AU file, not WAV"),
    (b"\x1aE\xdf\xa3", "is a WebM or Matroska file, not WAV"),
    (b"PK\x03\x04", "is a ZIP archive, not WAV"),
    (b"RF64", _RF64),
    (b"BW64", _RF64),
    (b"RIFX", _RF64),
)
_CODINGS = {0x02: "ADPCM", 0x11: "IMA ADPCM", 0x31: "GSM 06.10", 0x45: "G.726", 0x55: "MP3", 0x64: "G.726"}
_AGAIN = "Record or copy the file again"


class Encoding(enum.Enum):
    """How a sample is written; the value is (format tag, bits a sample, what libsndfile calls it)."""

    PCM_U8 = (1, 8, "PCM_U8")
    PCM_16 = (1, 16, "PCM_16")
    PCM_24 = (1, 24, "PCM_24")
    PCM_32 = (1, 32, "PCM_32")
    FLOAT_32 = (3, 32, "FLOAT")
    FLOAT_64 = (3, 64, "DOUBLE")
    ALAW = (6, 8, "ALAW")
    ULAW = (7, 8, "ULAW")

    @property
    def tag(self) -> int:
        """The wFormatTag of the header."""
        return self.value[0]

    @property
    def bytes(self) -> int:
        """Bytes one sample takes."""
        return self.value[1] // 8

    @property
    def subtype(self) -> str:
        """The name libsndfile has for it."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file holds, where its samples begin, and how many there are of each channel."""

    encoding: Encoding
    rate: int
    channels: int
    start: int
    samples: int

    @property
    def block(self) -> int:
        """Bytes of one sample time."""
        return self.encoding.bytes * self.channels


def convert_hint(name: str) -> str:
    """The remedy for a file that is sound, but not in a form that is read."""
    command = f"ffmpeg -i {shlex.quote(name)} -ar 16000 -ac 1 -c:a pcm_s16le new.wav"
    return f"Convert it, for example with: {command}"


def read_layout(file: BinaryIO, size: int, name: str) -> Layout:
    """The layout of an open file of `size` bytes; `name` is the file in messages.

    Raises AudioError when it is not WAV, is damaged, holds no audio, or has a form that is not read.
    """
    head = file.read(12)
    if not head:
        raise AudioError("is empty", place=name, remedy=_AGAIN)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise _other_than_wav(head, name)
    form: tuple[Encoding, int, int] | None = None
    position = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        chunk = file.read(8)
        if len(chunk) < 8:
            break
        tag, length = chunk[:4], int.from_bytes(chunk[4:], "little")
        position += 8
        if tag == b"fmt ":
            form = _read_format(file.read(min(length, 40)), name)
        elif tag == b"data":
            if form is None:
                raise AudioError("has no format before its audio", place=name, remedy=_AGAIN)
            encoding, rate, channels = form
            following = file.read(8)
            samples = _count(encoding, rate, channels, length, size - position, following, name)
            return Layout(encoding, rate, channels, position, samples)
        position += length + length % 2
    missing = "audio" if form else "format"
    raise AudioError(f"is cut off or damaged: its header names no {missing}", place=name, remedy=_AGAIN)


def pack_header(encoding: Encoding, rate: int, channels: int, samples: int) -> bytes:
    """The header of a file of `samples` sample times: as long for any `samples`, so that it can be renewed.

    Codes other than PCM get the fact chunk that their format asks for.
    """
    block = encoding.bytes * channels
    fmt = struct.pack("<HHIIHH", encoding.tag, channels, rate, rate * block, block, encoding.bytes * 8)
    chunks = [(b"fmt ", fmt)]
    if encoding.tag != 1:
        chunks = [(b"fmt ", fmt + b"\0\0"), (b"fact", struct.pack("<I", samples))]
    body = b"".join(tag + struct.pack("<I", len(data)) + data for tag, data in chunks)
    length = samples * block
    riff = struct.pack("<I", 4 + len(body) + 8 + length + length % 2)
    return b"RIFF" + riff + b"WAVE" + body + b"data" + struct.pack("<I", length)


def _read_format(fmt: bytes, name: str) -> tuple[Encoding, int, int]:
    """Encoding, rate and channels from a fmt chunk."""
    if len(fmt) < 16:
        raise AudioError("is cut off or damaged: its format is incomplete", place=name, remedy=_AGAIN)
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == _EXTENSIBLE:
        if len(fmt) < 40 or fmt[26:] != _GUID_TAIL:
            raise AudioError("has an unknown kind of audio", place=name, remedy=convert_hint(name))
        tag = int.from_bytes(fmt[24:26], "little")
    convert = convert_hint(name)
    encoding = next((one for one in Encoding if (one.tag, one.bytes * 8) == (tag, bits)), None)
    if encoding is None:
        what = f"is coded as {_CODINGS.get(tag, f'format {tag:#06x}')} with {bits} bits, which is not read"
        raise AudioError(what, place=name, remedy=convert)
    if channels not in (1, 2):
        raise AudioError(f"has {channels} channels; mono and stereo are read", place=name, remedy=convert)
    if rate not in RATES:
        what = f"is sampled at {rate} Hz; 8,000 to 48,000 Hz are read"
        raise AudioError(what, place=name, remedy=convert)
    if block != encoding.bytes * channels:
        raise AudioError("is damaged: its format contradicts itself", place=name, remedy=_AGAIN)
    return encoding, rate, channels


def _count(
    encoding: Encoding, rate: int, channels: int, claimed: int, there: int, following: bytes, name: str
) -> int:
    """Sample times in a data chunk that claims `claimed` bytes where `there` are left in the file."""
    block = encoding.bytes * channels
    seconds = there / (rate * block)
    unclosed = f"It was not closed properly; mend it with: sox --ignore-length {shlex.quote(name)} new.wav"
    if claimed > there and claimed >= _STREAMED:
        what = f"claims {claimed / 1e9:.1f} GB of audio but holds {seconds:.1f} s"
        raise AudioError(what, place=name, remedy=unclosed)
    if claimed > there:
        gone = (claimed - there) / (rate * block)
        lack = f"{gone:.1f} s of {claimed / (rate * block):.1f} s are" if gone >= 0.05 else "the end is"
        raise AudioError(f"is cut off: {lack} missing", place=name, remedy=_AGAIN)
    if claimed < block:
        if there >= 8 and not _is_chunk(following, there):
            what = f"claims to be empty but holds {seconds:.1f} s of audio"
            raise AudioError(what, place=name, remedy=unclosed)
        raise AudioError("holds no audio", place=name, remedy=_AGAIN)
    return claimed // block


def _is_chunk(following: bytes, there: int) -> bool:
    """Whether the bytes after an empty data chunk are one more chunk rather than samples."""
    printable = all(32 <= byte < 127 for byte in following[:4])
    return printable and int.from_bytes(following[4:8], "little") <= there - 8


def _other_than_wav(head: bytes, name: str) -> AudioError:
    """What a file is that is not WAV, from its first bytes."""
    if b"RIFF".startswith(head[:4]) and len(head) < 12:
        return AudioError("is cut off: it ends inside the header", place=name, remedy=_AGAIN)
    known = (what for magic, what in _MAGIC if head.startswith(magic))
    text = all(byte >= 32 or byte in b"\t\r\n" for byte in head) and not head.startswith(b"RIFF")
    what = next(known, "is a text file, not WAV" if text else "is not a WAV file")
    return AudioError(what, place=name, remedy=convert_hint(name))
