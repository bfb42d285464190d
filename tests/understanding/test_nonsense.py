"""Everyday sentences are no want: what desks make of talk that is nobody's business, typed and misheard."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from bench.nonsense import DESKS, NOW, best_of, everyday, misheard
from ivr.config import Settings
from ivr.dialog.load import load_desk
from ivr.meaning import Expect, Hypothesis, Intent
from ivr.opening import open_matcher
from ivr.understanding import learned_examples, learned_training
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import load, save
from ivr.understanding.learned_examples import Example
from ivr.understanding.learned_training import train, trainable
from ivr.understanding.matcher import Matcher
from ivr.understanding.sentences import SentenceEncoder, encoder_folder
from ivr.understanding.words import load_words

pytestmark = pytest.mark.skipif(encoder_folder() is None, reason="the sentence encoder is not installed")

SAID = {
    "complaint": "I want to complain|this is outrageous|I am very unhappy with you|nobody helps me",
    "lamp": "my lamp is broken|the light does not go on|the lamp will not pair|my lights are offline",
    "weather": "will it rain tomorrow|is it snowing in the mountains|how windy is it|what is the weather",
}
WANTED = [Example(s, tuple(s.lower().split()), name) for name, said in SAID.items() for s in said.split("|")]
TALK = (
    "he was a sailor",
    "the fox is in the wood",
    "we are alone",
    "she sang to us",
    "I am only a shadow",
    "there was a boy called Tom",
    "it is snowing in the hills",
)
ASIDE = [Example(s, tuple(s.lower().split()), None) for s in TALK]


@pytest.fixture(scope="module")
def model(encoder: SentenceEncoder) -> LearnedModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned_training, "_ASIDE", 1.0)  # so few sentences would leave one of them
        return train([*WANTED, *ASIDE], encoder)


def share(model: LearnedModel, text: str) -> float:
    """What all intents together have of a sentence."""
    return float(model.judge(text, text.lower().split()).share.sum())


def test_talk_is_none_of_the_intents(model: LearnedModel, encoder: SentenceEncoder) -> None:
    said = "I am a king of shadows"
    alone = train(WANTED, encoder)
    assert share(alone, said) == pytest.approx(1.0)
    assert share(model, said) < 0.5 < share(model, "my lamp is dead")
    assert model.intents == alone.intents == tuple(sorted(SAID))
    words = said.lower().split()
    assert model.chances(said, words).sum() <= share(model, said) + 1e-6
    assert model.chances(said, words).max() < alone.chances(said, words).max()


def test_what_a_desk_is_for_is_no_talk(model: LearnedModel) -> None:
    said = "it is snowing in the valley"
    assert model.intents[int(model.chances(said, said.split()).argmax())] == "weather"
    assert share(model, said) > 0.5, "an everyday sentence about snow was learned as none"


def test_there_is_no_more_talk_than_a_tenth(encoder: SentenceEncoder) -> None:
    some = train([*WANTED, *ASIDE], encoder)
    sentences = len(WANTED) + len(SAID)
    assert len(some.said) == sentences + round(0.1 * sentences)


def test_talk_alone_is_nothing_to_learn(encoder: SentenceEncoder) -> None:
    assert not trainable(ASIDE)
    with pytest.raises(ValueError, match="too few"):
        train(ASIDE, encoder)


def test_talk_is_kept_in_the_cache(model: LearnedModel, encoder: SentenceEncoder, tmp_path: Path) -> None:
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz", encoder)
    for text in (*TALK, "my lamp is broken"):
        words = text.lower().split()
        assert np.allclose(model.chances(text, words), again.chances(text, words), atol=0.01)


def test_the_sentences_of_english_are_many_and_differ() -> None:
    every = learned_examples.everyday(load_words("en-US"))
    assert len(every) > 200
    assert len(set(every)) == len(every)
    assert learned_examples.everyday(load_words("ko")) == ()


@functools.cache
def matcher_of(desk: str, root: Path, cache: Path) -> tuple[Matcher, float, float]:
    """Of a desk, with the scores from which it acts and asks."""
    opened = load_desk(root / "grammars" / desk / "desk.yaml", root)
    return (
        open_matcher(opened, Settings(cache=cache)),
        opened.thresholds.accept,
        opened.thresholds.confirm,
    )


def over(matcher: Matcher, said: Iterable[Hypothesis], least: float) -> int:
    """How many sentences are taken for a want that is so likely."""
    return sum(score >= least for _, score in best_of(matcher, said))


@pytest.mark.parametrize("desk", DESKS)
def test_no_desk_acts_on_talk(desk: str, root: Path, cache: Path) -> None:
    matcher, accept, confirm = matcher_of(desk, root, cache)
    for said in (everyday(), misheard()):
        # Words of danger ("kill him") are acted on wherever they are heard, and one word may be a desk's own.
        assert over(matcher, said, accept) <= 0.02 * len(said)
        assert over(matcher, said, confirm) <= 0.1 * len(said)


@pytest.mark.parametrize("desk", ["company", "hospital", "shop", "support", "telecom"])
@pytest.mark.parametrize(
    "said", ["I want to complain", "I'm really unhappy with how I was treated", "this is a disgrace"]
)
def test_a_complaint_is_one(desk: str, said: str, root: Path, cache: Path) -> None:
    matcher, accept, _ = matcher_of(desk, root, cache)
    best = matcher.match((Hypothesis(said, 0.9),), Expect(), NOW)[0]
    assert best.meaning == Intent("complaint") and best.score >= accept
