"""What a call needs of others: where prompts come from, where handoffs go, who records, and its limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.handover import FollowUpRequest, HandoffRequest
from ivr.media.pcm import Pcm
from ivr.mouth.sentences import Sentence

GRACE_SECONDS = 30.0
"""What a call may go on for after its limit was announced to the dialog, before it is simply ended."""


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
