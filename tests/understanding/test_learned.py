"""The learned model: ranking, trust, determinism, its cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.errors import ModelError
from ivr.meaning import Expect, Hypothesis, Intent, IntentSpec, Vocabulary
from ivr.understanding import learned_cache
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import content_key, load, load_or_train, save
from ivr.understanding.learned_examples import Example
from ivr.understanding.learned_features import SparseFeatures
from ivr.understanding.learned_linear import fit, softmax
from ivr.understanding.learned_training import LEARNED_PARTS, train, trainable
from ivr.understanding.learned_trust import (
    COMMON,
    USUAL,
    USUAL_THRESHOLD,
    Clues,
    Trial,
    Trust,
    nearest,
)
from ivr.understanding.matcher import Matcher
from ivr.understanding.sentences import SentenceEncoder, encoder_folder

SAID = {
    "opening_hours": "when are you open|what time do you close|are you open on sunday|opening hours please",
    "lost_card": "i lost my card|my card was stolen|i cannot find my card|someone took my credit card",
    "balance": "how much money do i have|what is my balance|tell me my balance|money in my account",
    "weather": "will it rain today|what is the weather|is it sunny outside|how cold is it tomorrow",
    "greeting": "hello there|good morning|hi how are you|hey nice to meet you",
    "taxi": "call me a taxi|i need a cab|order a taxi to the station|get me a ride to the airport",
}
EXAMPLES = [Example(s, tuple(s.split()), intent) for intent, said in SAID.items() for s in said.split("|")]


_ANY = st.characters(codec=None)
"""Half surrogate pairs too."""

pytestmark = pytest.mark.skipif(encoder_folder() is None, reason="the sentence encoder is not installed")


def first(model: LearnedModel, text: str) -> str:
    return model.intents[int(model.chances(text, text.split()).argmax())]


def test_what_means_alike_lies_close(encoder: SentenceEncoder) -> None:
    one, other, strange = encoder.of(["I lost my card", "my card has gone missing", "will it rain today"])
    assert one @ other > 0.6 > one @ strange + 0.2
    assert np.linalg.norm([one, other, strange], axis=1) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["\ud800 alone", "", "\x00\x1b[31m", "a" * 100_000, "taxi " * 10_000], ids=len
)
def test_any_text_has_a_vector(encoder: SentenceEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.of([text])) == pytest.approx(1.0, abs=1e-3)


def test_a_damaged_encoder_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be opened"):
        SentenceEncoder(tmp_path, tmp_path)
    folder = encoder_folder()
    assert folder is not None
    shutil.copy(folder / "tokenizer.json", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"cannot be opened \(SafetensorError"):
        SentenceEncoder(tmp_path, tmp_path)


@pytest.fixture(scope="module")
def model(encoder: SentenceEncoder) -> LearnedModel:
    return train(EXAMPLES, encoder)


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
    assert first(model, said) == intent


def test_chances_leave_room_for_none(model: LearnedModel) -> None:
    chances = model.chances("my card", ("my", "card"))
    assert chances.shape == (6,)
    assert chances.min() >= 0 and chances.sum() <= 1 + 1e-6


def test_what_is_foreign_is_less_sure(model: LearnedModel) -> None:
    known = model.chances("what is my balance", ["what", "is", "my", "balance"]).max()
    assert model.chances("zebra quantum xylophone", ["zebra", "quantum", "xylophone"]).max() < known


def test_no_words_no_match(model: LearnedModel) -> None:
    assert model.chances("", ()).max() == 0.0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(_ANY, min_size=1, max_size=40), min_size=1, max_size=30))
def test_any_words_give_finite_chances(model: LearnedModel, words: list[str]) -> None:
    chances = model.chances(" ".join(words), words)
    assert np.isfinite(chances).all() and chances.min() >= 0 and chances.max() <= 1


def test_ten_thousand_words_are_bounded(model: LearnedModel) -> None:
    many, some = ["taxi"] * 10_000, ["taxi"] * 200
    assert np.allclose(model.chances(" ".join(many), many), model.chances(" ".join(some), some), atol=1e-6)


def test_the_matcher_asks_the_model(model: LearnedModel) -> None:
    said = {name: tuple(text.split("|")) for name, text in SAID.items()}
    vocabulary = Vocabulary("en", tuple(IntentSpec(name, (), some) for name, some in said.items()))
    matcher = Matcher(vocabulary, learned=model)
    best = matcher.match((Hypothesis("somebody took my visa", 1.0),), Expect(), datetime(2026, 1, 5))[0]
    assert best.meaning == Intent("lost_card")
    chance = model.chances("somebody took my visa", ["somebody", "took", "my", "visa"]).max()
    assert best.score == pytest.approx(chance, abs=0.02)


def test_same_examples_same_model(model: LearnedModel, encoder: SentenceEncoder) -> None:
    again = train(EXAMPLES, encoder)
    assert np.allclose(again.vector_weights, model.vector_weights)
    assert again.threshold == pytest.approx(model.threshold)


def test_too_little_is_refused(encoder: SentenceEncoder) -> None:
    assert trainable(EXAMPLES)
    assert not trainable(EXAMPLES[:4])
    assert not trainable([Example("", (), e.intent) for e in EXAMPLES])
    with pytest.raises(ValueError, match="too few"):
        train(EXAMPLES[:4], encoder)


def test_two_templates_an_intent_are_enough(
    encoder: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned_cache, "sentence_encoder", lambda cache: encoder)
    hours = IntentSpec("hours", ("[when] are you open [today|on sunday]", "opening (hours|times) [please]"))
    refund = IntentSpec("refund", ("I (want|would like) my money back", "[can I] return (it|this)"))
    model = learned_cache.learned_model(Vocabulary("en-US", (hours, refund)), tmp_path)
    assert model is not None
    assert first(model, "until what time are you there") == "hours"
    few = Vocabulary("en-US", (IntentSpec("hours", ("opening hours",)), IntentSpec("refund", ("refund",))))
    monkeypatch.setattr(learned_cache, "sentence_encoder", lambda cache: pytest.fail("opened for nothing"))
    assert learned_cache.learned_model(few, tmp_path) is None


def test_cache_gives_the_same_ranks(model: LearnedModel, encoder: SentenceEncoder, tmp_path: Path) -> None:
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz", encoder)
    for example in EXAMPLES:
        before, after = (one.chances(example.text, example.words) for one in (model, again))
        assert np.allclose(before, after, atol=0.01)
    assert again.threshold == pytest.approx(model.threshold)


@pytest.mark.parametrize("left", [0, 10, 5000])
def test_damaged_cache_is_replaced(
    model: LearnedModel,
    encoder: SentenceEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: int,
) -> None:
    monkeypatch.setattr("ivr.understanding.learned_cache.train", lambda *_: model)
    path = tmp_path / "model.npz"
    save(model, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    again = load_or_train(path, encoder, lambda: EXAMPLES)
    assert again is not None and first(again, "taxi") == "taxi"
    assert len(path.read_bytes()) == len(whole)
    assert {path, path.with_suffix(".lock")} == set(tmp_path.iterdir())


def test_of_several_who_want_a_model_one_learns_it(
    model: LearnedModel, encoder: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, wanted, times = threading.Event(), threading.Event(), []

    def learn(*_: object) -> LearnedModel:
        times.append(1)
        began.set()
        assert wanted.wait(10)
        return model

    def other_examples() -> list[Example]:
        wanted.set()  # it is not stored yet
        return EXAMPLES

    monkeypatch.setattr("ivr.understanding.learned_cache.train", learn)
    with ThreadPoolExecutor() as pool:
        path = tmp_path / "model.npz"
        one = pool.submit(load_or_train, path, encoder, lambda: EXAMPLES)
        assert began.wait(10)
        other = pool.submit(load_or_train, path, encoder, other_examples)
        assert one.result() is not None and other.result() is not None
    assert times == [1]


def test_what_is_stored_is_not_learned_again(
    model: LearnedModel, encoder: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.understanding.learned_cache.train", lambda *_: model)
    path = tmp_path / "model.npz"
    assert load_or_train(path, encoder, lambda: EXAMPLES[:4]) is None
    assert load_or_train(path, encoder, lambda: EXAMPLES) is not None
    assert load_or_train(path, encoder, lambda: []) is not None


def test_key_follows_the_content() -> None:
    said = {name: tuple(text.split("|")) for name, text in SAID.items()}

    def vocabulary(said: dict[str, tuple[str, ...]], language: str = "en") -> Vocabulary:
        return Vocabulary(language, tuple(IntentSpec(name, (), some) for name, some in said.items()))

    changed = said | {"taxi": (*said["taxi"], "now")}
    keys = [content_key(one) for one in (vocabulary(said), vocabulary(changed), vocabulary(said, "de"))]
    assert content_key(vocabulary(dict(said))) == keys[0]
    assert len(set(keys)) == 3


def test_key_is_the_same_in_every_process() -> None:
    code = (
        "from ivr.meaning import IntentSpec, Vocabulary\n"
        "from ivr.understanding.learned_cache import content_key\n"
        "print(content_key(Vocabulary('en', (IntentSpec('taxi', (), ('call a cab',)),))))"
    )
    keys = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert keys[0] == keys[1] and len(keys[0].strip()) == 32


def test_fit_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 700)
    rows = (np.eye(3)[labels] + random.normal(0, 0.05, (700, 3))).astype(np.float32)
    chances = softmax(rows @ fit(rows, labels, 3))
    assert (chances.argmax(axis=1) == labels).mean() > 0.99


def trial(odds: np.ndarray, right: np.ndarray, in_scope: bool) -> Trial:
    return Trial(Clues(odds, np.full(len(odds), 0.7)), right, np.full(len(odds), in_scope))


def both(one: Trial, other: Trial) -> Trial:
    odds = np.concatenate([one.clues.odds, other.clues.odds])
    nearest = np.concatenate([one.clues.nearest, other.clues.nearest])
    right = np.concatenate([one.right, other.right])
    return Trial(Clues(odds, nearest), right, np.concatenate([one.in_scope, other.in_scope]))


def test_trust_learns_the_chance_and_the_threshold() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(2, 2, 20_000)
    inside = trial(odds, random.random(20_000) < 1 / (1 + np.exp(-(0.5 * odds + 0.3))), in_scope=True)
    outside = trial(random.normal(-4, 1, 2000), np.zeros(2000, dtype=bool), in_scope=False)
    trust = Trust.fit(both(inside, outside), 20_000)
    assert trust.chance(inside.clues).mean() == pytest.approx(inside.right.mean(), abs=0.02)
    sure = odds > 3.0
    assert trust.chance(inside.clues)[sure].mean() == pytest.approx(inside.right[sure].mean(), abs=0.05)
    far, near = (trust.chance(Clues(np.array([odds]), np.array([0.7])))[0] for odds in (-6.0, 1.0))
    assert far < trust.threshold < near


def test_where_no_intent_can_be_left_out_the_usual_trust_holds(encoder: SentenceEncoder) -> None:
    two = train([example for example in EXAMPLES if example.intent in {"taxi", "balance"}], encoder)
    assert two.trust == Trust(USUAL, USUAL_THRESHOLD)
    foreign = "the cat sat on the mat"
    assert two.chances(foreign, foreign.split()).max() < two.threshold
    assert two.chances("order me a cab", ["order", "me", "a", "cab"]).max() > two.threshold


def test_trust_learns_that_what_is_far_is_foreign() -> None:
    random = np.random.default_rng(0)
    yes, no = np.ones(5000, dtype=bool), np.zeros(500, dtype=bool)
    inside = Trial(Clues(np.full(5000, 3.0), random.normal(0.85, 0.05, 5000)), yes, yes)
    outside = Trial(Clues(np.full(500, 3.0), random.normal(0.5, 0.05, 500)), no, no)
    trust = Trust.fit(both(inside, outside), 5000)
    near, far = trust.chance(Clues(np.array([3.0, 3.0]), np.array([0.85, 0.5])))
    assert far < trust.threshold < near


def test_a_few_sentences_have_nearly_the_trust_that_all_desks_have_in_common() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(2, 2, 60)
    inside, outside = trial(odds, odds < 2.0, in_scope=True), trial(odds[:9], odds[:9] > 9, in_scope=False)
    few, many = (
        np.abs(np.subtract(Trust.fit(both(inside, outside), some).slopes, COMMON)).max() for some in (5, 5000)
    )
    assert few < 0.2 < 1.0 < many


def test_one_row_is_the_row_of_many() -> None:
    sentences = [example.words for example in EXAMPLES]
    features, rows = SparseFeatures.fit(sentences)
    assert abs(rows - features.of(sentences)).max() == 0.0
    for number, words in enumerate([*sentences, ("taxi", "taxi", "zebra"), ("zebra",), ()]):
        columns, values = features.row(words)
        row = np.zeros(len(features.idf))
        row[columns] = values
        dense = features.of([words]).toarray()[0]
        assert np.allclose(row, dense, atol=1e-6)
        assert number >= len(sentences) or np.linalg.norm(row) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("part", LEARNED_PARTS)
def test_each_part_can_be_left_out(encoder: SentenceEncoder, part: str) -> None:
    less = train(EXAMPLES, encoder, without={part})
    weights = {
        "grams": less.gram_weights,
        "vectors": less.vector_weights,
        "waves": less.beside,
    }
    assert not np.any(weights.pop(part))
    assert all(np.any(some) for some in weights.values())
    assert first(less, "call me a cab") == "taxi"


def test_the_nearest_sentence_is_of_the_first_intent() -> None:
    known = np.eye(4, dtype=np.float32)
    found = nearest(known[[0, 1]], np.array([1, 0]), known, np.array([0, 0, 1, 1]))
    assert found.tolist() == [0.0, 1.0]
