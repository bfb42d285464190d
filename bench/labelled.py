"""Labelled sentences of ../shared/data as vocabularies and cases, and what `ivr evaluate` counts on them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from ivr.evaluation.cases import Case, read_cases, read_examples
from ivr.evaluation.judge import Judged
from ivr.evaluation.run import Understanding, evaluate
from ivr.evaluation.sound import Conditions
from ivr.meaning import Expect, Vocabulary
from ivr.understanding.learned import LearnedModel
from ivr.understanding.matcher import Matcher

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NOW = datetime(2026, 11, 25, 10, 0)


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A vocabulary of labelled sentences and the cases that judge it."""

    name: str
    vocabulary: Vocabulary
    cases: tuple[Case, ...]

    def shortened(self, most: int) -> LabelledSet:
        """With `most` of the cases, spread evenly."""
        step = max(1, -(-len(self.cases) // most))
        return replace(self, cases=self.cases[::step])

    def drawn(self, many: int, seed: int) -> LabelledSet:
        """With `many` sentences of every intent, drawn at random."""
        rng = random.Random(seed)
        intents = tuple(
            replace(one, examples=tuple(rng.sample(one.examples, min(many, len(one.examples)))))
            for one in self.vocabulary.intents
        )
        return replace(self, vocabulary=replace(self.vocabulary, intents=intents))


def labelled_set(folder: str) -> LabelledSet:
    """A folder of ../shared/data: train.jsonl is learned, dev.jsonl judges."""
    return LabelledSet(
        folder, read_examples(DATA / folder / "train.jsonl", "en"), read_cases(DATA / folder / "dev.jsonl")
    )


def judged(one: LabelledSet, matcher: Matcher, threshold: float) -> tuple[Judged, ...]:
    """The cases as `ivr evaluate` judges them."""
    understanding = Understanding(matcher, Expect(), one.vocabulary.language, NOW, threshold)
    return evaluate(one.cases, understanding, Conditions(None, None), _no_recognizer)


def matcher_of(one: LabelledSet, learned: LearnedModel | None, without: Sequence[str] = ()) -> Matcher:
    """The matcher of a set, with the learned model or with templates and letters alone."""
    return Matcher(one.vocabulary, without=without, learned=learned)


def _no_recognizer() -> NoReturn:
    raise AssertionError("the cases are sentences")
