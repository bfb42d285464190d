"""What a model can learn from a vocabulary: labelled sentences, phrases of its templates, everyday talk."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.meaning import IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.grammar import parse
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words, load_words

PHRASES = 10
"""Sentences that are learned of one template: the shortest through each of its words, then others."""
EVERYDAY = 8
"""Everyday sentences that are learned of one template, spread over all that it stands for."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence, as written and in matching form (`normalize.plain_words`).

    intent  None: of none of them
    kin     sentences of one template: they are near copies, so that one must not be tried on the others. ""
            has none
    """

    text: str
    words: tuple[str, ...]
    intent: str | None
    kin: str = ""


def examples_of(vocabulary: Vocabulary) -> tuple[Example, ...]:
    """What a vocabulary has to learn from, in its order: labelled sentences, and phrases of its templates,
    and everyday sentences of its language, which are no want of anybody.

    Where it has templates alone, people who write desks have said in them what callers want, and the model
    finds the wordings that they did not think of.
    """
    words = load_words(vocabulary.language)
    taught: list[Example] = []
    for intent in vocabulary.intents:
        taught += [Example(text, plain_words(text, words), intent.name) for text in intent.examples]
        for number, template in enumerate(intent.templates):
            for text in _phrases(template, intent, number, words):
                taught.append(Example(text, plain_words(text, words), intent.name, f"{intent.name} {number}"))
    if not vocabulary.is_corpus:  # one knows its wants well enough: see decision 12
        taught += [Example(text, plain_words(text, words), None) for text in everyday(words)]
    return tuple(taught)


@functools.cache
def everyday(words: Words) -> tuple[str, ...]:
    """Everyday sentences of a language, `EVERYDAY` of each of its templates."""
    out: list[str] = []
    for template in words.everyday:
        parsed = parse(template, lambda text: plain_words(text, words))
        every = [" ".join(sentence) for sentence in parsed.sentences(parsed.count)]
        out += every[:: max(1, len(every) // EVERYDAY)][:EVERYDAY]
    return tuple(out)


def _phrases(template: str, intent: IntentSpec, number: int, words: Words) -> Iterator[str]:
    """Some sentences of a template, with a value for each slot; none where a slot may hold anything but a
    name."""
    values = {f"{{{slot.name}}}": _some(slot, words) for slot in intent.slots}
    for turn, sentence in enumerate(
        parse(template, lambda text: plain_words(text, words)).sentences(PHRASES)
    ):
        filled = []
        for word in sentence:
            some = values.get(word, []) if word.startswith("{") else [word]
            filled.append(some[(7 * number + turn) % len(some)] if some else "")
        if all(filled):
            yield " ".join(filled)


def _some(slot: SlotSpec, words: Words) -> Sequence[str]:
    """Values of a slot as callers say them; of names nobody knows all."""
    if slot.type is SlotType.NAME and not slot.choices:
        return words.people
    return [choice.value for choice in slot.choices]


def without_examples(vocabulary: Vocabulary, learned: frozenset[str]) -> Vocabulary:
    """The vocabulary with templates alone for the intents that are learned."""
    intents = tuple(
        dataclasses.replace(intent, examples=()) if intent.name in learned else intent
        for intent in vocabulary.intents
    )
    return dataclasses.replace(vocabulary, intents=intents)
