"""Phrases that mean two things, or sound as if they did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Indel

from ivr.dialog.desk import Desk
from ivr.dialog.findings import Finding, error, warning
from ivr.dialog.source import Place
from ivr.errors import IvrError

SoundAlike = Callable[[str, str], float]
"""How alike two phrases sound, 0 to 1."""
Expand = Callable[[str], list[str]]
"""Sentences that a template stands for; slots stay as ``{name}``."""

ALIKE = 0.8
"""From here on the words in which two phrases differ are reported as sounding alike."""
MAX_SENTENCES = 200
"""Of one template; more are not looked at."""
MAX_COMPARED = 5_000
"""Pairs whose sound is compared: those that look most alike in letters."""
_LOOKS_ALIKE = 0.5
_SIGNS = frozenset("[](){}|<>\\")
"""What makes a text a template that may be broken."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence of an intent, and the template it comes from."""

    intent: str
    template: str
    place: Place
    text: str

    @property
    def source(self) -> tuple[str, str, Place]:
        """The same for all sentences of one template."""
        return self.intent, self.template, self.place


def check_phrases(desk: Desk, sound_alike: SoundAlike, expand: Expand) -> Iterator[Finding]:
    """Findings about what callers may say."""
    phrases: list[Phrase] = []
    for name, intent in desk.intents.items():
        for n, (template, place) in enumerate(intent.templates):
            try:
                sentences = expand(template)[:MAX_SENTENCES]
            except IvrError as broken:
                where = f" ({broken.place})" if broken.place else ""
                yield error(place, f"intents.{name}.say.{n}", f"{broken.what}{where}", broken.remedy)
                continue
            phrases += [Phrase(name, template, place, _plain(text)) for text in sentences]
    examples = [
        Phrase(name, text, place, _plain(text))
        for name, intent in desk.intents.items()
        for text, place in intent.examples
    ]
    yield from _choices(desk, expand)
    yield from _shared(desk, [*phrases, *examples])
    yield from _alike(phrases, sound_alike)


def _choices(desk: Desk, expand: Expand) -> Iterator[Finding]:
    """Ways to say a value that nobody can read, in a slot, a table or a guide."""
    for flow in desk.flows.values():
        for slot in flow.slots:
            templates = (
                (one.value, way) for one in slot.spec.choices for way in one.say if _SIGNS & set(way)
            )
            for value, way in templates:
                try:
                    expand(way)
                except IvrError as broken:
                    text = f"{value!r} cannot be said as {way!r}: {broken.what}"
                    yield error(slot.place, f"{flow.name}.{slot.name}", text, broken.remedy)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _shared(desk: Desk, phrases: list[Phrase]) -> Iterator[Finding]:
    """The same words in two intents; and intents of which nothing is left."""
    first: dict[str, Phrase] = {}
    own: dict[str, int] = {}
    reported: set[tuple[object, object]] = set()
    for phrase in phrases:
        other = first.setdefault(phrase.text, phrase)
        own[phrase.intent] = own.get(phrase.intent, 0) + (other.intent == phrase.intent)
        if other.intent == phrase.intent or (phrase.source, other.source) in reported:
            continue
        reported.add((phrase.source, other.source))
        text = f"{phrase.text!r} is also a phrase of {other.intent!r} ({other.place})"
        yield error(phrase.place, f"intents.{phrase.intent}.say", text, "Leave it in one of them")
    for name, count in own.items():
        if count == 0 and not desk.intents[name].keys:
            text = "every phrase is also one of another intent, so this one is never reached"
            remedy = "Give it phrases of its own"
            yield error(desk.intents[name].flow.place, f"intents.{name}", text, remedy)


def _alike(phrases: list[Phrase], sound_alike: SoundAlike) -> Iterator[Finding]:
    """Different words that sound alike, for every two templates once: the pair that is most alike."""
    plain = list({(p.intent, p.text): p for p in phrases if "{" not in p.text}.values())
    best: dict[tuple[object, object], tuple[float, Phrase, Phrase]] = {}
    for one, other in _pairs(plain):
        score = sound_alike(*_difference(one.text, other.text))
        key = (one.source, other.source)
        if score >= ALIKE and (key not in best or best[key][0] < score):
            best[key] = (score, one, other)
    for _, one, other in best.values():
        text = f"{other.text!r} sounds like {one.text!r} of {one.intent!r} ({one.place})"
        remedy = 'Choose words that differ more, or be ready for "did you mean ...?"'
        yield warning(other.place, f"intents.{other.intent}.say", text, remedy)


def _difference(one: str, other: str) -> tuple[str, str]:
    """What is left without the words that both begin and end with: only there can they be told apart."""
    first, second = one.split(), other.split()
    while first and second and first[0] == second[0]:
        first, second = first[1:], second[1:]
    while first and second and first[-1] == second[-1]:
        first, second = first[:-1], second[:-1]
    return " ".join(first), " ".join(second)


def _pairs(phrases: list[Phrase]) -> list[tuple[Phrase, Phrase]]:
    """Pairs of different intents and words, those that look most alike first, at most `MAX_COMPARED`."""
    found: list[tuple[float, int, int]] = []
    texts = [phrase.text for phrase in phrases]
    for row, text in enumerate(texts):
        rest = texts[row + 1 :]
        for _, score, column in process.extract_iter(
            text, rest, scorer=Indel.normalized_similarity, score_cutoff=_LOOKS_ALIKE
        ):
            other = row + 1 + column
            if phrases[other].intent != phrases[row].intent and texts[other] != text:
                found.append((-score, row, other))
    found.sort()
    return [(phrases[row], phrases[other]) for _, row, other in found[:MAX_COMPARED]]
