"""What is meant of an utterance: without "I already told you" before it, behind "no, I meant" or "no wait".

Whoever says something again says so, and these words are like those of other wants. Of "yes, I mean no" the
last counts; of "yes, no" nothing is known. Where a text is dictated, all words belong to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ivr.meaning import Command, Expect, Hypothesis, SlotType
from ivr.understanding.normalize import normalize, said
from ivr.understanding.words import Words

_DECIDED = frozenset({SlotType.YES_NO, SlotType.CHOICE})
"""Facts that are answered with a yes or a no, or as such."""


def gist(one: Hypothesis, expect: Expect, words: Words) -> Hypothesis:
    """A free reading without what only leads to it; unchanged where nothing would be left."""
    if one.fit is not None or not (words.asides or words.restating):
        return one
    if expect.slot is not None and (expect.slot.type.dictated or expect.slot.safe):
        return one  # what is said beside a yes is doubt, where safety is asked for
    tokens = normalize(one.text, words)
    texts = tuple(token.text for token in tokens)
    asked = expect.slot is None or expect.slot.type in _DECIDED or Command.YES in expect.commands
    if asked and (decided := _decided(texts, words)) is not None:
        return replace(one, text=said(one.text, tokens, *decided), words=())
    answer = _answered(texts, words)
    start = answer
    while size := _size(texts, start, words.asides):
        start += size
    if expect.slot is None:
        start = max(start, _restated(texts, words))
    if start == answer or start >= len(texts):
        return one
    kept = said(one.text, tokens, start, len(tokens))
    first = said(one.text, tokens, 0, answer)
    return replace(one, text=f"{first} {kept}".strip(), words=())


def _decided(texts: Sequence[str], words: Words) -> tuple[int, int] | None:
    """The words from the last of a yes and a no on that are said one after the other, where the first is
    taken back: "yes, sorry, no". No words where it is not: nobody knows which is meant. None where there
    are not both, or more is said.
    """
    yes, no = words.yes_first, words.no_first
    phrases = (*words.corrections.words, *words.restating, *words.asides)
    takes_back = tuple(phrase for phrase in phrases if phrase not in yes | no)
    idle = words.polite | words.fillers | frozenset(words.joining.between)
    said_so: set[bool] = set()
    last = at = 0
    changed = False
    while at < len(texts):
        if texts[at] in yes or texts[at] in no:
            said_so.add(texts[at] in yes)
            last = at
        elif size := _size(texts, at, takes_back):
            changed = changed or bool(said_so)
            at += size - 1
        elif texts[at] not in idle:
            break
        at += 1
    if len(said_so) < 2:
        return None
    whole = at >= len(texts)
    if changed:
        return last, last + 1 if whole else len(texts)
    return (0, 0) if whole else None


def _answered(texts: Sequence[str], words: Words) -> int:
    """How many words say yes or no, or nothing, before the rest."""
    plain = words.yes_first | words.no_first | words.fillers
    return next((at for at, text in enumerate(texts) if text not in plain), len(texts))


def _restated(texts: Sequence[str], words: Words) -> int:
    """Where what was meant begins, 0 where nothing is put right: "I mean" alone is only a filler."""
    denied = bool(texts) and texts[0] in words.no_first
    if (instead := _reconsidered(texts, words)) > 0:
        return instead
    corrections = frozenset(word for word in words.corrections.words if " " not in word)
    for at in range(len(texts) - 1, -1, -1):
        size = _size(texts, at, words.restating)
        asked = at > 0 and texts[at - 1] in words.sentences.stranding  # "that is not what I meant"
        if size and not asked and any(text not in words.light for text in texts[at + size :]):
            return at + size if denied or at == 0 or texts[at - 1] in corrections else 0
    return 0


def _reconsidered(texts: Sequence[str], words: Words) -> int:
    """Where the wish begins that takes the place of the one before: "sales, no wait, billing"; 0 for none."""
    for at in range(len(texts) - 1, 0, -1):
        size = _size(texts, at, words.reconsidering)
        if size and all(
            any(text not in words.light for text in some) for some in (texts[:at], texts[at + size :])
        ):
            return at + size
    return 0


def _size(texts: Sequence[str], at: int, phrases: Iterable[str]) -> int:
    """How many words the longest of the phrases has that stands at `at`, 0 for none."""
    sizes = (len(some) for some in map(str.split, phrases) if list(texts[at : at + len(some)]) == some)
    return max(sizes, default=0)
