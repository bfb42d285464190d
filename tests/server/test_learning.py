"""A desk that is reloaded beside calls is learned in another process."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.meaning import IntentSpec, Vocabulary
from ivr.server.learning import learned_apart
from ivr.understanding import learned_cache
from ivr.understanding.learned_cache import to_learn


def test_another_process_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "bill": ("about my bill", "a wrong bill", "my invoice", "I was charged twice", "pay it"),
        "hours": ("when do you open", "are you open", "your hours", "how late", "closing time"),
    }
    intents = tuple(IntentSpec(name, (), examples) for name, examples in said.items())
    vocabulary = Vocabulary("en", intents)

    def refuse(*_: object) -> None:
        raise AssertionError("learned beside the calls")

    monkeypatch.setattr(learned_cache, "train", refuse)
    assert to_learn(vocabulary, tmp_path)
    model = learned_apart(vocabulary, tmp_path)
    assert model is not None and model.intents == ("bill", "hours")
    assert not to_learn(vocabulary, tmp_path)
