"""What every engine does around its own synthesis: a text of any length becomes one sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ivr.errors import VoiceError
from ivr.media.pcm import Pcm, silence
from ivr.mouth.loudness import NOTHING_SECONDS, for_line
from ivr.mouth.sentences import pause_after, pronounceable, split_sentences

Say: TypeAlias = Callable[[str], tuple[NDArray[np.float32], int]]
"""One sentence of at most 200 characters as float samples in [-1, 1], and their rate."""


def speak_text(text: str, language: str, rate: int, engine: str, say: Say) -> Pcm:
    """`text` sentence by sentence through `say`, each brought to the line, with a speaker's pauses between.

    Punctuation alone is not given to the engine. Raises VoiceError when nothing is heard of a sentence with
    letters or digits: the engine does not know the script, and a caller would hear nothing.
    """
    parts: list[Pcm] = []
    for sentence in split_sentences(text, language):
        if not pronounceable(sentence):
            continue
        samples, source_rate = say(sentence)
        pcm = for_line(samples, source_rate, rate)
        if not pcm.any() and any(char.isalnum() for char in sentence):
            shown = sentence if len(sentence) <= 40 else f"{sentence[:37]}..."
            raise VoiceError(
                f"cannot pronounce {shown!r} in {language}",
                place=engine,
                remedy="Write it in the desk's language, or set the desk's language to that of the text",
            )
        parts += [pcm, silence(pause_after(sentence), rate)]
    return np.concatenate(parts[:-1]) if parts else silence(NOTHING_SECONDS, rate)
