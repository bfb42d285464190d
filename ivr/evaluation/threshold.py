"""The score below which an utterance fits nothing, chosen without any case it will be judged by."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from ivr.meaning import Expect, Hypothesis, Intent, IntentSpec, Vocabulary
from ivr.understanding.matcher import Matcher

FOLDS = 3
MOST_A_FOLD = 500
"""Sentences that are tried a fold."""
LOST = 0.02
"""Share of the right answers that the threshold may reject."""
UNKNOWN = 0.25
"""Where there are too few examples to tell: what desks use unless they say otherwise."""

_FEWEST = 30
_WHEN = datetime(2000, 1, 3, 12)


def cross_validated_threshold(vocabulary: Vocabulary) -> float:
    """The highest threshold that rejects at most `LOST` of the right answers to examples not learned from.

    The examples of each intent are cut into `FOLDS` blocks; a matcher with all but one block (and all
    templates) answers what the block left out asks. Blocks, not every third sentence: neighbours are often by
    one writer, and nearly the same sentences on both sides would make the desk look surer than it is.
    """
    scores = [score for fold in range(FOLDS) for score, right in _fold(vocabulary, fold) if right]
    if len(scores) < _FEWEST:
        return UNKNOWN
    return float(np.quantile(scores, LOST))


def _fold(vocabulary: Vocabulary, fold: int) -> list[tuple[float, bool]]:
    """Score of the best match and whether it is right, for sentences of block `fold` of every intent."""
    learned: list[IntentSpec] = []
    tried: list[tuple[str, str]] = []
    for intent in vocabulary.intents:
        bounds = np.linspace(0, len(intent.examples), FOLDS + 1).round().astype(int)
        start, end = int(bounds[fold]), int(bounds[fold + 1])
        kept = intent.examples[:start] + intent.examples[end:]
        if not kept and not intent.templates:
            start, end, kept = 0, 0, intent.examples
        tried.extend((text, intent.name) for text in intent.examples[start:end])
        learned.append(IntentSpec(intent.name, intent.templates, kept, intent.slots))
    if not tried:
        return []
    some = np.linspace(0, len(tried) - 1, min(len(tried), MOST_A_FOLD)).round().astype(int)
    matcher = Matcher(Vocabulary(vocabulary.language, tuple(learned), vocabulary.commands))
    out = []
    for number in some:
        text, intent_name = tried[number]
        matches = matcher.match((Hypothesis(text, 1.0),), Expect(), _WHEN)
        if matches:
            out.append((matches[0].score, matches[0].meaning == Intent(intent_name)))
    return out
