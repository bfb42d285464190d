"""What a call needs of others: dialog, understanding, prompts, where handoffs go, who records; its limits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.events import Action, Input
from ivr.handover import FollowUpRequest, HandoffRequest
from ivr.meaning import Completeness, Expect, Hypothesis, Match, Mood
from ivr.media.pcm import Pcm
from ivr.mouth.sentences import Sentence
from ivr.wordgraph import WordGraph

GRACE_SECONDS = 30.0
"""What a call may go on for after its limit was announced to the dialog, before it is simply ended."""


class Mind(Protocol):
    """The pure dialog machine: `ivr.dialog.machine.Machine`."""

    def handle(self, event: Input, now: float) -> tuple[Action, ...]:
        """What to do about `event`."""


class Understanding(Protocol):
    """The matcher: `ivr.understanding.matcher.Matcher`."""

    def match(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> tuple[Match, ...]:
        """Meanings, best first."""

    def completeness(self, text: str, expect: Expect) -> Completeness:
        """Whether the words finish something that may be said."""

    def feelings(self, text: str) -> Mapping[Mood, float]:
        """The moods whose words are in a text."""

    def is_backchannel(self, text: str) -> bool:
        """Whether the words only show that somebody listens ("uh-huh", "yeah, okay")."""

    def phrases(self, expect: Expect, limit: int) -> tuple[str, ...]:
        """What may be said, for the recognizer."""

    def grammar(self, expect: Expect) -> WordGraph | None:
        """The same as a word graph, None where nothing can be held; called in any thread."""


class Prompts(Protocol):
    """Where prompts' sound comes from: `ivr.mouth.prompts.PromptStore`."""

    def fixed(self, name: str, text: str, rate: int, tempo: float = 1.0) -> tuple[Sentence, ...] | None:
        """The whole prompt if it is ready, else None; `tempo` is times the voice's own."""

    def sentences(self, name: str, text: str, rate: int, tempo: float = 1.0) -> AsyncIterator[Sentence]:
        """The prompt sentence by sentence, each as soon as it is ready. Raises VoiceError."""


class Queue(Protocol):
    """Takes handoffs durably: `ivr.handoff.store.HandoffStore`."""

    def enqueue(self, request: HandoffRequest) -> int:
        """The number under which the request is kept. Raises StateError."""

    def update(self, handoff_id: int, request: HandoffRequest) -> None:
        """More is known of a request that is kept. Raises StateError, UnknownError."""

    def promise(self, request: FollowUpRequest) -> int:
        """Keep what is to be done for the caller after the call; its number. Raises StateError."""

    def settle(self, handoff_id: int, disposition: str, *, now: datetime) -> None:
        """A request that still waits is settled without anybody having taken it. Raises StateError."""


class FrameTap(Protocol):
    """Sees both sides of every tick: a recorder."""

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        """One frame each way."""

    def close(self) -> None:
        """The call is over."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """seconds  longest call before the dialog is told (it passes the caller to a person)"""

    seconds: float = 600.0
