"""The learned model: ranking, trust, determinism, its cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.understanding.learned import Example, LearnedModel, train, trainable
from ivr.understanding.learned_cache import content_key, load, load_or_train, save
from ivr.understanding.learned_linear import fit, softmax
from ivr.understanding.learned_trust import Trial, Trust
from ivr.understanding.learned_words import WordVectors, word_vectors

SAID = {
    "opening_hours": "when are you open|what time do you close|are you open on sunday|opening hours please",
    "lost_card": "i lost my card|my card was stolen|i cannot find my card|someone took my credit card",
    "balance": "how much money do i have|what is my balance|tell me my balance|money in my account",
    "weather": "will it rain today|what is the weather|is it sunny outside|how cold is it tomorrow",
    "greeting": "hello there|good morning|hi how are you|hey nice to meet you",
    "taxi": "call me a taxi|i need a cab|order a taxi to the station|get me a ride to the airport",
}
EXAMPLES = [Example(tuple(s.split()), intent) for intent, said in SAID.items() for s in said.split("|")]


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    return word_vectors()


@pytest.fixture(scope="module")
def model(vectors: WordVectors) -> LearnedModel:
    return train(EXAMPLES, vectors)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("has somebody taken my visa card", "lost_card"),
        ("is there going to be snow", "weather"),
        ("could you get me a cab", "taxi"),
        ("opening hours", "opening_hours"),
    ],
)
def test_ranks_what_was_never_said_in_training(model: LearnedModel, said: str, intent: str) -> None:
    assert model.rank(said.split())[0].intent == intent


def test_ranks_are_sorted_probabilities(model: LearnedModel) -> None:
    ranked = model.rank(["my", "card"], many=6)
    chances = [r.probability for r in ranked]
    assert chances == sorted(chances, reverse=True)
    assert len({r.intent for r in ranked}) == 6
    assert 0 <= min(chances) and sum(chances) <= 1 + 1e-6


def test_what_is_foreign_is_less_sure(model: LearnedModel) -> None:
    known = model.rank("what is my balance".split())[0].probability
    assert model.rank("zebra quantum xylophone".split())[0].probability < known


def test_no_words_no_match(model: LearnedModel) -> None:
    assert model.rank(()) == ()


@settings(max_examples=60, deadline=2000)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=30))
def test_any_words_give_finite_chances(words: list[str]) -> None:
    ranked = _shared_model().rank(words)
    assert ranked and all(np.isfinite(r.probability) and 0 <= r.probability <= 1 for r in ranked)


def test_ten_thousand_words_are_bounded(model: LearnedModel) -> None:
    assert model.rank(["taxi"] * 10_000) == model.rank(["taxi"] * 200)


def test_same_examples_same_model(model: LearnedModel, vectors: WordVectors) -> None:
    again = train(EXAMPLES, vectors)
    assert np.array_equal(again.dense_weights, model.dense_weights)
    assert again.threshold == model.threshold


def test_too_little_is_refused(vectors: WordVectors) -> None:
    assert trainable(EXAMPLES)
    assert not trainable(EXAMPLES[:4])
    assert not trainable([Example((), e.intent) for e in EXAMPLES])
    with pytest.raises(ValueError, match="too few"):
        train(EXAMPLES[:4], vectors)


def test_cache_gives_the_same_ranks(model: LearnedModel, vectors: WordVectors, tmp_path: Path) -> None:
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz", vectors)
    for example in EXAMPLES:
        first, second = model.rank(example.words)[0], again.rank(example.words)[0]
        assert first.intent == second.intent
        assert first.probability == pytest.approx(second.probability, abs=0.01)
    assert again.threshold == model.threshold


@pytest.mark.parametrize("left", [0, 10, 5000])
def test_damaged_cache_is_replaced(vectors: WordVectors, tmp_path: Path, left: int) -> None:
    load_or_train(EXAMPLES, vectors, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    assert load_or_train(EXAMPLES, vectors, tmp_path).rank(["taxi"])[0].intent == "taxi"
    assert len(path.read_bytes()) == len(whole)
    assert [path] == list(tmp_path.iterdir())


def test_key_follows_the_content() -> None:
    changed = [*EXAMPLES[:-1], Example((*EXAMPLES[-1].words, "now"), EXAMPLES[-1].intent)]
    assert content_key(EXAMPLES) == content_key(list(EXAMPLES))
    assert len({content_key(EXAMPLES), content_key(changed), content_key(EXAMPLES, 1)}) == 3


def test_fit_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 700)
    rows = (np.eye(3)[labels] + random.normal(0, 0.05, (700, 3))).astype(np.float32)
    chances = softmax(rows @ fit(rows, labels, 3))
    assert (chances.argmax(axis=1) == labels).mean() > 0.99


def test_trust_learns_the_chance_and_the_threshold() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(2, 2, 20_000)
    right = random.random(20_000) < 1 / (1 + np.exp(-(0.5 * odds + 0.3)))
    trust = Trust.fit(Trial(odds, right, np.ones(20_000, dtype=bool)))
    assert trust.slope == pytest.approx(0.5, abs=0.05)
    assert trust.bias == pytest.approx(0.3, abs=0.1)
    assert trust.threshold == 0.0
    outside = Trial(
        np.concatenate([odds, random.normal(-4, 1, 2000)]),
        np.concatenate([right, np.zeros(2000, dtype=bool)]),
        np.concatenate([np.ones(20_000, dtype=bool), np.zeros(2000, dtype=bool)]),
    )
    strict = Trust.fit(outside)
    assert strict.chance(np.array([-5.0]))[0] < strict.threshold < strict.chance(np.array([1.0]))[0]


_MODELS: list[LearnedModel] = []


def _shared_model() -> LearnedModel:
    if not _MODELS:
        _MODELS.append(train(EXAMPLES, word_vectors()))
    return _MODELS[0]
