"""The sound of one call between the line and the SIP stack, whose streams are written by hand here."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
from baresip.audio import AudioInfo, AudioStats
from baresip.errors import AudioNotActive, AudioRestarted

from ivr.lines.sip.audio import (
    AHEAD_FRAMES,
    LOOK_FRAMES,
    MOST_AHEAD,
    SPARE_FRAMES,
    CallSound,
    frames_ahead,
)


class Streams:
    """`baresip.audio.CallAudio` whose other side sends a frame when `sends` is called."""

    def __init__(self, rate: int = 48_000, channels: int = 2) -> None:
        self.rate, self.channels, self.down, self.restarted = rate, channels, False, False
        self.written, self.waiting, self.missing, self.stale = b"", 0, 0, False

    def info(self) -> AudioInfo:
        if self.down:
            raise AudioNotActive("not yet")
        one = (self.rate, self.channels)
        return AudioInfo(True, True, *one, 20, *one, self.waiting, 0, 1 << 16, 1 << 16)

    def read(self, max_bytes: int) -> bytes:
        if self.restarted:
            self.restarted = False
            raise AudioRestarted("new ones")
        return np.full(self.rate // 50 * self.channels, 500, np.int16).tobytes()

    def write(self, pcm: bytes) -> int:
        if self.stale:
            self.stale = False
            raise AudioRestarted("new ones")
        self.written += pcm
        self.waiting += len(pcm)
        return len(pcm)

    def sends(self) -> None:
        frame = self.rate // 50 * self.channels * 2
        self.missing += self.waiting < frame
        self.waiting = max(0, self.waiting - frame)

    def stats(self) -> AudioStats:
        self.stale = False  # as the stack's: it speaks of the new streams, and nobody is told of them
        return AudioStats(self.missing, 0, 0, 0, self.waiting, 0, 0, 0, 0, 0)


def test_sound_is_brought_to_the_rate_of_the_line_and_survives_new_streams() -> None:
    streams = Streams()
    streams.down = True
    sound = CallSound(streams)
    assert not sound.open() and not len(sound.read())
    streams.down = False
    assert sound.open() and sound.rate == 16_000
    heard = np.concatenate([sound.read() for _ in range(10)])
    assert 2500 < len(heard) <= 3200 and abs(int(heard[-500:].mean()) - 500) < 3
    for _ in range(10):
        sound.write(np.full(320, 300, np.int16))
    out = np.frombuffer(streams.written, np.int16).reshape(-1, 2)
    assert np.array_equal(out[:, 0], out[:, 1]) and len(out) > 48_000 // 50 * 8
    streams.restarted, streams.rate, streams.channels = True, 8000, 1
    assert not len(sound.read())
    assert sound.restarts == 1 and sound.rate == 16_000
    heard = np.concatenate([sound.read() for _ in range(10)])
    assert 2000 < len(heard) <= 3200


def test_a_frame_that_is_a_little_late_is_in_time_and_one_that_is_not_is_counted() -> None:
    streams = Streams(8000, 1)
    sound = CallSound(streams)
    assert sound.open()
    for _ in range(5):
        streams.sends()  # the call takes a moment to begin: that is no gap
    loud = np.full(160, 500, np.int16)
    sound.write(loud)
    assert not np.frombuffer(streams.written, np.int16)[:160].any() and streams.waiting == 2 * 320
    for _ in range(2 * LOOK_FRAMES):
        streams.sends()
        streams.sends()  # our frame comes 20 ms late, and the next one with it
        sound.write(loud)
        sound.write(loud)
    assert streams.missing == 5 and sound.starved == 0
    for _ in range(5):
        streams.sends()
    for _ in range(4 + 4 * LOOK_FRAMES):
        sound.write(loud)
        streams.sends()
    assert sound.starved == 3 and sound.spared == 0


def test_among_many_calls_more_silence_goes_first() -> None:
    assert frames_ahead(0) == AHEAD_FRAMES == frames_ahead(4) < frames_ahead(5)
    assert frames_ahead(1000) == MOST_AHEAD
    streams = Streams(8000, 1)
    wanted = [3]
    sound = CallSound(streams, wanted_ahead=lambda: wanted[0])
    assert sound.open()
    loud = np.full(160, 500, np.int16)
    sound.write(loud)
    for _ in range(2 * LOOK_FRAMES):
        for _ in range(4):
            streams.sends()  # four frames come together, 60 ms late
        for _ in range(4):
            sound.write(loud)
    assert sound.starved == sound.spared == 0
    waiting = streams.waiting
    wanted[0] = 5
    sound.write(loud)
    streams.sends()
    assert streams.waiting == waiting, "not in the middle of a word"
    for _ in range(10):
        sound.write(np.zeros(160, np.int16))
        streams.sends()
    assert streams.waiting == waiting + 2 * 320
    wanted[0] = 1
    for _ in range(20 * LOOK_FRAMES):
        sound.write(np.zeros(160, np.int16))
        streams.sends()
    assert streams.waiting < waiting and sound.spared > 0 and sound.starved == 0


def test_what_waits_after_a_delay_becomes_less_where_nobody_speaks() -> None:
    streams = Streams(8000, 1)
    sound = CallSound(streams)
    loud, quiet = np.full(160, 500, np.int16), np.zeros(160, np.int16)
    for number in range(12 * LOOK_FRAMES):
        sound.write(loud)
        if number > 6:
            streams.sends()
    assert sound.spared == 0 and streams.waiting >= 8 * 320
    for _ in range(60 * LOOK_FRAMES):
        sound.write(quiet)
        streams.sends()
    assert streams.waiting < (AHEAD_FRAMES + SPARE_FRAMES) * 320 and streams.missing == 0


def test_new_streams_are_noticed_also_where_the_counters_are_looked_at() -> None:
    streams = Streams(8000, 1)
    streams.missing = 500
    sound = CallSound(streams)
    assert sound.open()
    for number in range(3 * LOOK_FRAMES):
        if number == LOOK_FRAMES:
            streams.stale, streams.rate, streams.missing = True, 16_000, 0
        sound.write(np.full(160, 500, np.int16))
        streams.sends()
    assert sound.restarts == 1 and sound.starved <= 1  # the resampler holds a little back
    assert len(streams.written) > 2 * 320 * 2 * (LOOK_FRAMES - 5), "at the rate of the new ones"
