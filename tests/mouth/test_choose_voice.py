from __future__ import annotations

import pytest

from ivr.errors import VoiceError
from ivr.mouth import choose
from ivr.mouth.choose import VoiceKind, open_synthesizer
from ivr.mouth.hibari_voice import HibariVoice
from ivr.mouth.pyttsx3_voice import Pyttsx3Voice


@pytest.mark.parametrize(
    ("kind", "language", "engine"),
    [
        (VoiceKind.AUTO, "en-US", HibariVoice),
        (VoiceKind.AUTO, "en-GB", HibariVoice),
        (VoiceKind.AUTO, "ko", Pyttsx3Voice),
        (VoiceKind.PYTTSX3, "en-US", Pyttsx3Voice),
        (VoiceKind.HIBARI, "en", HibariVoice),
    ],
)
def test_the_engine_for_a_desk(kind, language, engine):
    voice = open_synthesizer(kind, language)
    try:
        assert type(voice) is engine
        assert voice.language == language
        assert voice.speak("1 2", 8_000).any()
    finally:
        voice.close()


def test_without_hibari_english_is_spoken_by_pyttsx3(monkeypatch):
    monkeypatch.setattr(choose, "hibari_voice", None)
    voice = open_synthesizer(VoiceKind.AUTO, "en-US", voice="gmw/en-us+f3", speed=1.2)
    voice.close()
    assert type(voice) is Pyttsx3Voice
    assert voice.name.endswith("gmw/en-us+f3 x1.2")
    with pytest.raises(VoiceError, match="not installed"):
        open_synthesizer(VoiceKind.HIBARI, "en-US")


@pytest.mark.parametrize(("kind", "language"), [(VoiceKind.HIBARI, "ko"), (VoiceKind.AUTO, "tlh")])
def test_a_language_the_engine_does_not_speak(kind, language):
    with pytest.raises(VoiceError, match=language):
        open_synthesizer(kind, language)
