from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import VoiceError
from ivr.mouth.hibari_voice import HibariVoice

SENTENCE = "Thank you for calling Northwind, how can I help you today?"


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("text", [SENTENCE, "Yes.", "Seven.", "Your order will arrive on the third of May."])
def test_speaks_at_the_line_rate_equally_loud_and_trimmed(hibari, measure, rate, text):
    pcm = hibari.speak(text, rate)
    assert 0.035 < len(pcm) / rate / len(text) < 0.15
    assert measure.speech_dbfs(pcm, rate) == pytest.approx(-20, abs=1.5)
    assert measure.peak_dbfs(pcm) <= -1
    before, after = measure.silence_around(pcm, rate)
    assert before <= 0.05
    assert after <= 0.10
    assert measure.share(pcm, rate, 100, 3_400) > 0.9


def test_both_engines_are_equally_loud(hibari, espeak, measure):
    levels = [measure.speech_dbfs(voice.speak(SENTENCE, 8_000), 8_000) for voice in (hibari, espeak)]
    assert levels[0] == pytest.approx(levels[1], abs=1.0)


def test_name_and_language(hibari):
    assert hibari.name == "hibari 0.2.1 heart"
    assert hibari.language == "en-US"
    assert HibariVoice("en-GB", speed=1.2).name == "hibari 0.2.1 heart x1.2"


def test_the_same_text_is_the_same_sound_in_every_process_and_thread(hibari):
    first = hibari.speak(SENTENCE, 8_000)
    hibari.speak("Something else.", 8_000)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: hibari.speak(SENTENCE, 8_000), range(8)))
    assert all(np.array_equal(first, sound) for sound in again)
    code = f"""
from ivr.mouth.hibari_voice import HibariVoice
import sys
sys.stdout.buffer.write(HibariVoice("en").speak({SENTENCE!r}, 8000).tobytes())
"""
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert other == first.tobytes()


def test_speed(hibari):
    assert len(HibariVoice("en", speed=1.5).speak(SENTENCE, 8_000)) < 0.8 * len(hibari.speak(SENTENCE, 8_000))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"voice": "emma"}, "downloads no voices"),
        ({"voice": "nobody"}, "Known voices: heart"),
        ({"voice": "../heart"}, "Known voices"),
        ({"speed": 0.1}, "speed"),
        ({"language": "de"}, "only English"),
    ],
)
def test_what_it_refuses(tmp_path, monkeypatch, options, said):
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    with pytest.raises(VoiceError, match=said):
        HibariVoice(**{"language": "en-US"} | options)
    assert not list(tmp_path.iterdir())


def test_a_damaged_voice_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    (tmp_path / "bf_emma.int8.onnx").write_bytes(b"not a model")
    with pytest.raises(VoiceError, match="damaged"):
        HibariVoice("en-GB", voice="emma")


@pytest.mark.parametrize("text", ["", " \n", "...", "?!", "\u200b"])
def test_nothing_to_say_is_a_short_silence(hibari, text):
    pcm = hibari.speak(text, 8_000)
    assert len(pcm) == 800
    assert not pcm.any()


def test_another_script_is_an_error_and_not_silence(hibari):
    with pytest.raises(VoiceError, match="안녕하세요"):
        hibari.speak("안녕하세요", 8_000)


@pytest.mark.parametrize(
    "text", ["1" * 200, "¹ x", "1,1,1," * 30, "[a](/x/)", "[a](", "(((a", "3.1.4.1.5", "$" * 50 + "1"]
)
def test_texts_its_rules_stumble_over_are_spoken_all_the_same(hibari, text):
    assert hibari.speak(text, 8_000).any()


def test_its_markup_for_pronunciations_is_text_like_any_other(hibari):
    assert np.array_equal(hibari.speak("[Hello](/bˈI/)", 8_000), hibari.speak("[Hello] (/bˈI/)", 8_000))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_spoken_or_refused(hibari, text):
    try:
        pcm = hibari.speak(text, 8_000)
    except VoiceError:
        return
    assert pcm.dtype == np.int16
    assert len(pcm) > 0


def test_a_slower_tempo_is_longer_in_one_voice(hibari):
    text = "Please tell me the number of your order."
    plain, slow = (len(hibari.speak(text, 8_000, tempo)) for tempo in (1.0, 0.65))
    assert 1.35 * plain < slow < 1.7 * plain
    assert len(hibari.speak(text, 8_000)) == plain
