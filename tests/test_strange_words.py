"""Whole calls of callers who say what no desk expects: it asks again or passes them on, and never fails."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from test_textcall import hold

from ivr.events import Outcome, Transferred, Trouble

STRANGE = {
    "10,000 words": "purple monkeys juggle " * 3_333,
    "emoji": "😀🎉👨‍👩‍👧",
    "control characters": "\x01\x02\x1b[31m\x7f\u202e",
    "mixed scripts": "биллинг 請求書 فاتورة τιμολόγιο",
    "sql": "'; DROP TABLE calls; --",
    "shell": "$(rm -rf /) `reboot` | cat /etc/passwd",
    "markup": "[bold]{caller}[/bold] %s {0.__class__}",
    "10,000 digits": "7" * 10_000,
    "one word": "a" * 100_000,
    "lone surrogate": "bill \ud800 bill",
    "not a number": "NaN Infinity -0 1e999",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_words_are_no_match_and_the_call_goes_on(tmp_path: Path, text: str) -> None:
    start = time.thread_time()
    done = hold(tmp_path, text, "billing please")
    assert time.thread_time() - start < 5.0
    assert done.of(Transferred) == [Transferred("billing", True)]
    assert not done.of(Trouble)


def test_nothing_but_strange_words_reaches_a_person(tmp_path: Path) -> None:
    done = hold(tmp_path, "'; DROP TABLE calls; --", "😀")
    assert done.ended.outcome is Outcome.HANDED_OFF


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_line_is_silence(tmp_path: Path, text: str) -> None:
    assert hold(tmp_path, text, "billing please").ended.outcome is Outcome.ROUTED
