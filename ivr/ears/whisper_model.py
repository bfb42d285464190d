"""Whisper tiny.en, for second opinions: a whole utterance at once, in a quarter of a second of one core.

Whisper was trained on windows of 30 s, of which an utterance fills a tenth. Encoding 30 s costs four times as
much as all the rest, so the window ends `SILENCE` after the speech. What that does to it, it is guarded
against: it may say the same again until the window is full (`said_once`), or something where nobody speaks
(the maker's own rule: `_NOBODY` and `_UNLIKELY`).
"""

from __future__ import annotations

import importlib
import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ivr.ears.mel import log_mel
from ivr.ears.moonshine import with_margins
from ivr.ears.recognizer import RECOGNIZER_RATE
from ivr.errors import ModelError
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm
from ivr.modelfiles import DamagedError, open_tokenizer
from ivr.priority import give_way

SILENCE = 2.0
"""Seconds of nothing behind the speech: with 0.5 s two points more of the words are wrong."""
BEAMS = 5
TOKENS_A_SECOND = 7.0
FEWEST_TOKENS = 8
_NOBODY, _UNLIKELY = 0.6, math.exp(-1.0)
"""Where Whisper holds it for likelier than the first that nobody speaks, and its words for less likely than
the second, what it wrote is nothing."""
LEAST = 0.3
"""Confidence below which a reading is nothing: of 13 such readings none had a word that helped."""
_END_OF_TEXT, _START, _NO_TIMES = "<|endoftext|>", "<|startoftranscript|>", "<|notimestamps|>"
_SENTENCE_END = frozenset(".?!")


class Whisper:
    """The loaded model."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load the model in `folder`, as CTranslate2 keeps it. Raises ModelError.

        threads  readings at the same time, each on one core
        """
        library = _ctranslate2()
        try:
            self._model: Any = library.models.Whisper(
                str(folder), device="cpu", compute_type="int8", inter_threads=threads, intra_threads=1
            )
            self._tokenizer = open_tokenizer(folder / "tokenizer.json")
            special = (_START, _NO_TIMES, _END_OF_TEXT)
            ids = [self._tokenizer.token_to_id(token) for token in special]
        except (DamagedError, RuntimeError, ValueError) as error:  # the latter two by pybind11, for C++'s own
            raise ModelError(
                f"the Whisper model cannot be loaded ({error})",
                place=str(folder),
                remedy="Remove the folder and run: ivr models install whisper-tiny-en",
            ) from error
        self._views: Any = library.StorageView
        *self._begin, self._end = ids

    @property
    def name(self) -> str:
        """The engine and the model."""
        return "whisper tiny.en"

    def read(self, pcm: Pcm) -> Hypothesis | None:
        """What is said in `pcm`; None when nobody speaks."""
        if (samples := with_margins(pcm)) is None:
            return None
        spectra = log_mel(np.pad(samples, (0, round(SILENCE * RECOGNIZER_RATE))))
        even = spectra.shape[1] // 2 * 2  # the encoder takes them in pairs
        most = max(FEWEST_TOKENS, math.ceil(TOKENS_A_SECOND * len(samples) / RECOGNIZER_RATE))
        found = self._model.generate(
            self._views.from_array(np.ascontiguousarray(spectra[np.newaxis, :, :even])),
            [self._begin],
            beam_size=BEAMS,
            max_length=2 * most,  # the library lets an answer have half of it
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        confidence = math.exp(found.scores[0])
        if confidence < LEAST or (found.no_speech_prob > _NOBODY and confidence < _UNLIKELY):
            return None
        tokens = [token for token in found.sequences_ids[0] if token < self._end]
        text = said_once(self._tokenizer.decode(tokens).strip())
        return Hypothesis(text, confidence) if re.search(r"\w", text) else None

    def close(self) -> None:
        """Free the model."""
        self._model.unload_model()


def load(folder: Path, threads: int) -> Whisper:
    """The model in `folder`, whose threads give way to the loop of all calls. Raises ModelError."""
    # The library's threads begin with the niceness of the one that loads it.
    with ThreadPoolExecutor(1, initializer=give_way) as behind:
        return behind.submit(Whisper, folder, threads).result()


def said_once(text: str) -> str:
    """`text` up to where it begins again and goes on so until it ends.

    That is after a sentence, or where all of it comes again; one word or two must come four times for that,
    as digits do come twice.
    """
    written = text.split()
    words = [re.sub(r"[^\w']", "", word.lower()) for word in written]
    for length in range(1, len(words)):
        again = words[length:]
        often = len(again) >= length * (1 if length > 2 else 3)
        if (often or written[length - 1][-1] in _SENTENCE_END) and all(
            word == words[place % length] for place, word in enumerate(again)
        ):
            return " ".join(written[:length])
    return text


def _ctranslate2() -> ModuleType:
    """The library, imported only where the model is installed: it is an extra, and takes 0.2 s."""
    try:
        library: ModuleType = importlib.import_module("ctranslate2")
    except ImportError as error:
        raise ModelError(
            f"the package ctranslate2 cannot be imported ({error})",
            place="whisper-tiny-en",
            remedy="Install it with: pip install 'ivr[second]', or remove the model",
        ) from None
    return library
