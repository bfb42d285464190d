from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.mouth.sentences import LIMIT, clean, pause_after, pronounceable, split_sentences


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        (
            "en",
            "Thank you for calling. How can I help you?",
            ["Thank you for calling.", "How can I help you?"],
        ),
        (
            "en",
            "Dr. Smith is in at 9 a.m. on Jan. 5. Call him!",
            ["Dr. Smith is in at 9 a.m. on Jan. 5.", "Call him!"],
        ),
        ("en", "Press 1. Press 2.", ["Press 1.", "Press 2."]),
        ("en", "It costs $3.50, or 1,000.25 today. Fine.", ["It costs $3.50, or 1,000.25 today.", "Fine."]),
        ("en", "Mail john.doe@example.com. Thanks.", ["Mail john.doe@example.com.", "Thanks."]),
        ("en", "See www.example.com for more.", ["See www.example.com for more."]),
        ("en", 'He said "Go." Then he left.', ['He said "Go."', "Then he left."]),
        ("en", "Well... maybe. Really?! Yes!", ["Well... maybe.", "Really?!", "Yes!"]),
        ("en", "J. K. Rowling lives in the U.S. today.", ["J. K. Rowling lives in the U.S. today."]),
        ("en", "Ask Yahoo! about it.", ["Ask Yahoo! about it."]),
        ("en", "1. Open the door. 2. Close it.", ["1. Open the door.", "2. Close it."]),
        ("en", "One line\nof a text.\n\nA second paragraph", ["One line of a text.", "A second paragraph"]),
        ("de", "Wir haben am 3. Mai geöffnet. Bis dann!", ["Wir haben am 3. Mai geöffnet.", "Bis dann!"]),
        ("de-CH", "Es ist z.B. Nr. 5, bzw. 6. Danke.", ["Es ist z.B. Nr. 5, bzw. 6. Danke."]),
        ("fr", "M. Dupont est là. Parlez !", ["M. Dupont est là.", "Parlez !"]),
        (
            "es",
            "¿Qué desea? ¡Hola! El Sr. García no está.",
            ["¿Qué desea?", "¡Hola!", "El Sr. García no está."],
        ),
        (
            "zh",
            "您好，请问有什么可以帮您？谢谢。「再见！」",
            ["您好，请问有什么可以帮您？", "谢谢。", "「再见！」"],
        ),
        ("ja", "お電話ありがとうございます。ご用件は？", ["お電話ありがとうございます。", "ご用件は？"]),
        ("ko", "안녕하세요. 무엇을 도와 드릴까요?", ["안녕하세요.", "무엇을 도와 드릴까요?"]),
        ("hi", "नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("ar", "مرحبا. كيف حالك؟ شكرا", ["مرحبا.", "كيف حالك؟", "شكرا"]),
        ("en", "", []),
        ("en", " \n\t ", []),
        ("en", "... Hello.", ["... Hello."]),
    ],
)
def test_where_sentences_end(language, text, pieces):
    assert list(split_sentences(text, language)) == pieces


def test_a_long_sentence_is_cut_at_its_last_clause():
    text = (
        "We are open, "
        + "and we stay open for you " * 4
        + "every day of the week; "
        + "come in whenever you like " * 5
    )
    first, *_ = split_sentences(text)
    assert first.endswith("every day of the week;")


def test_a_clause_mark_near_the_start_is_not_taken():
    first, second = split_sentences("Well, " + "word " * 45)
    assert len(first) > LIMIT - 10
    assert second.startswith("word")


@pytest.mark.parametrize(
    "number", ["+44 20 7946 0958", "(555) 123-4567", "1 000 000", "5551234567", "3.1415926"]
)
@pytest.mark.parametrize("shift", range(0, 24, 3))
def test_numbers_are_never_cut(number, shift):
    text = "x" * (LIMIT - 30 + shift) + " call " + number + " now or " + "y" * 150
    assert any(number in piece for piece in split_sentences(text))


@pytest.mark.parametrize("shift", range(0, 30, 3))
def test_addresses_are_never_cut(shift):
    address = "first.last+tag@mail.example.co.uk"
    for before in ("漢" * (LIMIT - 40 + shift), "word " * ((LIMIT - 40 + shift) // 5)):
        pieces = split_sentences(before + address + "漢" * 100)
        assert any(address in piece for piece in pieces)


@pytest.mark.parametrize("text", ["ก็" * 300, "a" + "x\u0323" * 300, "a" + "☎\u200d☎" * 200])
def test_without_spaces_cuts_fall_between_characters_and_not_before_a_mark(text):
    pieces = split_sentences(text)
    assert all(len(piece) <= LIMIT for piece in pieces)
    assert not any(unicodedata.category(piece[0])[0] == "M" or piece[0] == "\u200d" for piece in pieces)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab.Z 1,5?!。、漢é\u0301\u200d \n@-\"'…가ก็\t"), max_size=900)
    | st.text(max_size=400),
    st.sampled_from(["", "en", "de", "zh-TW"]),
)
def test_pieces_are_short_and_nothing_is_lost(text, language):
    pieces = split_sentences(text, language)
    assert all(0 < len(piece) <= LIMIT and piece == piece.strip() for piece in pieces)
    assert "".join(pieces).replace(" ", "") == clean(re.sub(r"\n\s*\n", " ", text)).replace(" ", "")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["word", "+44", "20", "7946", "a@b.co", "3.5", "end.", "so,", "5"]), max_size=120
    )
)
def test_cuts_fall_on_spaces_when_there_are_some(words):
    for piece in split_sentences(" ".join(words)):
        assert set(piece.split()) <= set(words)


def test_clean_takes_out_what_no_engine_should_see():
    assert clean("a\0b\x1b[31m\u2028c\ud800d  e\u0301") == "a b [31m cd \u00e9"


@pytest.mark.parametrize(
    ("text", "there"),
    [("a", True), ("漢", True), ("5", True), ("€", True), ("...", False), ("", False), ("— !", False)],
)
def test_pronounceable(text, there):
    assert pronounceable(text) is there


def test_pauses():
    assert pause_after("It ends.") > pause_after("a clause,") > pause_after("cut in the middle")
    assert pause_after('"It ends."') == pause_after("谢谢。") == pause_after("It ends.")
