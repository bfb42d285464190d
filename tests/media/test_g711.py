"""G.711 against libsndfile's independent tables, the standard's own numbers, and what must always hold."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ivr.media.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from ivr.media.pcm import Pcm

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_CODE = bytes(range(256))
LAWS = [
    pytest.param(encode_ulaw, decode_ulaw, "ULAW", id="ulaw"),
    pytest.param(encode_alaw, decode_alaw, "ALAW", id="alaw"),
]
Encode = Callable[[Pcm], bytes]
Decode = Callable[[bytes], Pcm]


@pytest.mark.parametrize(("encode", "decode", "subtype"), LAWS)
def test_all_samples_and_codes_agree_with_libsndfile(encode: Encode, decode: Decode, subtype: str) -> None:
    theirs = io.BytesIO()
    soundfile.write(theirs, EVERY_SAMPLE, 8000, format="RAW", subtype=subtype)
    assert encode(EVERY_SAMPLE) == theirs.getvalue()
    samples, _ = soundfile.read(
        io.BytesIO(EVERY_CODE), dtype="int16", format="RAW", subtype=subtype, channels=1, samplerate=8000
    )
    np.testing.assert_array_equal(decode(EVERY_CODE), samples)


@pytest.mark.parametrize(("encode", "decode", "subtype"), LAWS)
def test_coding_keeps_order_and_sign(encode: Encode, decode: Decode, subtype: str) -> None:
    coded = decode(encode(EVERY_SAMPLE)).astype(int)
    assert (np.diff(coded) >= 0).all()
    np.testing.assert_array_equal(coded[1:32768], -coded[:32768:-1])


@pytest.mark.parametrize(("encode", "decode", "subtype"), LAWS)
def test_the_error_stays_within_half_a_step(encode: Encode, decode: Decode, subtype: str) -> None:
    quiet_enough = EVERY_SAMPLE[np.abs(EVERY_SAMPLE.astype(int)) <= 32_124]
    error = np.abs(decode(encode(quiet_enough)).astype(int) - quiet_enough)
    # A segment has 16 steps and spans a doubling (with the bias): half a step is 1/32 of it at most.
    assert (error <= (np.abs(quiet_enough.astype(int)) + 132) / 32 + 4).all()


def test_codes_survive_decoding_and_encoding() -> None:
    assert encode_alaw(decode_alaw(EVERY_CODE)) == EVERY_CODE
    # µ-law has two zeros; silence is always coded as the positive one.
    assert encode_ulaw(decode_ulaw(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_known_vectors() -> None:
    assert encode_ulaw(np.array([0, 32767, -32768], np.int16)) == bytes([0xFF, 0x80, 0x00])
    assert encode_alaw(np.array([0, 32767, -32768], np.int16)) == bytes([0xD5, 0xAA, 0x2A])
    # G.711 tables 5 and 6: the digital milliwatt, a 1 kHz sine at 0 dBm0; its peaks on the 16-bit scale.
    ulaw_milliwatt = bytes([0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E])
    assert decode_ulaw(ulaw_milliwatt).tolist() == [-8828, -20860, -20860, -8828, 8828, 20860, 20860, 8828]
    alaw_milliwatt = bytes([0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4])
    assert decode_alaw(alaw_milliwatt).tolist() == [-8960, -20992, -20992, -8960, 8960, 20992, 20992, 8960]


@pytest.mark.parametrize(("encode", "decode", "subtype"), LAWS)
@given(pcm=arrays(np.int16, st.integers(0, 400)), stride=st.integers(1, 3))
def test_coding_twice_changes_nothing_more(
    encode: Encode, decode: Decode, subtype: str, pcm: Pcm, stride: int
) -> None:
    once = decode(encode(pcm[::stride]))
    assert once.dtype == np.int16
    np.testing.assert_array_equal(decode(encode(once)), once)
