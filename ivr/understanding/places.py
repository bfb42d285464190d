"""Where somebody is, in their own words: "twelve Quay Street", "behind the station".

Asked for it, people shout for help, ask back, or tell what has happened. Written down as the place, that
sends help nowhere. So a place is an address, words that lead to a kind of place that others find, or, where
it was asked for, an answer in which nobody is spoken of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ivr.understanding.addresses import read_address
from ivr.understanding.backchannel import made_of
from ivr.understanding.numbers import Found
from ivr.understanding.utterance import Utterance
from ivr.understanding.words import Words

ADDRESS = 0.95
"""Chance that a street with a number is the place."""
_ANSWER, _NEAR = 0.9, 0.8
_MOST_WORDS = 40
_TO_THE_KIND = 5
"""Words from "at" to the kind of place: "at the old railway station"."""
_BEHIND = 2
"""Words behind the kind of a place that is all that is said: "Oak Tree Close number three"."""
_BEYOND = 8
"""Words that may follow: "the library on Church Road in Hartwell"."""


def read_place(heard: Utterance, language: str, asked: bool) -> tuple[Found, ...]:
    """The place in an utterance, or (): as the caller said it, without what leads to it."""
    if asked and (start := _bare(heard)) is not None:
        text = heard.text.strip() if start == 0 else heard.said(start, len(heard.tokens))
        return (Found(text, 0, len(heard.tokens), _ANSWER),)
    if (span := _address(heard, language)) is not None:
        score = ADDRESS
    elif (span := _named(heard) or _near(heard)) is not None:
        score = _ANSWER if asked else _NEAR
    else:
        return ()
    start, end = (0, len(heard.tokens)) if asked else (span.start, span.end)
    return (Found(heard.said(span.start, span.end), start, end, score),)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int


def _bare(heard: Utterance) -> int | None:
    """Where the place begins in an answer that is nothing else; None where it is something else."""
    words = heard.words
    places = words.places
    idle = (*places.cries, *places.vague, *words.greetings, *words.thanks, *words.backchannels)
    if not heard.texts or made_of(heard.text, (*idle, *words.fillers, *words.polite), words, _MOST_WORDS):
        return None
    start = _led(heard.texts, words)
    rest = heard.texts[start:]
    if not rest or not places.others.isdisjoint(rest):
        return None
    if made_of(" ".join(rest), (*idle, *words.fillers, *words.polite, *words.light), words, _MOST_WORDS):
        return None
    return start


def _led(texts: Sequence[str], words: Words) -> int:
    """How many words lead to the place: "well, we are ..."."""
    at = 0
    while size := max(
        _size(texts, at, words.places.lead), int(at < len(texts) and texts[at] in words.fillers)
    ):
        at += size
    return at if at < len(texts) else 0


def _address(heard: Utterance, language: str) -> _Span | None:
    """A street with the number of a house, and the town behind it."""
    found = next(iter(read_address(heard, language, False)), None)
    if found is None:
        return None
    streets = heard.words.addresses
    kinds = [
        at
        for at in range(found.start, found.end)
        if heard.texts[at] in streets.streets or heard.texts[at] in streets.short
    ]
    last = kinds[-1] + 1 if kinds else found.end
    return _Span(found.start, _end(heard, last))


def _named(heard: Utterance) -> _Span | None:
    """All that is said, where it names a street or a kind of place: "the library on Church Road"."""
    start = _bare(heard)
    if start is None:
        return None
    last = len(heard.texts)
    ends = [_kind(heard.texts, start, at, heard.words) for at in range(start, last)]
    return _Span(start, last) if any(end >= max(1, last - _BEHIND) for end in ends) else None


def _near(heard: Utterance) -> _Span | None:
    """Words that lead to a kind of place that others find."""
    words = heard.words
    texts = heard.texts
    for start in range(len(texts)):
        size = _size(texts, start, words.places.before)
        if not size or (start + size < len(texts) and texts[start + size] in words.durations.one):
            continue  # "hit by a car"
        for at in range(start + size, min(len(texts), start + size + _TO_THE_KIND)):
            if texts[at] in words.places.others:
                break
            if after := _kind(texts, start + size, at, words):
                return _Span(start, _end(heard, after))
    return None


def _kind(texts: Sequence[str], first: int, at: int, words: Words) -> int:
    """Where a kind of place ends that begins at `at`, 0 where none does; a street needs its name."""
    if size := _size(texts, at, words.places.kinds):
        return at + size
    street = texts[at] in words.addresses.streets or texts[at] in words.addresses.short
    named = at > first and texts[at - 1] not in words.light | words.polite
    return at + 1 if street and named else 0


def _end(heard: Utterance, at: int) -> int:
    """Where a place ends that goes on behind a street: at a person, a plea, or what is only polite."""
    words, texts = heard.words, heard.texts
    end = at
    for place in range(at, min(len(texts), at + _BEYOND)):
        stop = texts[place] in words.places.others | words.polite
        if stop or _size(texts, place, words.places.cries):
            break
        end = place + 1
    while end > at and texts[end - 1] in words.light | words.fillers:
        end -= 1
    return end


def _size(texts: Sequence[str], at: int, phrases: Iterable[str]) -> int:
    """How many words the longest of the phrases has that stands at `at`, 0 for none."""
    return max(_sizes(texts, at, phrases), default=0)


def _sizes(texts: Sequence[str], at: int, phrases: Iterable[str]) -> Iterator[int]:
    for phrase in phrases:
        some = tuple(phrase.split())
        if tuple(texts[at : at + len(some)]) == some:
            yield len(some)
