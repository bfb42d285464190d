"""Values of slots that take any words: what stands where a phrase has the slot."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.meaning import SlotType, SlotValue
from ivr.understanding.numbers import Found
from ivr.understanding.query import Query
from ivr.understanding.slots import SlotReader

_IN_WHOLE_PHRASE = 0.8
_BETWEEN_NEIGHBOURS = 0.5


def open_values(query: Query, number: int, chosen: list[tuple[SlotReader, Found]]) -> Iterator[SlotValue]:
    """Values of the open slots of a target that have none yet, from the phrase it was matched to."""
    taken = {reader.spec.name for reader, _ in chosen}
    for name, reader in query.book.targets[number].readers.items():
        if not reader.open_ended or name in taken:
            continue
        place = _in_whole_phrase(query, number, reader.label)
        score = _IN_WHOLE_PHRASE
        if place is None:
            place, score = _between_neighbours(query, number, reader.label), _BETWEEN_NEIGHBOURS
        if place is not None and not (
            reader.spec.type is SlotType.NAME  # "which ward is she on" and "how is my mother" name nobody
            and query.texts[place[0]] in query.heard.words.light
        ):
            start, end = query.kept[place[0]], query.kept[place[1] - 1] + 1
            said = query.heard.said(start, end).strip(' .,;:!?"')
            if said:
                yield SlotValue(name, said, said, score)


def _in_whole_phrase(query: Query, number: int, label: str) -> tuple[int, int] | None:
    """The place of the slot in a whole phrase; of several the one that leaves it fewest words."""
    places = [
        (start, end)
        for whole in query.walked[0]
        if whole.target == number and whole.end == len(query.texts)
        for one, start, end in whole.slots
        if one == label
    ]
    return min(places, key=lambda place: place[1] - place[0], default=None)


def _between_neighbours(query: Query, number: int, label: str) -> tuple[int, int] | None:
    """What stands between the words that stand beside the slot in the best phrase."""
    phrase = query.best_phrase(number).words
    if label not in phrase:
        return None
    at = phrase.index(label)
    before = phrase[at - 1] if at > 0 else None
    after = phrase[at + 1] if at + 1 < len(phrase) else None
    texts = query.texts
    start, end = 0, len(texts)
    if before is not None:
        if before not in texts:
            return None
        start = texts.index(before) + 1
    if after is not None:
        if after not in texts[start:]:
            return None
        end = texts.index(after, start)
    return (start, end) if start < end else None
