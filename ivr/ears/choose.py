"""Choosing the recognizer of a desk by its language and by what is installed."""

from __future__ import annotations

import enum
import importlib.metadata
import logging
import os
from collections.abc import Callable
from typing import TypeAlias

from ivr.config import Settings
from ivr.ears import whisper_model
from ivr.ears.apart import Apart
from ivr.ears.catalog import MODELS, Engine
from ivr.ears.models import best
from ivr.ears.moonshine import Moonshine
from ivr.ears.recognizer import Recognizer
from ivr.ears.second import TwoOpinions
from ivr.ears.vosk import VoskRecognizer
from ivr.errors import ModelError

_log = logging.getLogger(__name__)

ENTRY_POINTS = "ivr.recognizers"
"""Group in which a package offers a further engine: a function of the kind `EngineFactory`."""

EngineFactory: TypeAlias = Callable[[str, Settings], Recognizer | None]
"""Opens a recognizer for a primary language subtag; None when it does not know the language."""


class RecognizerKind(enum.StrEnum):
    """What a desk or the command line may ask for."""

    AUTO = "auto"
    """Vosk where a model of the language is installed, else Moonshine for English, else a further engine."""
    VOSK = "vosk"
    MOONSHINE = "moonshine"


def open_recognizer(
    kind: RecognizerKind, language: str, settings: Settings, *, apart: bool = False
) -> Recognizer:
    """The recognizer for a BCP 47 language ("en-US"). Raises ModelError that names the command to run.

    apart  whether many calls go on beside it: an engine that works in Python gets a process of its own then
    """
    primary = language.partition("-")[0].lower()
    if kind is not RecognizerKind.MOONSHINE and (vosk := best(primary, Engine.VOSK, settings.models)):
        return VoskRecognizer(vosk.path, primary)
    if kind is not RecognizerKind.VOSK and (moonshine := best(primary, Engine.MOONSHINE, settings.models)):
        cache = settings.cache / "ears"
        first: Recognizer
        if apart and os.name == "posix":  # elsewhere sockets are not passed on
            first = Apart(moonshine.path, cache, settings.recognizer_threads)
        else:
            first = Moonshine(moonshine.path, cache)
        return _with_second(first, primary, settings)
    if kind is RecognizerKind.AUTO:
        for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
            factory: EngineFactory = entry.load()
            if (recognizer := factory(primary, settings)) is not None:
                return recognizer
    raise _nothing(kind, language, primary, settings)


def _with_second(first: Recognizer, primary: str, settings: Settings) -> Recognizer:
    """`first`, with the model for second opinions where it is installed.

    It stays in this process: it works outside Python, and its threads give way. Calls are taken without it as
    well: models are the user's, the library is one environment's, so that one may be there without the other.
    """
    if (whisper := best(primary, Engine.WHISPER, settings.models)) is None:
        return first
    try:
        return TwoOpinions(first, whisper_model.load(whisper.path, settings.recognizer_threads))
    except ModelError as error:
        _log.warning("no second opinion: %s", error)
        return first
    except BaseException:
        first.close()
        raise


def _nothing(kind: RecognizerKind, language: str, primary: str, settings: Settings) -> ModelError:
    wanted = {
        RecognizerKind.AUTO: {Engine.VOSK, Engine.MOONSHINE},
        RecognizerKind.VOSK: {Engine.VOSK},
        RecognizerKind.MOONSHINE: {Engine.MOONSHINE},
    }[kind]
    fits = [model for model in MODELS if model.language == primary and model.engine in wanted]
    engine = "recognizer" if kind is RecognizerKind.AUTO else f"{kind.value} recognizer"
    if not fits:
        others = f"Use another recognizer, or a package that offers one in the group {ENTRY_POINTS!r}"
        return ModelError(f"no {engine} knows the language {language}", remedy=others)
    return ModelError(
        f"no {engine} for {language} is installed",
        place=str(settings.models),
        remedy=f"Run: ivr models install {fits[0].name}",
    )
