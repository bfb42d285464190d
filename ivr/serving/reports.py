"""The section ``[reports]``: reports on calls that are made by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.serving.mistake import Mistake
from ivr.serving.schedule import Every, Moment, parse_moment


class ReportSettings(BaseModel):
    """Where reports go, and when they are made; times of day are the machine's.

    folder   made if it is missing; only this user may read what is in it
    daily    of the day before, at this time: "06:00"
    weekly   of the week from Monday to Sunday before, on this day: "mon 06:00"
    formats  html for people, csv and json for programs
    desk     only calls of this desk
    keep     as many of each kind are kept, older ones are deleted; 0 keeps all
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    daily: str = ""
    weekly: str = ""
    formats: tuple[Literal["html", "csv", "json"], ...] = Field(default=("html",), min_length=1)
    desk: str = ""
    keep: int = Field(default=0, ge=0, le=10_000)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.daily and not self.weekly:
            raise Mistake("no report is ever made", 'Add daily = "06:00" or weekly = "mon 06:00"')
        try:
            self.moments()
        except ValueError as error:
            what, _, remedy = str(error).partition(": ")
            raise Mistake(what, f"{remedy[:1].upper()}{remedy[1:]}") from None
        return self

    def moments(self) -> tuple[Moment, ...]:
        """When reports are made. ValueError for one that is none."""
        given = ((Every.DAILY, self.daily), (Every.WEEKLY, self.weekly))
        return tuple(parse_moment(every, text) for every, text in given if text)
