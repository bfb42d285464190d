"""Grouping what was not understood, and saying what a desk should learn from each group."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from ivr.evaluation.missed import Missed
from ivr.meaning import Command, Expect, Hypothesis, Intent, Match
from ivr.understanding.matcher import Matcher
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds
from ivr.understanding.words import Words

ALIKE = 0.7
"""Likeness, 0 to 1, from which two utterances belong together."""
MOST_TEXTS = 3_000
"""Different utterances that are compared, the most frequent ones."""
LEAST_SURE = 0.2
"""A group whose intents are less likely than this belongs to none."""
REPHRASED = 0.5
"""How likely an intent is because callers reached it with their next words."""

_WHEN = datetime(2000, 1, 3, 12)
_SPECIAL = re.compile(r"([\\\[\](){}|])")


@dataclass(frozen=True, slots=True)
class Present:
    """What is understood now: by a desk, or, without intents, by its language alone."""

    matcher: Matcher
    intents: frozenset[str]

    def matches(self, hypotheses: tuple[Hypothesis, ...]) -> tuple[Match, ...]:
        """What an utterance would be taken for, where every command makes sense."""
        return self.matcher.match(hypotheses, Expect(commands=frozenset(Command)), _WHEN)

    def understands(self, one: Missed, threshold: float) -> bool:
        """Whether it would take the utterance for anything but the intent that the caller denied."""
        best = self.matches(one.hypotheses)[:1]
        return any(match.score >= threshold and match.meaning != Intent(one.denied) for match in best)


@dataclass(frozen=True, slots=True)
class Group:
    """Utterances that say about the same.

    count     how often they were said
    examples  the different wordings, the one in the middle of the group first, then the most frequent
    calls     ids of the calls
    intent    what they probably want, None when nothing on the desk is near
    chance    how likely that is, 0 to 1
    line      what to add to the desk: an item of the intent's `say`, quoted for YAML
    """

    count: int
    examples: tuple[str, ...]
    calls: tuple[str, ...]
    intent: str | None
    chance: float
    line: str


def suggest(found: Sequence[Missed], words: Words, sounds: Sounds, present: Present) -> tuple[Group, ...]:
    """Groups of alike utterances, the largest first.

    Where no desk is present, what was guessed at the time of the call is used.
    """
    by_text: defaultdict[str, list[Missed]] = defaultdict(list)
    for one in found:
        by_text[" ".join(plain_words(one.text, words))].append(one)
    by_text.pop("", None)
    common = sorted(by_text, key=lambda text: (-len(by_text[text]), text))[:MOST_TEXTS]
    weights = np.array([len(by_text[text]) for text in common], dtype=np.float64)
    groups = [
        _group([by_text[common[number]] for number in members], present)
        for members in clusters(likenesses(common, words, sounds), weights)
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.examples)))


def likenesses(texts: Sequence[str], words: Words, sounds: Sounds) -> NDArray[np.float64]:
    """How alike utterances (in matching form) are, 0 to 1, shape (n, n).

    The mean of two views, each by letters or by sounds, whichever are more alike: all words, and those left
    without polite and everyday ones.
    """
    everyday = words.polite | words.light | words.fillers
    content = [" ".join(word for word in text.split() if word not in everyday) or text for text in texts]
    return 0.4 * _alike(texts, sounds) + 0.6 * _alike(content, sounds)


def _alike(texts: Sequence[str], sounds: Sounds) -> NDArray[np.float64]:
    letters = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio, dtype=np.float32)
    spoken = [sounds.phrase(tuple(text.split())) for text in texts]
    heard = process.cdist(spoken, spoken, scorer=Indel.normalized_similarity, dtype=np.float32)
    return np.maximum(letters.astype(np.float64) / 100.0, heard.astype(np.float64))


def clusters(alike: NDArray[np.float64], weights: NDArray[np.float64]) -> list[list[int]]:
    """Rows in groups, each around the row with the greatest weight of rows like it; that one comes first."""
    near = alike >= ALIKE
    np.fill_diagonal(near, True)
    mass = near @ weights
    left = np.ones(len(weights), dtype=bool)
    found: list[list[int]] = []
    while left.any():
        centre = int(np.argmax(np.where(left, mass, -1.0)))
        members = np.flatnonzero(near[centre] & left)
        others = [int(row) for row in members[np.argsort(-weights[members], kind="stable")] if row != centre]
        found.append([centre, *others])
        left[members] = False
        mass -= near[:, members] @ weights[members]
    return found


def template(text: str, match: Match | None) -> str:
    """What was said as a sentence template: values of slots as ``{slot}``, signs of the notation escaped."""
    text = " ".join(text.split()).strip(" .,;:!?\"'")
    pieces = {slot.said: slot.name for slot in match.slots if slot.said} if match is not None else {}
    for said in sorted(pieces, key=len, reverse=True):
        if said == text or not re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text):
            pieces.pop(said)
    if not pieces:
        return _SPECIAL.sub(r"\\\1", text)
    pattern = "|".join(rf"(?<!\w){re.escape(said)}(?!\w)" for said in sorted(pieces, key=len, reverse=True))
    out: list[str] = []
    end = 0
    for place in re.finditer(pattern, text):
        out.extend((_SPECIAL.sub(r"\\\1", text[end : place.start()]), f"{{{pieces[place.group()]}}}"))
        end = place.end()
    return "".join([*out, _SPECIAL.sub(r"\\\1", text[end:])])


def _group(members: list[list[Missed]], present: Present) -> Group:
    utterances = [one for some in members for one in some]
    centre = members[0][0]
    votes: Counter[str] = Counter()
    for one in utterances:
        scores = dict(one.guessed)
        if present.intents:
            matches = present.matches(one.hypotheses)
            scores = {m.meaning.name: m.score for m in reversed(matches) if isinstance(m.meaning, Intent)}
        if one.then and one.then in (present.intents or {one.then}):
            scores[one.then] = max(scores.get(one.then, 0.0), REPHRASED)
        scores.pop(one.denied, None)
        votes.update(scores)
    intent, chance = None, 0.0
    if votes:
        name, sum_of_scores = votes.most_common(1)[0]
        chance = min(1.0, sum_of_scores / len(utterances))
        intent = name if chance >= LEAST_SURE else None
    match = None
    if intent is not None and present.intents:
        matches = present.matches(centre.hypotheses)
        match = next((match for match in matches if match.meaning == Intent(intent)), None)
    spoken = Counter(one.text.strip() for one in utterances)
    examples = dict.fromkeys([centre.text.strip(), *(text for text, _ in spoken.most_common())])
    return Group(
        len(utterances),
        tuple(examples),
        tuple(dict.fromkeys(one.call for one in utterances)),
        intent,
        chance if intent is not None else 0.0,
        f"- {json.dumps(template(centre.text, match), ensure_ascii=False)}",
    )
