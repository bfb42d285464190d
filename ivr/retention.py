"""How long everything that is known of callers is kept, and deleting what is older."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path

from ivr.errors import StateError
from ivr.handoff.forgetting import forget_cases, forget_follow_ups, forget_words
from ivr.handoff.store import HandoffStore
from ivr.records.retention import Swept, sweep, sweep_sound, sweep_words
from ivr.webhooks.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Keep:
    """Days; None keeps for ever.

    recordings   the sound of calls and call-backs
    transcripts  what was said: event logs, transcripts, facts, also of settled cases; figures stay
    calls        all that is left of calls
    cases        settled cases of the queue, and what other programs were to be told and did not take
    follow_ups   settled follow-ups
    """

    recordings: int | None = None
    transcripts: int | None = None
    calls: int | None = None
    cases: int | None = None
    follow_ups: int | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) is not None for one in fields(self))


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many of each were deleted (or would be), the bytes of files, and what could not be deleted."""

    recordings: int = 0
    transcripts: int = 0
    calls: int = 0
    cases: int = 0
    follow_ups: int = 0
    untold: int = 0
    size: int = 0
    failures: tuple[StateError, ...] = field(default=())

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to do."""
        return not any(
            (self.recordings, self.transcripts, self.calls, self.cases, self.follow_ups, self.untold)
        )

    def __str__(self) -> str:
        counted = (
            (self.recordings, "recording"),
            (self.transcripts, "transcript"),
            (self.calls, "call"),
            (self.cases, "case"),
            (self.follow_ups, "follow-up"),
            (self.untold, "webhook"),
        )
        told = [f"{count} {name}{'' if count == 1 else 's'}" for count, name in counted if count]
        return ", ".join(told) or "nothing"


def prune(
    state: Path,
    store: HandoffStore,
    keep: Keep,
    now: datetime,
    *,
    outbox: Outbox | None = None,
    dry_run: bool = False,
) -> Pruned:
    """Delete what is older than it is to be kept; `dry_run` only counts. `now` has a time zone.

    outbox  what other programs were to be told, where there is one

    Whole calls go first, so that nothing is taken out of what goes anyway. Stopped in the middle, the next
    time does the rest. Raises StateError when calls or the queue cannot be read at all.
    """
    today = now.date()
    none = Swept((), 0)
    calls = none if keep.calls is None else sweep(state, keep.calls, today, dry_run=dry_run)
    gone = frozenset(calls.folders) if dry_run else frozenset()
    sound = words = none
    if keep.recordings is not None:
        sound = sweep_sound(state, keep.recordings, today, dry_run=dry_run, but=gone)
    if keep.transcripts is not None:
        words = sweep_words(state, keep.transcripts, today, dry_run=dry_run, but=gone)
    cases = said = promises = untold = 0
    if keep.cases is not None and outbox is not None:
        untold = outbox.forget_dead(now - timedelta(days=keep.cases), dry_run=dry_run)
    if keep.cases is not None:
        cases = forget_cases(store, now - timedelta(days=keep.cases), dry_run=dry_run)
    if keep.transcripts is not None:
        said = forget_words(store, now - timedelta(days=keep.transcripts), dry_run=dry_run)
    if keep.follow_ups is not None:
        promises = forget_follow_ups(store, now - timedelta(days=keep.follow_ups), dry_run=dry_run)
    return Pruned(
        recordings=len(sound.folders),
        transcripts=max(len(words.folders), said),
        calls=len(calls.folders),
        cases=cases,
        follow_ups=promises,
        untold=untold,
        size=calls.size + sound.size + words.size,
        failures=(*calls.failures, *sound.failures, *words.failures),
    )
