"""Which of an engine's voices speaks the language of a desk: BCP 47 tags, looked up as RFC 4647 says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.errors import VoiceError

_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")

# Where cutting a tag from its end does not lead to the voice that is meant: macrolanguages and their usual
# member (ISO 639-3), tags that were replaced (IANA registry), and parents that CLDR gives to regions.
_MEANT = {
    "en": "en-us",
    **dict.fromkeys(("en-au", "en-ie", "en-in", "en-nz", "en-za", "en-sg", "en-hk"), "en-gb"),
    **dict.fromkeys(
        ("es-mx", "es-ar", "es-co", "es-cl", "es-pe", "es-us", "es-ve", "es-ec", "es-uy"), "es-419"
    ),
    "fr": "fr-fr",
    "zh": "cmn",
    "zh-cmn": "cmn",
    "zh-hk": "yue",
    "zh-mo": "yue",
    "zh-yue": "yue",
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "in": "id",
}


@dataclass(frozen=True, slots=True)
class EngineVoice:
    """A voice as an engine lists it: its id and the tags of the languages it speaks."""

    id: str
    languages: tuple[str, ...]


def primary(language: str) -> str:
    """The primary subtag, lower case: "en" of "en-US"."""
    return language.replace("_", "-").split("-")[0].lower()


def choose_voice(language: str, voices: Iterable[EngineVoice]) -> EngineVoice:
    """The voice for a BCP 47 tag: what is meant by it, else the tag itself, else a shorter one.

    Raises VoiceError, naming the languages there are, when none fits.
    """
    tag = language.replace("_", "-").lower()
    by_tag: dict[str, EngineVoice] = {}
    for voice in voices:
        for known in (*voice.languages, voice.id.rpartition("/")[2]):
            by_tag.setdefault(known.replace("_", "-").lower(), voice)
    rest = tag if _TAG.fullmatch(tag) else ""
    while rest:
        for candidate in (_MEANT.get(rest), rest):
            if candidate in by_tag:
                return by_tag[candidate]
        rest = rest.rpartition("-")[0]
    known_languages = ", ".join(sorted({primary(known) for known in by_tag if _TAG.fullmatch(known)}))
    raise VoiceError(
        f"no voice speaks {language!r}",
        place="language",
        remedy=f"Give a BCP 47 tag such as en-US; spoken are: {known_languages}",
    )
