from __future__ import annotations

import pytest

from ivr.understanding.sentence import Form, ends_politely, form, says_goodbye
from ivr.understanding.words import load_words

ENGLISH = load_words("en")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("where is my parcel", Form.ASKING),
        ("hello where is my parcel", Form.ASKING),
        ("i have a question about my bill", Form.BEGGING),
        ("i have called four times already", Form.TELLING),
        ("good morning my lamp is not working", Form.TELLING),
        ("i was charged twice and i want my money back", Form.OTHER),
        ("could you connect me to sales", Form.BEGGING),
        ("i would like a quote", Form.BEGGING),
        ("billing please", Form.OTHER),
        ("i see", Form.OTHER),
        ("hello", Form.OTHER),
        ("", Form.OTHER),
    ],
)
def test_the_form_of_a_sentence(said: str, expected: Form) -> None:
    assert form(tuple(said.split()), ENGLISH) is expected


def test_a_language_without_such_words_has_no_forms() -> None:
    assert form(("where", "is", "it"), load_words("de")) is Form.OTHER


def test_last_words() -> None:
    assert ends_politely(("billing", "please"), ENGLISH)
    assert ends_politely(("no", "thank", "you"), ENGLISH)
    assert not ends_politely(("please",), ENGLISH)
    assert not ends_politely(("please", "call", "me"), ENGLISH)
    assert says_goodbye(("bye",), ENGLISH)
    assert says_goodbye(("thanks", "bye", "bye"), ENGLISH)
    assert not says_goodbye(("goodbye", "then"), ENGLISH)
