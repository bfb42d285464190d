from __future__ import annotations

from ivr.understanding.grammar import parse
from ivr.understanding.graph import WordGraph


def graph_of(*templates: str) -> WordGraph:
    graph = WordGraph()
    for number, text in enumerate(templates):
        template = parse(text, lambda literal: tuple(literal.split()))
        graph.add(number, template, {f"{{{name}}}": f"{{{name}}}" for name in template.slots})
    return graph


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def test_phrases_are_found_inside_what_was_said() -> None:
    wholes, _ = graph_of("track [my] order", "cancel order").walk(words("please track my order now"), {})
    assert [(whole.target, whole.start, whole.end, whole.source) for whole in wholes] == [
        (0, 1, 4, "track [my] order")
    ]


def test_words_that_stop_inside_a_phrase_leave_it_open() -> None:
    wholes, opens = graph_of("track (my|an) order").walk(words("um track my"), {})
    assert wholes == []
    assert [(path.start, path.final, path.next) for path in opens] == [(1, False, ("order",))]


def test_a_whole_phrase_may_go_on() -> None:
    wholes, opens = graph_of("track order [now]", "track order {number}").walk(words("track order"), {})
    assert [whole.target for whole in wholes] == [0]
    assert {(path.target, path.final, path.next) for path in opens} == {
        (0, True, ("now",)),
        (1, False, ("{number}",)),
    }


def test_slots_take_the_values_that_were_found() -> None:
    graph = graph_of("from {a} to {b}")
    wholes, _ = graph.walk(words("from one two to three"), {"{a}": {1: (3,)}, "{b}": {4: (5,)}})
    assert [whole.slots for whole in wholes] == [(("{a}", 1, 3), ("{b}", 4, 5))]
    assert graph.walk(words("from one two to three"), {"{a}": {1: (2,)}, "{b}": {4: (5,)}})[0] == []


def test_the_graph_is_as_large_as_its_templates() -> None:
    graph = graph_of(" ".join(f"[w{n}]" for n in range(12)) + " end")
    wholes, _ = graph.walk(words("w0 w3 w7 w11 end"), {})
    assert [(whole.start, whole.end) for whole in wholes if whole.start == 0] == [(0, 5)]
    assert graph.walk(words("w3 w0 end"), {})[0][0].start == 1


def test_what_is_remembered_of_walks_is_bounded() -> None:
    graph = graph_of("a [b] c")
    for n in range(60_000):
        graph.walk((f"x{n}",), {})
    assert len(graph._steps) <= 50_001
    assert graph.walk(words("a c"), {})[0]
