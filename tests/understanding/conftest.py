"""The words and sounds of English, and matchers of two made-up desks, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from understanding_desks import ORDERS, SWITCHBOARD

from ivr.understanding.matcher import Matcher
from ivr.understanding.phonemes import Sounds
from ivr.understanding.sentences import SentenceEncoder, sentence_encoder
from ivr.understanding.words import Words, load_words


@pytest.fixture(scope="session")
def words() -> Words:
    return load_words("en-US")


@pytest.fixture(scope="session")
def sounds() -> Sounds:
    return Sounds("en-US")


@pytest.fixture(scope="session")
def switchboard() -> Matcher:
    return Matcher(SWITCHBOARD)


@pytest.fixture(scope="session")
def orders() -> Matcher:
    return Matcher(ORDERS)


@pytest.fixture(scope="session")
def encoder(cache: Path) -> SentenceEncoder:
    found = sentence_encoder(cache / "understanding")
    if found is None:
        pytest.skip("the sentence encoder is not installed")
    return found
