"""Which words only show that somebody listens."""

from __future__ import annotations

import pytest

from ivr.understanding.backchannel import is_backchannel
from ivr.understanding.words import load_words

ENGLISH = load_words("en-US")


@pytest.mark.parametrize(
    "text",
    ["Uh-huh.", "uh huh", "Yeah, okay.", "Mm-hmm", "OK", "right, I see", "Yes. Yes.", "Ah, all right."],
)
def test_a_listener(text: str) -> None:
    assert is_backchannel(text, ENGLISH)


@pytest.mark.parametrize(
    "text",
    ["wait", "no", "stop", "okay wait", "yeah no", "operator", "", "...", "yes I want billing", "good bye"]
    + ["yeah yeah yeah yeah yeah yeah yeah"],
)
def test_somebody_who_wants_something(text: str) -> None:
    assert not is_backchannel(text, ENGLISH)


def test_a_language_without_such_words_has_none() -> None:
    assert not is_backchannel("yeah", load_words("ko"))
