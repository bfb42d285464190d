from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.understanding.normalize import normalize, plain_words, said
from ivr.understanding.words import Words, load_words

ENGLISH = load_words("en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'd like a 12-ounce iced Mocha, please!", "i would like a twelve ounce iced mocha please"),
        ("$5.50 at 3:30 p.m. on the 3rd", "five dollars fifty cents at three thirty pm on the third"),
        ("£1 and €2.01", "one pound and two euros one cent"),
        ("room 201 in 2026", "room two hundred one in twenty twenty six"),
        ("2000 2005 1900", "two thousand two thousand five nineteen hundred"),
        ("482913", "four eight two nine one three"),
        ("007", "zero zero seven"),
        ("1,200 2.5%", "one thousand two hundred two point five percent"),
        ("What’s the caller's don't can't", "what is the callers do not can not"),
        ("I'm gonna; you'll've", "i am going to you will have"),
        ("café naïve ＢＩＬＬＩＮＧ １２", "cafe naive billing twelve"),
        ("Q&A @ C#", "q and a at c number"),
        ("bill\u200bing\u0007 👍 \ud800", "billing"),
        ("한국어 주문", "한국어 주문"),
        ("... !!! ---", ""),
        ("", ""),
    ],
)
def test_matching_form(text: str, expected: str) -> None:
    assert " ".join(plain_words(text, ENGLISH)) == expected


def test_tokens_keep_their_place_and_their_numeral() -> None:
    text = "Uh, I'd like 201 please"
    tokens = normalize(text, ENGLISH)
    assert [(token.text, text[token.start : token.end], token.numeral) for token in tokens] == [
        ("uh", "Uh", ""),
        ("i", "I'd", ""),
        ("would", "I'd", ""),
        ("like", "like", ""),
        ("two", "201", "201"),
        ("hundred", "201", "201"),
        ("one", "201", "201"),
        ("please", "please", ""),
    ]
    assert said(text, tokens, 3, 7) == "like 201"
    assert said(text, tokens, 3, 3) == ""


def test_letters_that_change_length_keep_the_chunk() -> None:
    text = "die Straße ﬁx"
    assert [text[token.start : token.end] for token in normalize(text, ENGLISH)] == ["die", "Straße", "ﬁx"]


@given(st.text(max_size=200))
def test_any_text_has_a_matching_form(text: str) -> None:
    for token in normalize(text, ENGLISH):
        assert token.text
        assert token.text == token.text.casefold()  # not lower(): Cherokee folds to its capitals
        assert not any(char.isspace() or char.isdigit() and char.isascii() for char in token.text)
        assert 0 <= token.start < token.end <= len(text)


@given(st.lists(st.sampled_from(sorted(ENGLISH.light | ENGLISH.polite)), max_size=30))
def test_matching_form_stays_as_it_is(words: list[str]) -> None:
    once = plain_words(" ".join(words), ENGLISH)
    assert plain_words(" ".join(once), ENGLISH) == once


@pytest.mark.parametrize(
    "text", ["hello 123 don't " * 10_000, "x" * 1_000_000, "1" * 1_000_000, "1,1." * 250_000, "a'" * 500_000]
)
def test_long_texts_take_bounded_time(text: str) -> None:
    begin = time.thread_time()
    normalize(text, ENGLISH)
    assert time.thread_time() - begin < 2.0


def test_a_language_without_words_is_only_folded() -> None:
    assert plain_words("Où est l'Été 12", Words(language="xx")) == ("ou", "est", "lete", "12")


def test_figures_of_every_script_are_the_same_figures() -> None:
    """So that a value never holds a figure that nothing else can read."""
    arabic, khmer = normalize("٤٨٢", load_words("en")), normalize("៤៨២", load_words("en"))
    assert {token.numeral for token in (*arabic, *khmer)} == {"482"}


def test_initials_are_a_word_and_more_letters_are_spelled() -> None:
    assert plain_words("U.S.A.", load_words("en")) == ("usa",)
    assert plain_words("S.M.I.T.H.", load_words("en")) == tuple("smith")


def test_of_one_endless_word_or_numeral_a_part_is_read() -> None:
    assert len(normalize("1" * 100_000, ENGLISH)) == 200
