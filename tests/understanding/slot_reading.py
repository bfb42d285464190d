"""One reader for each kind of slot, of a British desk on Tuesday 24 November 2026."""

from __future__ import annotations

from datetime import datetime

from ivr.meaning import SlotSpec, SlotType
from ivr.understanding.phonemes import Sounds
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance
from ivr.understanding.words import load_words

WORDS, SOUNDS = load_words("en-GB"), Sounds("en-GB")
NOW = datetime(2026, 11, 24, 10, 15)
SPECS = {kind: SlotSpec("slot", kind, (6, 6) if kind is SlotType.DIGITS else None) for kind in SlotType}
READERS = {kind: SlotReader(spec, "{slot}", WORDS, SOUNDS, "en-GB") for kind, spec in SPECS.items()}


def read(kind: SlotType, text: str, asked: bool = True) -> list[str]:
    """Values, best first."""
    heard = utterance(text, WORDS, SOUNDS)
    return [found.value for found in READERS[kind].read(heard, NOW, asked)]
