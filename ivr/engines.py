"""What a desk hears and speaks with: its recognizer and its voice, opened as its settings say."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Self

from ivr.config import Settings
from ivr.dialog.desk import Desk
from ivr.ears import silero
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.pool import RecognizerPool
from ivr.ears.recognizer import Recognizer, Sparing
from ivr.events import Trouble
from ivr.memory import give_back, share_one_heap
from ivr.mouth.choose import VoiceKind, open_synthesizer
from ivr.mouth.prompts import PromptStore
from ivr.mouth.synthesizer import Synthesizer

_log = logging.getLogger(__name__)


def _warn(trouble: Trouble) -> None:
    """A part works on in spite of something the operator should know."""
    _log.warning("%s: %s", trouble.where, trouble.what)


@dataclass(frozen=True, slots=True)
class Voices:
    """What speaking needs; opened without ears for ``ivr say`` and ``ivr prompts``."""

    synthesizer: Synthesizer
    prompts: PromptStore

    @classmethod
    def open(cls, desk: Desk, settings: Settings) -> Self:
        """The voice of `desk` and its prompts. Raises VoiceError, AudioError (a broken recording)."""
        synthesizer = open_synthesizer(VoiceKind(desk.voice.value), desk.language)
        fixed = frozenset(prompt.name for prompt in desk.prompts() if prompt.fixed)
        prompts = PromptStore(
            synthesizer,
            settings.cache,
            recordings=desk.recordings,
            fixed=fixed,
            beats=desk.beats,
            report=_warn,
        )
        return cls(synthesizer, prompts)

    def close(self) -> None:
        """Stop the voice."""
        self.prompts.close()
        self.synthesizer.close()


@dataclass(frozen=True, slots=True)
class Hearing:
    """What hearing needs, shared by all calls of a desk."""

    recognizer: Recognizer
    pool: RecognizerPool

    @classmethod
    def open(
        cls, desk: Desk, settings: Settings, kind: RecognizerKind | None = None, *, apart: bool = False
    ) -> Self:
        """The recognizer of `desk` (or of `kind`), `apart` as in `open_recognizer`. Raises ModelError."""
        share_one_heap()
        wanted = kind or RecognizerKind(desk.recognizer.value)
        recognizer = open_recognizer(wanted, desk.language, settings, apart=apart)
        silero.load()
        give_back()
        pool = RecognizerPool(settings.recognizer_threads)
        if isinstance(recognizer, Sparing):
            recognizer.spare_when(lambda: pool.pressed)
        return cls(recognizer, pool)

    async def close(self) -> None:
        """Stop the threads and free the model."""
        await self.pool.close()
        self.recognizer.close()
