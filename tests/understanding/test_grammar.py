from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.understanding.grammar import MAX_SENTENCES, Sentence, Template, TemplateError, parse
from ivr.understanding.graph import WordGraph
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import load_words

ENGLISH = load_words("en")


def read(text: str) -> Template:
    return parse(text, lambda literal: plain_words(literal, ENGLISH))


def all_of(text: str) -> set[str]:
    template = read(text)
    return {" ".join(template.sentence(number)) for number in range(template.count)}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("billing", {"billing"}),
        ("  billing   please ", {"billing please"}),
        ("billing [please]", {"billing", "billing please"}),
        ("(speak|talk) to {person}", {"speak to {person}", "talk to {person}"}),
        ("[a|an] (x|y)", {"x", "y", "a x", "a y", "an x", "an y"}),
        ("[really [very]] good", {"good", "really good", "really very good"}),
        ("invoice[s]", {"invoice", "invoices"}),
        ("bill(ing|s|) desk", {"billing desk", "bills desk", "bill desk"}),
        ("[please ]billing", {"billing", "please billing"}),
        ("(yes|yeah), please", {"yes please", "yeah please"}),
        ("(twenty|thirty)(one|two)", {"twentyone", "twentytwo", "thirtyone", "thirtytwo"}),
        ("({a})please", {"{a} please"}),
        ("12-ounce {drink}s", {"twelve ounce {drink} s"}),
        (r"a \[b\] \{c\} \(d\) \| \\", {"a b c d"}),
        ("track order { order_number }", {"track order {order_number}"}),
        ("I'd like it", {"i would like it"}),
    ],
)
def test_sentences(text: str, sentences: set[str]) -> None:
    assert all_of(text) == sentences
    assert {" ".join(sentence) for sentence in read(text).sentences(100)} == sentences


@pytest.mark.parametrize(
    ("text", "column", "what", "remedy"),
    [
        ("speak (a|b", 7, "never closed", "Close it with"),
        ("speak [a", 7, "never closed", "Close it with"),
        ("a {b", 3, "never closed", "Close the name"),
        ("a]", 2, "closes nothing", "Remove it"),
        ("a}", 2, "closes nothing", "Remove it"),
        ("a|b", 2, "outside a group", "Write"),
        ("(a]", 3, "was expected", "Close column 1"),
        ("x ()", 3, "empty group", "Write words"),
        ("x [|]", 3, "empty group", "Write words"),
        ("{}", 1, "without a name", "letters"),
        ("x {1a}", 3, "no name of a slot", "letters"),
        ("x\\", 3, "backslash", "Write"),
        ("[a] [b]", 1, "says nothing", "outside"),
        ("", 1, "says nothing", "outside"),
        ("!?", 1, "says nothing", "outside"),
        ("(" * 30 + "a" + ")" * 30, 21, "nested deeper", "Split"),
        ("a " * 1_500, 2_000, "characters", "Split"),
        ("[a] " * 30 + "b", 1, "stands for 1,073,741,824 sentences", "Split"),
    ],
)
def test_errors_name_the_column_and_the_remedy(text: str, column: int, what: str, remedy: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(text)
    assert caught.value.column == column
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert f"column {column}" in str(caught.value)


def test_few_sentences_miss_no_word() -> None:
    template = read("[a|b|c] (d|e|f|g) [(h|i) [j]] (k|l)")
    some = template.sentences(12)
    assert len(some) == 12
    assert {word for sentence in some for word in sentence} == set("abcdefghijkl")
    assert len(set(some)) == len(some)


@st.composite
def templates(draw: st.DrawFn, depth: int = 0) -> str:
    parts = draw(
        st.lists(
            st.one_of(
                st.sampled_from(["alpha", "beta", "gamma", "{slot}"]),
                st.builds("({0}|{1})".format, templates(depth + 1), templates(depth + 1)),
                st.builds("[{0}]".format, templates(depth + 1)),
            )
            if depth < 2
            else st.sampled_from(["delta", "{other}"]),
            min_size=1,
            max_size=3,
        )
    )
    return " ".join(parts)


def _accepted(graph: WordGraph, sentence: Sentence) -> bool:
    wholes, _ = graph.walk(sentence, {})
    return any(whole.start == 0 and whole.end == len(sentence) for whole in wholes)


@given(templates())
def test_the_graph_accepts_every_sentence_and_no_other(text: str) -> None:
    try:
        template = read(f"first {text}")
    except TemplateError as error:
        assert str(MAX_SENTENCES)[:2] in error.what
        return
    graph = WordGraph()
    graph.add(0, template, {})
    every = {template.sentence(number) for number in range(min(template.count, 300))}
    for sentence in every:
        assert _accepted(graph, sentence)
        if template.count <= 300 and sentence[:-1] not in every:
            assert not _accepted(graph, sentence[:-1])
        assert not _accepted(graph, (*sentence, "omega"))
    assert set(template.sentences(2 * template.count)) == {
        template.sentence(n) for n in range(template.count)
    }


@given(st.text(alphabet="ab [](){}|\\\\_1", max_size=30))
def test_any_text_is_a_template_or_an_error_with_a_column(text: str) -> None:
    try:
        template = read(text)
    except TemplateError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.remedy
    else:
        assert all(template.sentence(number) for number in range(min(template.count, 50)))


def test_two_thousand_templates_are_read_fast() -> None:
    names = ["".join(letters) for letters in itertools.product("bcdfghjklmnp", repeat=4)][:2_000]
    texts = [f"[please] (show|tell) me [the] {name} (of|from) [my|your] (list|order)" for name in names]
    begin = time.thread_time()
    graph = WordGraph()
    for number, text in enumerate(texts):
        graph.add(number, read(text), {})
    assert time.thread_time() - begin < 3.0
    wholes, _ = graph.walk(("please", "show", "me", "the", names[-1], "of", "my", "list"), {})
    assert {whole.target for whole in wholes} == {1999}
