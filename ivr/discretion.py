"""What a record of a call may hold of numbers and names: patterns find the numbers of telephones and persons,
and what a desk has asked for in a slot is found wherever it is said again.

People who take the call see the facts; event log, transcript and summary show that there was one.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TypeVar, cast

from ivr.events import Event, LookedUp, SlotFilled, Understood
from ivr.journal import Sink
from ivr.masking import WORDS
from ivr.meaning import Hypothesis, SlotValue
from ivr.redaction.names import NAME, parts_of, without_names
from ivr.redaction.phones import shortened
from ivr.redaction.runs import RUN, digits_of
from ivr.redaction.texts import NumberKind, NumberRules, without_numbers

NUMBER = "[number]"
"""Stands for what was asked for in a slot that is masked."""
_LEAST = 4
"""Digits of a value that is looked for in what is said: fewer are anything."""
_TEXTS = frozenset({"text", "said", "want", "what", "tried", "reason", "addressee", "detail"})
_NUMBERS = frozenset({"caller", "contact", "number"})
_ADDRESS = re.compile(r"\+?\d{7,}")

T = TypeVar("T")


class NumberMask:
    """The numbers and names of one call: it learns what was given for slots, and masks texts."""

    def __init__(self, rules: NumberRules | None = None) -> None:
        self.rules = rules or NumberRules()
        self._hidden: set[str] = set()
        self._plain: set[str] = set()
        self._names: set[str] = set()

    def learn(self, event: Event) -> None:
        """Values are learned from what an utterance may mean, before anything is said about it."""
        match event:
            case Understood(matches=matches):
                for match in matches:
                    for slot in match.slots:
                        self._learn(slot)
                for slot in matches[0].slots if matches else ():
                    self._learn_name(slot)  # of other meanings any word could be one
            case SlotFilled(slot=slot):
                self._learn(slot)
                self._learn_name(slot)
            case LookedUp(rows=rows):
                for row in rows:
                    for slot in row:
                        self._learn_name(slot)
            case _:
                pass

    def _learn(self, slot: SlotValue) -> None:
        if len(slot.value) < _LEAST or not any(sign.isdigit() for sign in slot.value):
            return
        if slot.name in self.rules.masked:
            self._hidden.add(slot.value)
        elif slot.name in self.rules.shown:
            self._plain.add(slot.value)

    def _learn_name(self, slot: SlotValue) -> None:
        if slot.name in self.rules.names:
            self._names |= parts_of(slot.value)
            self._names |= parts_of(slot.said)

    def text(self, text: str) -> str:
        """The text as a record may hold it."""
        parts, at = [], 0
        for found in RUN.finditer(text):
            digits = digits_of(found[0])
            hidden = self._is_hidden(digits)
            if hidden or digits in self._plain:
                before = without_numbers(text[at : found.start()], self.rules.keep)
                parts += [before, NUMBER if hidden else found[0]]
                at = found.end()
        masked = "".join([*parts, without_numbers(text[at:], self.rules.keep)])
        for value in self._hidden:
            if not value.isdigit():
                masked = re.sub(re.escape(value), NUMBER, masked, flags=re.IGNORECASE)
        return without_names(masked, self._names)

    def _is_hidden(self, digits: str) -> bool:
        """Whether it is a value or a part of one: numbers come in two breaths, or behind a country."""
        if len(digits) < _LEAST:
            return False
        return any(digits in value or (value.isdigit() and value in digits) for value in self._hidden)

    def of(self, what: T) -> T:
        """The same with every number masked, however deep; itself when there is none."""
        if isinstance(what, SlotValue):
            return cast(T, self._slot(what))
        if isinstance(what, Understood) and self._names_somebody(what):
            what = cast(T, self._without_other_readings(what))
        if isinstance(what, Hypothesis):
            text = self.text(what.text)
            # The words one by one would tell it.
            return cast(T, what if text == what.text else dataclasses.replace(what, text=text, words=()))
        if isinstance(what, tuple):
            parts = tuple(self.of(part) for part in what)
            same = all(old is new for old, new in zip(what, parts, strict=True))
            return what if same else cast(T, parts)
        if not dataclasses.is_dataclass(what) or isinstance(what, type):
            return what
        changed: dict[str, object] = {}
        for field in dataclasses.fields(what):
            old = getattr(what, field.name)
            if (new := self._field(field.name, old)) is not old:
                changed[field.name] = new
        return cast(T, dataclasses.replace(what, **changed)) if changed else what

    def _names_somebody(self, event: Understood) -> bool:
        return bool(event.matches) and any(slot.name in self.rules.names for slot in event.matches[0].slots)

    def _without_other_readings(self, event: Understood) -> Understood:
        """Other readings spell the name in other ways, and other meanings hold it: none of them is kept."""
        first = next((one for one in event.heard.hypotheses if one.text), None)
        if first is not None and self.text(first.text) == first.text:
            first = dataclasses.replace(first, text=WORDS, words=())  # it was in another reading
        heard = dataclasses.replace(event.heard, hypotheses=() if first is None else (first,))
        match = dataclasses.replace(event.matches[0], phrase=self.text(event.matches[0].phrase))
        return dataclasses.replace(event, heard=heard, matches=(match,))

    def _field(self, name: str, value: object) -> object:
        if type(value) is str:  # no member of an enumeration
            new = self._words(name, str(value))
            return value if new == value else new
        if name in _TEXTS and isinstance(value, tuple) and all(type(one) is str for one in value):
            masked = tuple(self.text(one) for one in value)
            return value if masked == value else masked
        return self.of(value)

    def _words(self, name: str, value: str) -> str:
        if name in _TEXTS:
            return self.text(value)
        if NumberKind.PHONE in self.rules.keep:
            return value
        if name in _NUMBERS:
            return shortened(value)
        if name == "line" and value.startswith(("sip:", "sips:", "tel:")):
            return _ADDRESS.sub(lambda found: shortened(found[0]), value)
        return value

    def _slot(self, slot: SlotValue) -> SlotValue:
        if slot.sensitive:
            return slot  # masked already
        if slot.name in self.rules.names:
            return dataclasses.replace(
                slot, value=NAME if slot.value else "", said=WORDS if slot.said else ""
            )
        if slot.name in self.rules.masked:
            return dataclasses.replace(slot, value=shortened(slot.value), said=WORDS if slot.said else "")
        said = slot.said if slot.name in self.rules.shown else self.text(slot.said)
        return slot if said == slot.said else dataclasses.replace(slot, said=said)


class LogMask:
    """A sink of the journal in front of another: what is written down has no numbers in it."""

    def __init__(self, sink: Sink, rules: NumberRules) -> None:
        self._sink = sink
        self._mask = NumberMask(rules)

    def __call__(self, at: float, event: Event) -> None:
        """Pass `event` on."""
        self._mask.learn(event)
        self._sink(at, self._mask.of(event))
