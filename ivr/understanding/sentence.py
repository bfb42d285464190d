"""What kind of sentence was said, by its first and last words: whether somebody who pauses after it goes on.

People who ask stop and wait for the answer; at most a "please" comes after. People who tell what happened go
on with the next sentence, and those who take leave with a "goodbye", after about as long a pause.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from ivr.understanding.words import Words

_LEAST_TOLD = 3
"""Words of the shortest sentence that tells something ("it is broken")."""


class Form(enum.Enum):
    """The kind of a sentence."""

    ASKING = "asking"
    BEGGING = "begging"
    """Asking in a way that "please" often follows."""
    TELLING = "telling"
    OTHER = "other"
    """A name, a department, a value: no sentence."""


def form(texts: tuple[str, ...], words: Words) -> Form:
    """The kind of sentence that words without fillers make; greetings before it do not count."""
    first = 0
    while first < len(texts) and texts[first] in words.polite and not _begins(texts[first:], _openers(words)):
        first += 1
    texts = texts[first:]
    begging, asking = _begins(texts, words.sentences.begging), _begins(texts, words.sentences.asking)
    if begging and begging >= asking:
        return Form.BEGGING
    if asking:
        return Form.ASKING
    if len(texts) >= _LEAST_TOLD and texts[0] in words.sentences.telling:
        return Form.OTHER if _comes_to_a_request(texts, words) else Form.TELLING
    return Form.OTHER


def ends_politely(texts: tuple[str, ...], words: Words) -> bool:
    """Whether "please" or "thank you" is the last that was said, after other words."""
    return any(_ends(texts, phrase) for phrase in words.sentences.courtesies)


def says_goodbye(texts: tuple[str, ...], words: Words) -> bool:
    """Whether the last words are a farewell."""
    return any(_ends(texts, phrase) or " ".join(texts) == phrase for phrase in words.sentences.farewells)


def ends_stranded(texts: tuple[str, ...], words: Words) -> bool:
    """Whether the last word is a preposition of an earlier "who" or "what": nothing is missing.

    Not after a word that itself waits for more: "who do I need to" lacks its verb.
    """
    if len(texts) < _LEAST_TOLD or texts[-1] not in words.sentences.stranded:
        return False
    return texts[-2] not in words.unfinished and any(text in words.sentences.stranding for text in texts[:-2])


def _comes_to_a_request(texts: tuple[str, ...], words: Words) -> bool:
    """Whether what was told has led to what is wanted: "... and I want my money back"."""
    openers = [phrase for phrase in _openers(words) if " " in phrase]
    return any(_begins(texts[at:], openers) for at in range(1, len(texts)))


def _openers(words: Words) -> tuple[str, ...]:
    return words.sentences.asking + words.sentences.begging


def _begins(texts: tuple[str, ...], phrases: Iterable[str]) -> int:
    """How many words the longest of the phrases has with which `texts` begin, 0 for none."""
    return max(
        (len(some) for phrase in phrases if texts[: len(some := tuple(phrase.split()))] == some), default=0
    )


def _ends(texts: tuple[str, ...], phrase: str) -> bool:
    some = tuple(phrase.split())
    return len(texts) > len(some) and texts[-len(some) :] == some
