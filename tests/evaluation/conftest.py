"""What the tests of the evaluation share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.evaluation.cases import Case
from ivr.evaluation.judge import Judged
from ivr.meaning import Hypothesis

WriteLines = Callable[..., Path]


@pytest.fixture
def lines(tmp_path: Path) -> WriteLines:
    """Writes objects (or raw text) as a .jsonl file."""

    def write(*rows: object, name: str = "cases.jsonl") -> Path:
        path = tmp_path / name
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text(text + "\n", encoding="utf-8")
        return path

    return write


def judged(
    intent: str | None,
    got: str,
    score: float,
    *,
    accepted: bool = True,
    slots: dict[str, str] | None = None,
    heard: dict[str, str] | None = None,
    labelled: bool = True,
    errors: int | None = None,
    words: int = 0,
    text: str = "some words",
    match: float = 0.001,
    recognize: float | None = None,
) -> Judged:
    """A case with what came of it."""
    case = Case("cases.jsonl:1", text=text, judged=labelled, intent=intent, slots=slots)
    said = (Hypothesis(text, 1.0),)
    return Judged(case, said, got, score, accepted, heard or {}, errors, words, match, recognize)
