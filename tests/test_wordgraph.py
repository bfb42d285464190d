"""The word graph: it says exactly the phrases it was built from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import wordgraph
from ivr.errors import DeskError
from ivr.wordgraph import WordGraph, WordGraphBuilder

PHRASES = st.sets(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=5).map(tuple),
    min_size=1,
    max_size=12,
)


def built(phrases: set[tuple[str, ...]]) -> WordGraph:
    make = WordGraphBuilder()
    return make.graph(make.either([make.sequence(phrase, make.end) for phrase in sorted(phrases)]))


def said(graph: WordGraph) -> list[tuple[str, ...]]:
    found, open_ = [], [((), graph.start)]
    while open_:
        words, node = open_.pop()
        if graph.final[node]:
            found.append(words)
        open_.extend(((*words, word), target) for word, target in graph.arcs(node))
    return found


@given(PHRASES)
def test_each_phrase_is_said_once_and_nothing_else(phrases: set[tuple[str, ...]]) -> None:
    graph = built(phrases)
    assert sorted(said(graph)) == sorted(phrases)
    assert all(
        len({word for word, _ in arcs}) == len(arcs)
        for arcs in map(list, map(graph.arcs, range(len(graph.final))))
    )


def test_nothing_stays_nothing() -> None:
    make = WordGraphBuilder()
    assert make.word("a", make.nothing) == make.nothing
    assert make.either([]) == make.nothing
    assert make.graph(make.nothing).empty


def test_equal_ends_and_beginnings_are_shared() -> None:
    graph = built({("to", first, "smith") for first in ("ann", "bob", "cal")})
    assert len(graph.final) == 4


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordgraph, "MAX_STATES", 5)
    with pytest.raises(DeskError, match="more than 5 words"):
        built({("a", "b", "c", "d", "e", "f")})
