from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from ivr.understanding.ngrams import NgramIndex, letter_grams, sound_grams

DOCUMENTS = ["where is my order", "cancel my order", "opening hours", "speak to sales"]


def naive_cosine(first: list[str], second: list[str], idf: dict[str, float], unseen: float) -> float:
    def vector(grams: list[str]) -> dict[str, float]:
        return {gram: (1 + math.log(n)) * idf.get(gram, unseen) for gram, n in Counter(grams).items()}

    a, b = vector(first), vector(second)
    dot = sum(weight * b.get(gram, 0.0) for gram, weight in a.items())
    return dot / math.sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))


@pytest.mark.parametrize("query", ["where is my order", "my order order", "the hours please", "sale"])
def test_scores_are_tf_idf_cosines(query: str) -> None:
    documents = [letter_grams(text.split()) for text in DOCUMENTS]
    count = Counter(gram for document in documents for gram in set(document))
    idf = {gram: math.log((1 + len(documents)) / (1 + n)) + 1 for gram, n in count.items()}
    unseen = math.log(1 + len(documents)) + 1
    expected = [naive_cosine(letter_grams(query.split()), document, idf, unseen) for document in documents]
    assert NgramIndex(documents).scores(letter_grams(query.split())) == pytest.approx(expected, abs=1e-6)


def test_the_same_text_scores_one_and_nothing_in_common_zero() -> None:
    index = NgramIndex([letter_grams(text.split()) for text in DOCUMENTS])
    assert index.scores(letter_grams(DOCUMENTS[1].split()))[1] == pytest.approx(1.0)
    assert not index.scores(["unknown"]).any()
    assert not index.scores([]).any()
    assert set(index.best(letter_grams(["orders"]), 2)) == {0, 1}
    assert len(index.best(["unknown"], 2)) == 0
    assert NgramIndex([]).scores(["a"]).shape == (0,)


def test_frequent_grams_of_many_documents_are_left_out() -> None:
    documents = [["everywhere", f"only{n}"] for n in range(1_000)]
    scores = NgramIndex(documents).scores(["everywhere", "only7"])
    assert scores[7] == pytest.approx(1.0)
    assert np.count_nonzero(scores) == 1


def test_grams() -> None:
    assert letter_grams(["my", "bill"]) == [
        "=my", "=bill", "my bill", "<my", "my>", "<my>", "<bi", "bil", "ill", "ll>", "<bil", "bill", "ill>"
    ]  # fmt: skip
    assert sound_grams("bɪl") == ["bɪ", "ɪl", "bɪl", "~pAl"]
    assert sound_grams("") == []
