from __future__ import annotations

import pytest

from ivr.errors import VoiceError
from ivr.mouth.languages import EngineVoice, choose_voice, primary

ESPEAK = [
    EngineVoice("gmw/en", ("en-gb",)),
    EngineVoice("gmw/en-us", ("en-us",)),
    EngineVoice("gmw/de", ("de",)),
    EngineVoice("roa/fr-be", ("fr-be",)),
    EngineVoice("roa/fr", ("fr-fr",)),
    EngineVoice("roa/es", ("es",)),
    EngineVoice("roa/es-419", ("es-419",)),
    EngineVoice("roa/pt-br", ("pt-br",)),
    EngineVoice("roa/pt", ("pt",)),
    EngineVoice("sit/cmn", ("cmn",)),
    EngineVoice("sit/yue", ("yue",)),
    EngineVoice("ko", ("ko",)),
    EngineVoice("gmq/nb", ("nb",)),
]


MEANT = {
    "gmw/en-us": (
        "en",
        "en-US",
        "en-CA",
    ),
    "gmw/en": (
        "en-GB",
        "en_gb",
        "en-AU",
    ),
    "gmw/de": (
        "de",
        "de-CH",
        "de-Latn-DE-1996",
    ),
    "roa/fr": (
        "fr",
        "fr-CA",
    ),
    "roa/fr-be": ("fr-BE",),
    "roa/es": ("es-ES",),
    "roa/es-419": ("es-MX",),
    "roa/pt": (
        "pt",
        "pt-PT",
    ),
    "roa/pt-br": ("pt-BR",),
    "sit/cmn": (
        "zh",
        "zh-Hant-TW",
        "cmn",
        "zh-cmn-Hans",
    ),
    "sit/yue": (
        "zh-HK",
        "zh-yue",
    ),
    "ko": (
        "ko-KR",
        "KO",
    ),
    "gmq/nb": (
        "no",
        "nn-NO",
    ),
}


@pytest.mark.parametrize(("tag", "voice"), [(tag, voice) for voice, tags in MEANT.items() for tag in tags])
def test_the_voice_for_a_tag(tag, voice):
    assert choose_voice(tag, ESPEAK).id == voice


def test_other_engines_spell_tags_with_underscores():
    voices = [
        EngineVoice("com.apple.voice.Anna", ("de_DE",)),
        EngineVoice("com.apple.voice.Yuna", ("ko_KR",)),
    ]
    assert choose_voice("de-DE", voices).id == "com.apple.voice.Anna"


@pytest.mark.parametrize("tag", ["tlh", "english", "", "e", "en us", "../en", "en;ls", "x" * 300])
def test_an_unknown_language_names_the_known_ones(tag):
    with pytest.raises(VoiceError) as caught:
        choose_voice(tag, ESPEAK)
    assert repr(tag) in str(caught.value)
    assert "cmn, de, en, es, fr, ko, nb, pt, yue" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_primary():
    assert [primary(tag) for tag in ("en-US", "EN", "zh_TW")] == ["en", "en", "zh"]
