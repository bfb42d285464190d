"""All templates of a desk as one word graph: whole phrases, unfinished phrases, without writing them out.

The graph is Glushkov's automaton (1961): its states are the words and slots as they stand in the templates,
so it has as many states as the templates have words, whatever number of sentences they stand for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.understanding.grammar import Group, Sequence, Template

SlotEnds = Mapping[str, Mapping[int, tuple[int, ...]]]
"""For each slot label, where values of it begin in the utterance and where they end."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole phrase of a target in the words start to end; `slots` are the values on its way."""

    target: int
    source: str
    start: int
    end: int
    slots: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """A phrase of a target that the words begin at `start` and that may go on with `next`.

    final  whether the words are a whole phrase as they are, so that what may come is optional
    """

    target: int
    start: int
    final: bool
    next: tuple[str, ...]


class WordGraph:
    """Built once a desk; `add` templates, then `walk` utterances."""

    def __init__(self) -> None:
        self._labels: list[str] = []
        self._follow: list[tuple[int, ...]] = []
        self._final: list[bool] = []
        self._target: list[int] = []
        self._source: list[str] = []
        self._first: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, target: int, template: Template, labels: Mapping[str, str]) -> None:
        """Add a template; `labels` gives its ``{slot}`` the label by which `walk` finds their values."""
        begin = len(self._labels)
        follow: defaultdict[int, dict[int, None]] = defaultdict(dict)
        first, last, _ = self._positions(template.body, labels, follow)
        for state in range(begin, len(self._labels)):
            self._follow.append(tuple(follow[state]))
            self._final.append(state in last)
            self._target.append(target)
            self._source.append(template.text)
        for state in first:
            self._first[self._labels[state]].append(state)

    def walk(self, words: tuple[str, ...], slots: SlotEnds) -> tuple[list[Whole], list[Open]]:
        """Every whole phrase in the words, and the phrases that are open at their end."""
        whole: dict[tuple[int, int, int], Whole] = {}
        unfinished: list[Open] = []
        slot_labels = [label for label in slots if label in self._first]
        for start in range(len(words)):
            # For each place, the states reached there and the slot values on the (first) way to them.
            reached: dict[int, dict[int, tuple[tuple[str, int, int], ...]]] = defaultdict(dict)
            for label, ends in (
                (words[start], (start + 1,)),
                *((s, slots[s].get(start, ())) for s in slot_labels),
            ):
                for state in self._first.get(label, ()):
                    for end in ends:
                        reached[end].setdefault(state, ((label, start, end),) if label in slots else ())
            for place in range(start + 1, len(words) + 1):
                for state, values in reached.pop(place, {}).items():
                    if self._final[state]:
                        key = (self._target[state], start, place)
                        found = Whole(self._target[state], self._source[state], start, place, values)
                        if key not in whole or len(values) > len(whole[key].slots):
                            whole[key] = found
                    if place == len(words):
                        coming = tuple(self._labels[after] for after in self._follow[state])
                        if coming:
                            unfinished.append(Open(self._target[state], start, self._final[state], coming))
                        continue
                    for after in self._follow[state]:
                        label = self._labels[after]
                        if label == words[place]:
                            reached[place + 1].setdefault(after, values)
                        for end in slots[label].get(place, ()) if label in slots else ():
                            reached[end].setdefault(after, (*values, (label, place, end)))
        return list(whole.values()), unfinished

    def _positions(
        self, body: Sequence, labels: Mapping[str, str], follow: defaultdict[int, dict[int, None]]
    ) -> tuple[list[int], set[int], bool]:
        """First and last states of a sequence, and whether it may be left out; fills in who follows whom."""
        first: list[int] = []
        last: set[int] = set()
        empty = True
        for item in body:
            if isinstance(item, Group):
                item_first, item_last, item_empty = self._group(item, labels, follow)
            else:
                state = len(self._labels)
                self._labels.append(labels.get(item, item))
                item_first, item_last, item_empty = [state], {state}, False
            for state in last:
                follow[state].update(dict.fromkeys(item_first))
            if empty:
                first.extend(item_first)
            last = last | item_last if item_empty else item_last
            empty = empty and item_empty
        return first, last, empty

    def _group(
        self, group: Group, labels: Mapping[str, str], follow: defaultdict[int, dict[int, None]]
    ) -> tuple[list[int], set[int], bool]:
        parts = [self._positions(option, labels, follow) for option in group.options]
        return (
            [state for first, _, _ in parts for state in first],
            set[int]().union(*_lasts(parts)),
            any(empty for _, _, empty in parts),
        )


def _lasts(parts: Iterable[tuple[list[int], set[int], bool]]) -> Iterable[set[int]]:
    return (last for _, last, _ in parts)
