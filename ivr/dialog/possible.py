"""What an utterance can mean where it was said: of its matches those that fit the state, best first."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import replace

from ivr.dialog.decide import undenied
from ivr.dialog.desk import Desk
from ivr.dialog.expect import expect
from ivr.dialog.states import Main, Talking
from ivr.meaning import Answer, Command, Intent, Match

_LEAVING = frozenset({Command.NO, Command.GOODBYE, Command.THANKS})
"""What says after an answer that it was all."""
UNSERVED = 0.9
"""Chance from which a farewell, or a wish for a call-back, ends a call in which something is still asked."""
FAINT = 0.1
"""Chance from which the likeliest meaning is one."""
_ALIKE = 0.4
"""Of the chance of a no: a phrase of both is as likely to be either, and a goodbye cannot be mended."""


def same_here(state: Talking, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """After "anything else?", "no", "goodbye" and "okay, thank you" mean the same: their chances add up.

    "Great" and "okay" are no yes to it then, nor is "that's it". "No, that's wrong" is no "no" to it.
    """
    if not (isinstance(state, Main) and state.after_answer):
        return matches
    matches = of_the_answer(matches)
    leaving = [match for match in matches if match.meaning in _LEAVING]
    yes = [match for match in matches if match.meaning is Command.YES]
    # A farewell that is far less likely than the yes is no reason to end the call.
    farewell = max((match.score for match in leaving if match.meaning is Command.GOODBYE), default=0.0)
    if any(match.meaning is Command.THANKS for match in leaving) or (yes and farewell >= yes[0].score / 2):
        leaving += yes
    elif any(match.meaning is Command.MUSING for match in matches):
        matches = tuple(
            replace(match, meaning=Command.MUSING) if match.meaning is Command.YES else match
            for match in matches
        )
    if len(leaving) < 2:
        return matches
    both = replace(leaving[0], score=min(1.0, sum(match.score for match in leaving)), meaning=Command.NO)
    others = [match for match in matches if match not in leaving]
    return tuple(sorted([both, *others], key=lambda match: -match.score))


def of_the_answer(matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """After an answer, a "no" that says that something is wrong says so of the answer: best first."""
    no = next((match for match in matches if match.meaning is Command.NO), None)
    wrong = next((match for match in matches if match.meaning is Command.WRONG), None)
    if no is None or wrong is None:
        return matches
    lost, kept = (no, wrong) if wrong.score >= _ALIKE * no.score else (wrong, no)
    others = [match for match in matches if match not in (no, wrong)]
    both = replace(kept, score=min(1.0, kept.score + lost.score))
    return tuple(sorted([both, *others], key=lambda match: -match.score))


def leaves(state: Talking, matches: tuple[Match, ...]) -> bool:
    """Whether what was said after an answer is most like a farewell, though not surely: asked twice whether
    there is anything else, a caller who wants more says what.
    """
    here = isinstance(state, Main) and state.after_answer
    return here and bool(matches) and matches[0].meaning in _LEAVING and matches[0].score >= FAINT


def usable(
    state: Talking, matches: tuple[Match, ...], desk: Desk, denied: Set[str] = frozenset()
) -> tuple[Match, ...]:
    """The matches that can mean something here, best first; what the caller said no to is hardly likely.

    denied  names of the intents that they said no to
    """
    wanted = expect(state, desk)
    thresholds = desk.thresholds

    def fits(match: Match) -> bool:
        if not math.isfinite(match.score):
            return False
        match match.meaning:
            case Command.GOODBYE | Command.CALL_BACK:  # nothing can be mended after it
                least = thresholds.accept if wanted.more else max(thresholds.accept, UNSERVED)
                return match.meaning in wanted.commands and match.score >= least
            case Command():
                return match.meaning in wanted.commands and match.score >= thresholds.confirm
            case Answer() if wanted.slot is not None and wanted.slot.sensitive:
                return False  # spoken, it would be in the recording, and everybody around has heard it
            case Answer(name):
                return wanted.slot is not None and wanted.slot.name == name
            case Intent(name):
                if name in denied and match.score < thresholds.confirm:
                    return False
                return wanted.intents and name in desk.intents

    return tuple(match for match in undenied(matches, denied) if fits(match))
