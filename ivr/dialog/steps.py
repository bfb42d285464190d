"""The steps of an intent's `then`, one class each; `ivr.dialog.flow` does them in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ivr.dialog.source import Place
from ivr.dialog.text import Text
from ivr.events import Outcome


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence with the name under which it can be recorded."""

    name: str
    text: Text
    place: Place


Prompts: TypeAlias = tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class SayStep:
    """Say the prompts one after another."""

    prompts: Prompts
    place: Place


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """Say what the caller wanted to know; the call counts as answered."""

    prompts: Prompts
    place: Place


@dataclass(frozen=True, slots=True)
class AskStep:
    """Ask, in the next wording each time, and listen for any intent, the `likely` ones before others."""

    ladder: Prompts
    likely: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class RouteStep:
    """Pass the call to the desk's route `route`."""

    route: str
    place: Place


@dataclass(frozen=True, slots=True)
class GoStep:
    """Go on with another intent, keeping the slots it has in common."""

    flow: str
    place: Place


@dataclass(frozen=True, slots=True)
class HandOffStep:
    """Put the call into a queue; None or () takes what the desk says under `handoff`."""

    queue: str | None
    want: Text | None
    say: Prompts
    closed: Prompts
    skills: tuple[str, ...]
    priority: int | None
    hold: bool
    place: Place


@dataclass(frozen=True, slots=True)
class EndStep:
    """Hang up."""

    outcome: Outcome
    place: Place


Step: TypeAlias = SayStep | AnswerStep | AskStep | RouteStep | GoStep | HandOffStep | EndStep


def ends(step: Step) -> bool:
    """Whether nothing after the step is done."""
    return isinstance(step, AskStep | RouteStep | GoStep | HandOffStep | EndStep)
