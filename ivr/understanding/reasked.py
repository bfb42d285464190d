"""The answer to a question that was asked before: what all answers say together, or a correction.

A noisy answer alone may be too unsure to act on, or too short to be a value at all ("four eight two", when
six digits are wanted). Heard together with the earlier ones it may be enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from ivr.meaning import Answer, Expect, Hypothesis, Match, SlotSpec, SlotType, SlotValue
from ivr.understanding import calibration
from ivr.understanding.combine import combine
from ivr.understanding.corrections import corrected
from ivr.understanding.held_trust import weigh
from ivr.understanding.numbers import Found
from ivr.understanding.phonemes import Sounds
from ivr.understanding.postcodes import canonical, is_uk_postcode
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import Utterance, utterance
from ivr.understanding.words import Words

MOST_HYPOTHESES = 5
MOST_ANSWERS = 3

_PART = 0.5
"""Trust in a string of another length than was asked for."""
_ALONE = frozenset({SlotType.TEXT, SlotType.PLACE, SlotType.YES_NO})
_LEAST = 0.02
_ZIP_LENGTHS = (5, 10)


class Reasked:
    """Reads answers to one slot; `reader` is that of the slot."""

    def __init__(self, reader: SlotReader, words: Words, sounds: Sounds, language: str) -> None:
        self._reader = reader
        self._words = words
        self._sounds = sounds
        spec = reader.spec
        self._parts: SlotReader | None = None
        if spec.type is SlotType.DIGITS and spec.length is not None:
            self._parts = SlotReader(replace(spec, length=None), "{part}", words, sounds, language)
        elif spec.type is SlotType.POSTCODE:
            spelled = SlotSpec(spec.name, SlotType.SPELLED)
            self._parts = SlotReader(spelled, "{part}", words, sounds, language)

    def settle(
        self, matches: tuple[Match, ...], hypotheses: Sequence[Hypothesis], expect: Expect, now: datetime
    ) -> tuple[Match, ...]:
        """The matches of an utterance, its answers weighed together with the earlier ones, best first."""
        spec, earlier = self._reader.spec, expect.earlier
        if spec.type in _ALONE:
            return matches
        said = self._values(hypotheses, now)
        if not said or any(self._corrects(one, earlier.value) for one in hypotheses[:MOST_HYPOTHESES]):
            return matches  # no answer: a command, another wish; or a part of the last one, changed already
        before = [self._values(one, now) for one in earlier.answers[-MOST_ANSWERS:]]
        denied = (*earlier.denied, *((earlier.value,) if earlier.value else ()))
        if not any(before) and not any(value.value in denied for value in said):
            return matches
        values = combine(spec.type, [*before, said], self._words, self._sounds, denied, form=self._form)
        return _with_answers(matches, spec.name, values)

    def _form(self, value: str) -> str:
        """A value as the slot wants it, "" for one that is too short, say."""
        spec = self._reader.spec
        match spec.type:
            case SlotType.DIGITS if spec.length is not None:
                return value if spec.length[0] <= len(value) <= spec.length[1] else ""
            case SlotType.POSTCODE if value.replace("-", "").isdigit():
                return value if len(value) in _ZIP_LENGTHS else ""
            case SlotType.POSTCODE:
                written = canonical(value.replace(" ", ""))
                return written if is_uk_postcode(written) else ""
            case _:
                return value

    def _corrects(self, hypothesis: Hypothesis, value: str) -> bool:
        heard = utterance(hypothesis.text, self._words, self._sounds)
        return bool(value and corrected(value, self._reader.spec, heard, self._words, self._sounds))

    def _values(self, hypotheses: Sequence[Hypothesis], now: datetime) -> tuple[SlotValue, ...]:
        """What one answer says, the chances over all its readings, best first."""

        def read(heard: Utterance, exact: bool) -> tuple[Found, ...]:
            found = self._reader.read(heard, now, True, exact)
            if found or self._parts is None:
                return found
            parts = self._parts.read(heard, now, True, exact)
            return tuple(replace(one, score=one.score * _PART) for one in parts)

        return self._weighed(hypotheses, read)

    def _weighed(
        self, hypotheses: Sequence[Hypothesis], read: Callable[[Utterance, bool], tuple[Found, ...]]
    ) -> tuple[SlotValue, ...]:
        scores: dict[str, float] = {}
        values: dict[str, SlotValue] = {}
        for one in weigh(hypotheses, self._words, self._sounds):
            heard = utterance(one.hypothesis.text, self._words, self._sounds)
            for found in read(heard, one.kind is not None):
                scores[found.value] = scores.get(found.value, 0.0) + one.weight * found.score
                values.setdefault(found.value, self._reader.value(found, heard))
        ranked = sorted(scores, key=lambda value: -scores[value])
        return tuple(replace(values[value], score=min(1.0, scores[value])) for value in ranked)


def _with_answers(matches: tuple[Match, ...], slot: str, values: Sequence[SlotValue]) -> tuple[Match, ...]:
    """The matches with these answers instead of theirs. That it is an answer stays as likely as it was; where
    no reading alone was one, it is as likely as that it is nothing else."""
    answers = [match for match in matches if match.meaning == Answer(slot)]
    others = [match for match in matches if match.meaning != Answer(slot)]
    chance = sum(match.score for match in answers) or 1.0 - sum(match.score for match in others)
    new = [
        Match(Answer(slot), min(calibration.MOST, chance * value.score), (value,))
        for value in values
        if chance * value.score >= _LEAST
    ]
    return tuple(sorted([*others, *new], key=lambda match: -match.score))
