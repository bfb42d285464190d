"""The section ``[retention]``: after how many days what is known of callers is deleted."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.serving.mistake import Mistake

_LONGEST = 36_500


class RetentionSettings(BaseModel):
    """Days; what is left out is kept for ever. docs/operate.md explains the kinds.

    at  when `ivr serve` deletes, every day, in the machine's time
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recordings: int | None = Field(default=None, ge=0, le=_LONGEST)
    transcripts: int | None = Field(default=None, ge=0, le=_LONGEST)
    calls: int | None = Field(default=None, ge=0, le=_LONGEST)
    cases: int | None = Field(default=None, ge=0, le=_LONGEST)
    follow_ups: int | None = Field(default=None, ge=0, le=_LONGEST)
    at: str = "03:30"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        kinds = (self.recordings, self.transcripts, self.calls, self.cases, self.follow_ups)
        if all(days is None for days in kinds):
            raise Mistake("nothing is ever deleted", "Add recordings = 30, or leave the section out")
        try:
            self.time()
        except ValueError:
            raise Mistake(f"{self.at!r} is no time of day", 'Write at = "03:30"') from None
        return self

    def time(self) -> time:
        """Of the day. ValueError for one that is none."""
        return datetime.strptime(self.at, "%H:%M").time()


def is_due(at: time, now: datetime, last: date | None) -> bool:
    """Whether it is to be done at `now` (local time) when it was done on the day `last` before.

    One that was missed, because the server was down, is made up for at once.
    """
    if last is None:
        return True
    since = (now.date() - last).days
    return since > 1 or (since == 1 and now.time() >= at)
