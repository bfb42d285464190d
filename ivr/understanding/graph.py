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


Values = tuple[tuple[str, int, int], ...]
"""Slot values on the way through the graph: label, first word, one past the last."""

_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole phrase of a target in the words start to end; `slots` are the values on its way."""

    target: int
    source: str
    start: int
    end: int
    slots: Values = ()


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
    """Built once a desk; `add` templates, then `walk` utterances.

    Sets of states are made when a caller first says what leads to them, and remembered (a lazy subset
    construction), so that the fifty templates that begin "how do I" are followed as one.
    """

    def __init__(self) -> None:
        self._labels: list[str] = []
        self._next: list[dict[str, list[int]]] = []
        self._final: list[bool] = []
        self._target: list[int] = []
        self._source: list[str] = []
        self._first: defaultdict[str, list[int]] = defaultdict(list)
        self._forget()

    def add(self, target: int, template: Template, labels: Mapping[str, str]) -> None:
        """Add a template; `labels` gives its ``{slot}`` the label by which `walk` finds their values."""
        begin = len(self._labels)
        follow: defaultdict[int, dict[int, None]] = defaultdict(dict)
        first, last, _ = self._positions(template.body, labels, follow)
        for state in range(begin, len(self._labels)):
            after: defaultdict[str, list[int]] = defaultdict(list)
            for place in follow[state]:
                after[self._labels[place]].append(place)
            self._next.append(dict(after))
            self._final.append(state in last)
            self._target.append(target)
            self._source.append(template.text)
        for state in first:
            self._first[self._labels[state]].append(state)
        self._forget()

    def walk(self, words: tuple[str, ...], slots: SlotEnds) -> tuple[list[Whole], list[Open]]:
        """Every whole phrase in the words, and the phrases that are open at their end."""
        if len(self._steps) > _REMEMBERED:
            self._forget()
        whole: dict[tuple[int, int, int], Whole] = {}
        unfinished: list[Open] = []
        many = len(words)
        for start in range(many):
            # For each place, the sets of states reached there and the slot values on the (first) way to them.
            reached: defaultdict[int, dict[frozenset[int], Values]] = defaultdict(dict)
            self._go(frozenset(), start, (), words, slots, reached)
            for place in range(start + 1, many + 1):
                for states, values in reached.pop(place, {}).items():
                    for state in self._ends(states):
                        key = (self._target[state], start, place)
                        if key not in whole or _tells_more(values, whole[key].slots):
                            whole[key] = Whole(key[0], self._source[state], start, place, values)
                    if place < many:
                        self._go(states, place, values, words, slots, reached)
                    else:
                        unfinished.extend(
                            Open(self._target[state], start, self._final[state], tuple(self._next[state]))
                            for state in states
                            if self._next[state]
                        )
        return list(whole.values()), unfinished

    def _go(
        self,
        states: frozenset[int],
        place: int,
        values: Values,
        words: tuple[str, ...],
        slots: SlotEnds,
        reached: defaultdict[int, dict[frozenset[int], Values]],
    ) -> None:
        """From a set of states (the empty one is the beginning) over the word or slot value at a place."""
        if after := self._step(states, words[place]):
            reached[place + 1].setdefault(after, values)
        for label, ends in slots.items():
            if (stops := ends.get(place)) and (after := self._step(states, label)):
                for end in stops:
                    reached[end].setdefault(after, (*values, (label, place, end)))

    def _step(self, states: frozenset[int], label: str) -> frozenset[int]:
        known = self._steps.get((states, label))
        if known is None:
            if states:
                known = frozenset(after for state in states for after in self._next[state].get(label, ()))
            else:
                known = frozenset(self._first.get(label, ()))
            self._steps[states, label] = known
        return known

    def _ends(self, states: frozenset[int]) -> tuple[int, ...]:
        known = self._finals.get(states)
        if known is None:
            known = self._finals[states] = tuple(sorted(state for state in states if self._final[state]))
        return known

    def _forget(self) -> None:
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._finals: dict[frozenset[int], tuple[int, ...]] = {}

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


def _tells_more(some: Values, others: Values) -> bool:
    """Whether one way through a phrase has more values, or as many and more words of its own around them:
    of "how is Ann doing", with or without a last "doing", the name is the shorter."""
    if len(some) != len(others):
        return len(some) > len(others)
    first, second = (sum(end - start for _, start, end in values) for values in (some, others))
    return first < second
