"""From scores to decisions: act, confirm, offer the two best, or ask again.

Scores are calibrated to the chance of being right, so one rule serves intents and slot values alike.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ivr.dialog.desk import Desk, Flow
from ivr.dialog.schema import ThresholdsText
from ivr.dialog.spoken import is_value
from ivr.dialog.task import Guess, Readings
from ivr.dialog.terms import Check
from ivr.events import Decision
from ivr.meaning import Answer, Intent, Match, SlotValue

NO_MISHEARD = 0.05
"""Chance that a caller who said no to a guess wants it after all: "no" was misheard, or the mind changed."""
FAINT = 0.5
"""Of `offer`: chance from which a second want is worth naming beside a likelier one that has to be asked."""


_WANTS = 5.0
"""As how many equally likely wants those of a desk count: what is misheard once is misheard alike again, and
what no desk knows is twice a little like the same want."""


def decide(best: float, second: float, thresholds: ThresholdsText, check: Check = Check.AUTO) -> Decision:
    """What to do about the best of several readings; `second` is the score of the next, 0 when there is none.

    `Decision.HAND_OFF` is not decided here: it depends on how often nothing was understood.
    """
    if not best >= thresholds.offer:  # so that NaN is a no
        return Decision.REPROMPT
    rival = second >= thresholds.offer
    if rival and best - second < thresholds.margin:
        return Decision.OFFER
    if best >= thresholds.accept:
        return Decision.CONFIRM if check is Check.ALWAYS else Decision.ACCEPT
    if best >= thresholds.confirm:
        return Decision.ACCEPT if check is Check.NEVER else Decision.CONFIRM
    return Decision.OFFER if rival else Decision.REPROMPT


def decide_want(
    best: float, second: float, thresholds: ThresholdsText, check: Check = Check.AUTO
) -> Decision:
    """As `decide`, of intents: where that would ask again, the two likeliest are asked for by their names.

    A wrong offer costs a misunderstanding, as asking again does; a right one saves it, and who hears what the
    desk has made of the words knows better what to say. One guess alone so unlikely is not asked for: an open
    question serves more callers.
    """
    decision = decide(best, second, thresholds, check)
    named = best >= thresholds.offer and second >= FAINT * thresholds.offer and check is not Check.NEVER
    return Decision.OFFER if decision is Decision.REPROMPT and named else decision


def undenied(matches: tuple[Match, ...], denied: Collection[str]) -> tuple[Match, ...]:
    """The matches, best first, of a caller who has said no to some intents (Bayes' rule)."""

    def is_denied(match: Match) -> bool:
        return isinstance(match.meaning, Intent) and match.meaning.name in denied

    lost = sum(match.score for match in matches if is_denied(match) and math.isfinite(match.score))
    if lost <= 0.0:
        return matches
    left = after_no(lost)
    scored = (
        replace(match, score=min(1.0, match.score * (NO_MISHEARD if is_denied(match) else 1.0) / left))
        for match in matches
    )
    return tuple(sorted(scored, key=lambda match: -match.score))


def after_no(lost: float) -> float:
    """What is left of 1 when a no takes away a chance: what others have is divided by it."""
    return max(NO_MISHEARD, 1.0 - (1.0 - NO_MISHEARD) * lost)


def still_likely(wants: Iterable[Guess], denied: Collection[str]) -> list[Guess]:
    """The wants that the caller did not say no to, with the chance of those they did (Bayes' rule)."""
    some = list(wants)
    left = after_no(sum(guess.score for guess in some if guess.intent.flow.name in denied))
    return [
        replace(guess, score=min(1.0, guess.score / left))
        for guess in some
        if guess.intent.flow.name not in denied
    ]


def guesses(matches: Iterable[Match], desk: Desk) -> tuple[Guess, ...]:
    """The different intents among the matches, best first, each with the values heard for its slots."""
    found: dict[str, list[Match]] = {}
    for match in matches:
        if isinstance(match.meaning, Intent):
            found.setdefault(match.meaning.name, []).append(match)
    made = (
        Guess(desk.intents[name], of[0].score, readings(of, desk.intents[name].flow))
        for name, of in found.items()
    )
    return tuple(sorted(made, key=lambda guess: -guess.score))


def together(before: Collection[Guess], now: Collection[Guess]) -> tuple[Guess, ...]:
    """What a caller wants who said it twice in different words, best first (Dempster's rule).

    As in `understanding.combine`: each utterance names wants, or was missed; of `_WANTS` that are all as
    likely before, one that both name is likelier than one of each.
    """
    if not before or not now:
        return tuple(before or now)
    first, second = ({guess.intent.flow.name: guess for guess in some} for some in (before, now))
    missed_first, missed_second = (
        max(NO_MISHEARD, 1.0 - sum(g.score for g in some)) for some in (before, now)
    )
    weights = {}
    for name in first.keys() | second.keys():
        one, other = (some[name].score if name in some else 0.0 for some in (first, second))
        weights[name] = _WANTS * one * other + one * missed_second + other * missed_first
    total = sum(weights.values()) + missed_first * missed_second
    both = {**first, **second}
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return tuple(replace(both[name], score=weight / total) for name, weight in ranked)


def readings(matches: Iterable[Match], flow: Flow) -> tuple[Readings, ...]:
    """Per slot of the flow the different values the matches hold, likeliest first, without impossible ones.

    A value is as likely as it is in its own words, and no likelier than those words are among all that hold
    one: what one poor reading in twenty says for certain is no rival to what the others say.
    """
    found: dict[str, dict[str, SlotValue]] = {}
    shares: dict[str, dict[str, float]] = {}
    for match in matches:
        for value in match.slots:
            slot = flow.slot(value.name)
            if slot is None or not 0.0 <= value.score <= 1.0 or not is_value(slot.spec, value.value):
                continue
            known, share = found.setdefault(value.name, {}), shares.setdefault(value.name, {})
            if value.value not in known or known[value.value].score < value.score:
                known[value.value] = value
            share[value.value] = share.get(value.value, 0.0) + max(0.0, match.score)
    return tuple(_likeliest(found[slot.name], shares[slot.name]) for slot in flow.slots if slot.name in found)


def _likeliest(values: Mapping[str, SlotValue], shares: Mapping[str, float]) -> Readings:
    """The values, likeliest first, each with its chance beside the others."""
    total = sum(shares.values())
    if total <= 0.0:
        return tuple(sorted(values.values(), key=lambda value: -value.score))
    best, *others = sorted(values, key=lambda value: (-shares[value], -values[value].score))
    rivals = [min(values[value].score, shares[value] / total) for value in others]
    chances = [min(values[best].score, max(0.0, 1.0 - sum(rivals))), *rivals]
    return tuple(
        replace(values[value], score=chance) for value, chance in zip((best, *others), chances, strict=True)
    )


def about_flow(match: Match, flow: Flow, slot: str) -> bool:
    """Whether a match answers the question for `slot` of `flow`, or says more about the same intent."""
    match match.meaning:
        case Answer(name):
            return name == slot
        case Intent(name):
            return name == flow.name
        case _:
            return False


def certain(value: SlotValue) -> SlotValue:
    """The value once the caller has said that it is right."""
    return replace(value, score=1.0)
