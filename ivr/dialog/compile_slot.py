"""From the text of a slot to what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.dialog.desk import Slot
from ivr.dialog.faults import did_you_mean
from ivr.dialog.prompts import Writer, filled
from ivr.dialog.schema_slots import SlotText
from ivr.dialog.source import Key
from ivr.dialog.steps import Prompts
from ivr.dialog.tables import Table
from ivr.dialog.terms import Check
from ivr.dialog.text import Ref, Text
from ivr.meaning import Choice, SlotSpec, SlotType

_SAFE = {None: "", True: "yes", False: "no"}
_KEYPAD = frozenset({SlotType.DIGITS, SlotType.NUMBER})


@dataclass(frozen=True, slots=True)
class Fact:
    """A shared slot as it is written, and where."""

    text: SlotText
    writer: Writer
    path: tuple[Key, ...]


def compile_slot(
    intent: str,
    name: str,
    text: SlotText,
    tables: Mapping[str, Table | None],
    generic: Prompts,
    writer: Writer,
    path: tuple[Key, ...],
) -> Slot:
    """The slot with its prompts.

    intent   whose slot it is
    generic  how values are confirmed where the slot has no wording of its own
    path     where it stands in its file
    """
    base = f"slots.{intent}.{name}"
    table = tables.get(text.source) if text.source else None
    if text.source and text.source not in tables:
        remedy = did_you_mean(text.source, tables)
        writer.problem((*path, "from"), f"no table {text.source!r} under `data`", remedy)
    confirm = filled(generic, f"{base}.confirm", {"value": Text((Ref(name),))})
    if text.confirm is not None:
        confirm = writer.ladder(f"{base}.confirm", (text.confirm,), (*path, "confirm"))
    if text.sensitive:
        confirm = ()
    choices = tuple(Choice(value, ways) for value, ways in text.choices.items())
    return Slot(
        spec=SlotSpec(
            name,
            text.type,
            text.length,
            table.choices() if table else choices,
            text.sensitive,
            _SAFE[text.safe],
            text.plain,
            text.no_answer,
        ),
        ask=writer.ladder(f"{base}.ask", text.ask or (), (*path, "ask")),
        confirm=confirm,
        confirm_given=text.confirm is not None,
        read_back=Check.NEVER if text.sensitive else text.read_back,
        keys=text.type in _KEYPAD if text.keys is None else text.keys,
        optional=text.optional,
        table=table,
        place=writer.source.place(*path),
        once=text.once,
        caller=text.caller,
        masked=True if text.caller and text.masked is None else text.masked,
    )
