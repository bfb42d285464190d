"""The values in a desk's texts, as they are said aloud or written for people and other systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from ivr.dialog.desk import Desk
from ivr.dialog.session import Session
from ivr.dialog.spoken import spoken
from ivr.dialog.task import Task
from ivr.dialog.terms import DUE, DUE_DAY, DUE_TIME
from ivr.dialog.text import Ref, Text
from ivr.meaning import SlotSpec, SlotType, SlotValue

Values = Callable[[Ref], str]


def no_values(_: Ref) -> str:
    """For prompts without values."""
    return ""


def written(text: Text | None, values: Values) -> str:
    """A text for people and systems, "" when there is none."""
    return "" if text is None else text.render(values)


@dataclass(frozen=True, slots=True)
class Wording:
    """How the values that a call knows so far are worded; `today` is the day where the desk is."""

    desk: Desk
    session: Session
    today: date

    def of(self, task: Task, *more: SlotValue, aloud: bool = True) -> Values:
        """The values of a task's texts, with `more` beside those it has."""
        given = {value.name: value for value in (*task.values, *more)}

        def value(ref: Ref) -> str:
            slot = task.flow.slot(ref.name)
            if slot is None and ref.name in DUE:
                return self.due(ref)
            if slot is None and ref.column:
                return self.looked_up(ref, aloud)
            if slot is None:
                return task.via.label if task.via is not None else self.desk.name
            if ref.name not in given:
                return ""
            text = given[ref.name].value
            if ref.column:
                return slot.table.cell(text, ref.column) if slot.table is not None else ""
            return spoken(slot.spec, text, self.desk.words, self.today) if aloud else text

        return value

    def due(self, ref: Ref) -> str:
        """Until when the last promise is to be kept, as it is said; "" where nothing was promised."""
        until = next((one.due for one in reversed(self.session.promises) if one.due), "")
        if not until or ref.name not in DUE:
            return ""
        when = datetime.fromisoformat(until)
        if ref.name == DUE_DAY:
            day = when.date().isoformat()
            return spoken(SlotSpec(DUE_DAY, SlotType.DATE), day, self.desk.words, self.today)
        return spoken(SlotSpec(DUE_TIME, SlotType.TIME), f"{when:%H:%M}", self.desk.words)

    def looked_up(self, ref: Ref, aloud: bool) -> str:
        """A value of the last answer of a lookup, "" when there is none."""
        lookup = self.desk.lookups.get(ref.name)
        kept = lookup.kept(ref.column) if lookup is not None else None
        rows = self.session.looked_up.get(ref.name, ())
        found = next((one for one in rows[0] if one.name == ref.column), None) if rows else None
        if kept is None or found is None:
            return ""
        spec = SlotSpec(kept.name, kept.type)
        return spoken(spec, found.value, self.desk.words, self.today) if aloud else found.value
