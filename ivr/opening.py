"""Opening a desk: what it understands, what waiting callers hear, and all of it as a language of calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ivr.config import Settings
from ivr.dialog.check import refuse_faults
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.dialog.terms import Standard
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.recognizer import Recognizer
from ivr.engines import Voices
from ivr.errors import ModelError
from ivr.events import Say
from ivr.meaning import Vocabulary
from ivr.ports import Mind
from ivr.tongues import Sound, Tongue
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import learned_model
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

OpenEars: TypeAlias = Callable[[Desk], Recognizer]
"""The recognizer of a desk, shared with others. Raises ModelError."""


Learn: TypeAlias = Callable[[Vocabulary, Path], LearnedModel | None]
"""The model of what callers say, learned or read from the folder. Raises ModelError."""


def open_matcher(desk: Desk, settings: Settings, learn: Learn = learned_model) -> Matcher:
    """What a desk understands. Raises ModelError."""
    vocabulary = desk.vocabulary(commands(desk.language))
    return Matcher(vocabulary, learned=learn(vocabulary, settings.cache / "understanding"))


def holding_of(desk: Desk) -> tuple[Say, ...]:
    """What a caller hears who waits for the desk."""
    return tuple(Say(one.name, str(one.text)) for one in desk.standard[Standard.HOLDING])


def open_tongue(file: str, sound: bool, *, settings: Settings, ears: OpenEars | None) -> Tongue:
    """The desk `file` for calls that go on in its language.

    sound  whether they are spoken, not typed
    ears   gives the recognizer, which it shares and closes; None: opened here

    Raises DeskError, VoiceError, AudioError.
    """
    desk = refuse_faults(load_desk(Path(file).resolve(), Path.cwd()))
    matcher = open_matcher(desk, settings)

    def mind(before: Mind) -> Mind:
        assert isinstance(before, Machine)  # that of every call of a reception
        return before.in_the_words_of(desk)

    if not sound:
        return Tongue(desk.language, desk.name, mind, matcher)
    voices = Voices.open(desk, settings)
    closing = [voices.close]
    recognizer, deaf = None, ""
    try:
        if ears is not None:
            recognizer = ears(desk)
        else:
            recognizer = open_recognizer(RecognizerKind(desk.recognizer.value), desk.language, settings)
            closing.append(recognizer.close)
    except ModelError as error:
        deaf = str(error)
    heard = Sound(voices.prompts, recognizer, holding_of(desk), deaf)

    def close() -> None:
        for one in closing:
            one()

    async def render(rate: int) -> None:
        await voices.prompts.render_all(desk.fixed_prompts(), rate)

    return Tongue(desk.language, desk.name, mind, matcher, heard, render, close)
