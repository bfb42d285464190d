"""What was heard when callers said who they are: postcode, name and date of birth, and the customer they are.

The measure is that of EVI (Spithourakis et al. 2022, see `ivr.understanding.identify`): a caller answers up
to three times for each fact, and each answer is the recognizer's n-best list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ivr.evaluation.jsonl import BrokenLine, CaseError, read_lines, text_of
from ivr.understanding.customers import Customer, CustomerFile, Item

Answers = Mapping[Item, Sequence[Sequence[str]]]
"""For each fact the n-best lists of its attempts, in their order."""

_LINE = '{"dialogue": ..., "scenario": ..., "item": "postcode", "attempt": 0, "nbest": [...]}'
_ITEMS = ", ".join(item.value for item in Item)
_MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Caller:
    """What was heard in one call; `truth` is the caller's key in the customer file, "" when none is known."""

    name: str
    truth: str
    answers: Answers


@dataclass(frozen=True, slots=True)
class _Line:
    place: str
    dialogue: str
    truth: str | None
    item: Item
    attempt: int | None
    nbest: tuple[str, ...]


def read_callers(path: Path) -> tuple[Caller, ...]:
    """The calls of a file with one answer a line, in the order of the file. Raises CaseError, with the line.

    A line has `dialogue` (which call), `item` (which fact), `nbest` (texts, best first, or none) and, where
    known, `scenario` (the caller's key; null: a stranger) and `attempt` (0 for the first time; without it
    the order of the lines).
    """
    calls: dict[str, dict[Item, dict[int, tuple[str, ...]]]] = {}
    truths: dict[str, str | None] = {}
    for line in read_lines(path, _line, _LINE):
        tries = calls.setdefault(line.dialogue, {item: {} for item in Item})[line.item]
        number = len(tries) if line.attempt is None else line.attempt
        if number in tries:
            what = f"attempt {number} at {line.item.value} of call {line.dialogue!r} is there twice"
            raise CaseError(
                what, place=line.place, remedy="Number the attempts 0, 1, 2, or leave `attempt` out"
            )
        tries[number] = line.nbest
        if truths.setdefault(line.dialogue, line.truth) != line.truth:
            what = f"call {line.dialogue!r} has two scenarios"
            raise CaseError(what, place=line.place, remedy="Give each call its own `dialogue`")
    if not calls:
        raise CaseError("holds no calls", place=str(path), remedy=f"Write {_LINE} lines")
    return tuple(
        Caller(
            name,
            truths[name] or "",
            MappingProxyType({item: tuple(some[n] for n in sorted(some)) for item, some in answers.items()}),
        )
        for name, answers in calls.items()
    )


def _line(data: dict[str, object], place: str) -> _Line:
    dialogue = text_of(data, "dialogue", "Write the call's name in quotes")
    if not dialogue:
        raise BrokenLine("no `dialogue`", "Name the call that the answer belongs to")
    truth = text_of(data, "scenario", "Write the key of the customer in quotes, or null for a stranger")
    item = text_of(data, "item", f"Write one of {_ITEMS}")
    if item not in {one.value for one in Item}:
        what = "no `item`" if item is None else f"no fact is called {item!r}"
        raise BrokenLine(what, f"Write one of {_ITEMS}")
    attempt = data.get("attempt")
    if attempt is not None and (type(attempt) is not int or not 0 <= attempt < _MOST_ATTEMPTS):
        raise BrokenLine("`attempt` is no number from 0 to 99", "Number the attempts 0, 1, 2")
    nbest = data.get("nbest")
    if not isinstance(nbest, list) or not all(isinstance(text, str) for text in nbest):
        raise BrokenLine("`nbest` is no list of texts", "Write what was heard, best first; [] for nothing")
    return _Line(
        place, dialogue, truth, Item(item), attempt if isinstance(attempt, int) else None, tuple(nbest)
    )


def labelled_by_words(callers: Sequence[Caller], customers: Sequence[Customer]) -> tuple[Caller, ...]:
    """The callers, each labelled with the one customer whose postcode and name they say word for word.

    Where that is nobody, or several are meant, the label stays; a caller labelled "" stays a stranger.
    Some of EVI's callers were given another customer's facts than their label says.
    """
    by_words: dict[tuple[str, str], set[str]] = {}
    for customer in customers:
        facts = (_joined(customer.postcode), customer.name.lower())
        by_words.setdefault(facts, set()).add(customer.key)
    out = []
    for caller in callers:
        postcodes = {_joined(text) for nbest in caller.answers[Item.POSTCODE] for text in nbest}
        names = {text.lower() for nbest in caller.answers[Item.NAME] for text in nbest}
        said = {key for postcode in postcodes for name in names for key in by_words.get((postcode, name), ())}
        meant = caller.truth and len(said) == 1 and caller.truth not in said
        out.append(replace(caller, truth=said.pop()) if meant else caller)
    return tuple(out)


def without_record_as_strangers(callers: Sequence[Caller], file: CustomerFile) -> tuple[Caller, ...]:
    """The callers; who has no record in the file is a stranger to it."""
    return tuple(one if one.truth in file.place_of else replace(one, truth="") for one in callers)


def _joined(text: str) -> str:
    return "".join(text.lower().split())
