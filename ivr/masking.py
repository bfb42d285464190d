"""What nobody may read afterwards: keys, words and values of slots that a desk calls sensitive."""

from __future__ import annotations

import dataclasses
from typing import TypeVar, cast

from ivr.events import Backchannel, Event, Heard, KeyPressed, Transfer, Understood
from ivr.handover import Route
from ivr.meaning import Match, SlotValue
from ivr.redaction.cards import without_card_numbers

KEY = "x"
"""Stands for a key."""
WORDS = "[masked]"
"""Stands for what was said."""

T = TypeVar("T")


def without_values(what: T) -> T:
    """The same with every sensitive value and every card number in it masked, however deep.

    Itself when there is none. What a desk asked for in a slot that it does not call sensitive stays.
    """
    if type(what) is str:  # no member of an enumeration
        return cast(T, without_card_numbers(str(what)))
    if isinstance(what, SlotValue):
        if not what.sensitive:
            return what
        return dataclasses.replace(what, value=KEY * len(what.value), said=KEY * len(what.said))
    if isinstance(what, tuple):
        parts = tuple(without_values(part) for part in what)
        same = all(old is new for old, new in zip(what, parts, strict=True))
        return what if same else parts  # type: ignore[return-value]  # the same kinds as before
    if not dataclasses.is_dataclass(what) or isinstance(what, type):
        return what
    changed: dict[str, object] = {}
    if isinstance(what, Transfer):
        changed["route"] = _route(what)
    for field in dataclasses.fields(what):
        old = getattr(what, field.name)
        if field.name not in changed and (new := without_values(old)) is not old:
            changed[field.name] = new
    return dataclasses.replace(what, **changed) if changed else what


def _route(transfer: Transfer) -> Route:
    """Where to, without values that the extension may hold."""
    extension = transfer.route.extension
    for slot in transfer.slots:
        if slot.sensitive and extension:
            extension = extension.replace(slot.value, KEY * len(slot.value))
    return dataclasses.replace(transfer.route, extension=extension)


def unreadable(event: Event) -> Event:
    """What may be kept of an event while something sensitive is asked for: that it was, not what it was."""
    match event:
        case KeyPressed():
            return KeyPressed(KEY)
        case Understood(heard=heard, matches=matches):
            return Understood(unheard(heard), tuple(map(_meaning_alone, matches)))
        case Backchannel(heard=heard, why=why):
            return Backchannel(unheard(heard), why)
        case _:
            return event


def unheard(heard: Heard) -> Heard:
    """An utterance without its words."""
    readings = tuple(dataclasses.replace(one, text=WORDS, words=()) for one in heard.hypotheses if one.text)
    return dataclasses.replace(heard, hypotheses=readings[:1])


def _meaning_alone(match: Match) -> Match:
    return dataclasses.replace(match, slots=(), phrase="")
