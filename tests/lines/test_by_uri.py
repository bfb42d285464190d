"""Lines by address."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_fakes import FakeSound

from ivr.errors import DeviceError, IvrError, UnknownError
from ivr.lines.by_uri import open_line
from ivr.lines.line import LineClosed
from ivr.lines.microphone import MicrophoneLine
from ivr.lines.wavfile import WavLine
from ivr.media.wav import write_wav


@pytest.fixture(autouse=True)
def recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b 2.wav"):
        write_wav(tmp_path / name, np.full(1600, 1000, np.int16), 8000)


async def test_a_wav_address_with_everything() -> None:
    line = open_line(
        "wav:a.wav?then=b%202.wav&then=keys:1%23&mode=turns&reaction=0.1&hang_up_after=0&caller=%2B44"
    )
    assert isinstance(line, WavLine)
    assert line.party.uri == "wav:a.wav"
    assert line.party.caller == "+44"
    assert not line.paced
    count = 0
    with pytest.raises(LineClosed):
        while True:
            await line.recv()
            await line.send(np.zeros(160, np.int16) if count % 40 == 0 else None)
            count += 1
    assert [turn.name for turn in line.turns] == ["a.wav", "b 2.wav", "keys:1#"]
    assert line.turns[0].started == pytest.approx(0.12)


def test_paced_and_absolute(tmp_path: Path) -> None:
    assert open_line(f"WAV:{tmp_path}/a.wav?paced=yes").paced
    assert open_line(f"wav://{tmp_path}/a.wav").party.uri.endswith("a.wav")


async def test_a_microphone_address(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = FakeSound()
    monkeypatch.setitem(sys.modules, "sounddevice", sound)
    assert isinstance(open_line("mic:"), MicrophoneLine)
    assert sound.streams[0].options["device"] is None
    assert open_line("mic:USB").party.uri == "mic:USB"
    assert sound.streams[1].options["device"] == "USB"
    open_line("mic:3")
    assert sound.streams[2].options["device"] == 3


def test_keys_need_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSound())
    with Path("a.wav").open() as no_terminal:
        monkeypatch.setattr(sys, "stdin", no_terminal)
        with pytest.raises(DeviceError, match=r"keys: keys can only be typed at a Unix terminal\. Start"):
            open_line("mic:?keys=yes")


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("sip:100@example.org", "there is no line 'sip'. Addresses begin with one of: wav:, mic:"),
        ("a.wav", "is not the address of a line. Addresses begin with one of: wav:, mic:"),
        ("", "is not the address of a line"),
        (
            "wav:a.wav?speed=2",
            "unknown option 'speed'. Known options: then, mode, paced",
        ),
        ("mic:?speed=2", "unknown option 'speed'. Known options: keys"),
        ("wav:a.wav?mode=loud", "mode=loud: Input should be 'auto', 'turns' or 'side'. Correct the value"),
        ("wav:a.wav?reaction=nan", "reaction=nan:"),
        ("wav:a.wav?reaction=-1", "reaction=-1: Input should be greater than or equal to 0"),
        ("wav:a.wav?paced=perhaps", "paced=perhaps:"),
        ("wav:a.wav?then=keys:1#", "cannot hold the sign #. Write it as %23"),
        ("wav:none.wav", "none.wav: no such file"),
        ("wav:", "is a folder"),
    ],
)
def test_what_is_wrong_is_said(uri: str, message: str) -> None:
    with pytest.raises(IvrError) as caught:
        open_line(uri)
    assert message in str(caught.value)


@given(rest=st.text(max_size=60))
def test_any_text_is_a_line_or_an_error(rest: str) -> None:
    for uri in (rest, f"wav:a.wav?{rest}"):
        try:
            open_line(uri)
        except IvrError as error:
            assert "\n" not in str(error)


def test_a_wrong_scheme_is_an_unknown_error() -> None:
    with pytest.raises(UnknownError):
        open_line("tel:100")
