"""Two wishes in one breath: "when are you open, and then put me through to billing".

A sentence is parted only where each part alone is understood for sure, as another want, and no want explains
the whole: what one phrase of the desk holds, and a story that leads to what is wanted, are one wish.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ivr.meaning import Answer, Command, Intent, Match, Wish
from ivr.understanding.normalize import Token, normalize, said
from ivr.understanding.sentence import Form, form
from ivr.understanding.words import Words

Ranked: TypeAlias = tuple[Match, ...]

SURE = 0.75
"""Chance from which each part is a want for certain, and the whole is one."""
PLAIN = 0.9
"""The same of a part that is neither a question nor a request: "and the address"."""
MOST_WISHES = 3
MOST_CUTS = 6
"""Places where a sentence may be parted that are tried: each costs as much as to understand it twice."""
LEAST_WORDS = 4
"""Of a sentence that is parted."""
_ENDS = frozenset(".?!;。？！；")
_REQUESTS = frozenset({Form.ASKING, Form.BEGGING})
_WANTED_TOO = frozenset({Command.OPERATOR})
"""Commands that are a want beside others."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a sentence may be parted: the tokens `start` to `end` only join its parts.

    besides  they are said before another matter: "and also"
    """

    start: int
    end: int
    besides: bool


def cuts(text: str, tokens: Sequence[Token], words: Words) -> Iterator[Cut]:
    """The places between two sentences, and the words that join wishes, in order."""
    kinds = {tuple(phrase.split()): False for phrase in words.joining.between}
    kinds |= {tuple(phrase.split()): True for phrase in words.joining.besides}
    longest = max(map(len, kinds), default=0)
    texts = tuple(token.text for token in tokens)
    at = 1
    while at < len(texts) - 1:
        sizes = (size for size in range(longest, 0, -1) if texts[at : at + size] in kinds)
        size = next(sizes, 0)
        between = text[tokens[at - 1].end : tokens[at].start]
        if size:
            yield Cut(at, at + size, kinds[texts[at : at + size]])
        elif not _ENDS.isdisjoint(between):
            yield Cut(at, at, False)
        at += max(1, size)


class Wishes:
    """Parts what is said into the wishes that are in it."""

    def __init__(self, words: Words, understand: Callable[[str, bool], Ranked]) -> None:
        """`understand` gives the meanings of a part, best first; the first may answer a question."""
        self._words = words
        self._understand = understand

    def of(
        self,
        text: str,
        whole: Ranked,
        held: Callable[[], Collection[tuple[int, int]]],
        *,
        agreeing: bool = False,
    ) -> Ranked:
        """The meanings of the first wish, whose best has the others as `later`; `whole` where there is one.

        whole  the meanings of all of it, best first
        held   gives the tokens, from and to, that a phrase of a want holds
        agreeing  whether a yes may come first: "yes, and when are you open?"
        """
        tokens = normalize(text, self._words)
        if len(tokens) < LEAST_WORDS or any(match.urgent for match in whole):
            return whole
        if not (places := list(cuts(text, tokens, self._words))):
            return whole
        spans = held()
        places = [
            cut for cut in places if not any(start < cut.start and cut.end < end for start, end in spans)
        ]
        openers = _WANTED_TOO | {Command.YES} if agreeing else _WANTED_TOO
        found: list[Ranked] = []
        start, end = 0, len(tokens)
        for number, cut in enumerate(places[:MOST_CUTS]):
            ends = next((later.start for later in places[number + 1 : MOST_CUTS]), end)
            pair = self._pair(text, tokens, (start, cut.start), (cut.end, end), cut, whole, openers)
            pair = pair or self._pair(text, tokens, (start, cut.start), (cut.end, ends), cut, whole, openers)
            if pair is None:
                continue
            first, second = pair
            found = [*found[:-1], first, second]
            start = cut.end
            if len(found) == MOST_WISHES:
                break
        return _joined(found, whole) if found and not _one_want(found, whole) else whole

    def _pair(
        self,
        text: str,
        tokens: Sequence[Token],
        one: tuple[int, int],
        other: tuple[int, int],
        cut: Cut,
        whole: Ranked,
        commands: Collection[Command],
    ) -> tuple[Ranked, Ranked] | None:
        """Both sides of a cut where each is a want for sure, and the first not only leads to the other."""
        if one[0] >= one[1] or other[0] >= other[1]:
            return None
        kinds = [self._kind(tokens[slice(*part)]) for part in (one, other)]
        known = bool(self._words.sentences.asking)  # kinds of sentences are told apart in the language
        if known and not cut.besides and kinds[1] not in _REQUESTS:
            return None  # it goes on about the same: why, what came of it, "a fever and a cough"
        meant = []
        for part, kind in zip((one, other), kinds, strict=True):
            ranked = self._understand(said(text, tuple(tokens), *part), part[0] == 0)
            least = SURE if kind in _REQUESTS or not known else PLAIN
            if not ranked or not _is_want(ranked[0], commands) or ranked[0].score < least:
                return None
            meant.append(ranked)
            commands = _WANTED_TOO
        first, second = meant[0][0].meaning, meant[1][0].meaning
        led_to = kinds[0] is Form.TELLING and not cut.besides and bool(whole) and whole[0].meaning == second
        return None if first == second or led_to else (meant[0], meant[1])

    def _kind(self, tokens: Iterable[Token]) -> Form:
        """The kind of sentence of a part, which may go on as "I would like to" does, or lack its subject."""
        texts = tuple(token.text for token in tokens if token.text not in self._words.fillers)
        beginnings = (tuple(phrase.split()) for phrase in self._words.joining.going_on)
        if any(texts[: len(some)] == some for some in beginnings):
            return Form.BEGGING
        if texts[1:2] and texts[1] in self._words.negations:  # "and does not want to eat"
            return Form.TELLING
        return form(texts, self._words)


def _is_want(match: Match, commands: Collection[Command]) -> bool:
    named = isinstance(match.meaning, Intent | Answer) and not match.urgent
    return named or match.meaning in commands


def _one_want(found: Sequence[Ranked], whole: Ranked) -> bool:
    """Whether all of it is for certain another want than any of its parts."""
    best = whole[0] if whole else None
    return (
        best is not None and best.score >= SURE and all(best.meaning != ranked[0].meaning for ranked in found)
    )


def _joined(found: Sequence[Ranked], whole: Ranked) -> Ranked:
    (first, *others), *later = found
    both = next((match for match in whole if match.meaning == first.meaning), first)
    wishes = {
        best.meaning: Wish(best.meaning, best.score, best.slots)
        for best, *_ in later
        if best.meaning != first.meaning and not isinstance(best.meaning, Answer)
    }
    first = replace(first, slots=first.slots or both.slots, later=tuple(wishes.values()))
    rest = tuple(match for match in others if match.meaning not in wishes)
    return (first, *rest)
