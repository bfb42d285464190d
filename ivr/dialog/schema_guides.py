"""`guides` in a desk file: procedures that callers are led through, step by step."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from ivr.dialog.fields import Name, OneOrMany, Sentence, Sentences, Strict

Ways = Annotated[tuple[Sentence, ...], OneOrMany()]

DONE, FAILED = "done", "failed"
"""Answers that the language has words for."""
SOLVED, UNSOLVED = "solved", "unsolved"
"""Where a guide ends."""


class GuideAnswerText(Strict):
    """What the caller may say at a step, and what follows."""

    say: Ways = ()
    """Templates; `done` and `failed` have the language's as well."""
    next: Name | None = None
    """A step, `solved`, `unsolved` or an intent; default: `failed` is unsolved, else the next step."""
    tell: Sentences | None = None
    """Said before that."""


def _next(value: object) -> object:
    return {"next": value} if isinstance(value, str) else {} if value is None else value


class GuideStepText(Strict):
    """One step: something to do, and waiting until it is done."""

    label: Sentence | None = None
    """For the technician: "lamp has power"; default: its name."""
    do: Sentences
    """What is to be done, said one after another."""
    ask: Sentences | None = None
    """What the desk waits for, in the next wording each time; default: the prompt `guide_ask`."""
    answers: dict[Name, Annotated[GuideAnswerText, BeforeValidator(_next)]] = Field(
        default_factory=lambda: {DONE: GuideAnswerText(), FAILED: GuideAnswerText()}
    )
    wait: Annotated[float, Field(ge=3.0, le=300.0)] = 20.0
    """Seconds of silence until the caller hears that the desk is still there (`guide_wait`)."""


class TermText(Strict):
    """A word that callers may not know."""

    say: Ways
    """The word, and others for it."""
    means: Sentences
    """Said to who asks what it is, or where."""


class GuideText(Strict):
    """A procedure."""

    label: Sentence
    """What it is called in a sentence: "pairing the lamp"."""
    steps: Annotated[dict[Name, GuideStepText], Field(min_length=1)]
    """The first is the beginning."""
    terms: dict[Name, TermText] = Field(default_factory=dict)
    solved: Name
    """The intent that a good end goes on with."""
    unsolved: Name
    """The intent that goes on when nothing helped."""

    @model_validator(mode="after")
    def _ends(self) -> GuideText:
        for key in (SOLVED, UNSOLVED):
            if key in self.steps:
                raise ValueError(f"no step can be called {key!r}")
        return self


class GuideWordsText(Strict):
    """What callers say at any step of any guide; templates."""

    done: Ways = ()
    failed: Ways = ()
    back: Ways = ()
    skip: Ways = ()
    explain: Ways = ()
    """{term}"""
