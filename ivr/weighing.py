"""What words are worth before the dialog is told of them: whether the caller will say more, whether the words
end a prompt, whether they have to be read once more.

Nothing here belongs to a turn yet. All of it depends on what makes sense now (`Expect`); `now` is the time of
day, with its zone.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from types import MappingProxyType

from ivr.events import Heard, Resumption
from ivr.meaning import Clarity, Command, Completeness, Expect, Hypothesis, Intent, Match
from ivr.ports import Understanding

SHORT_SECONDS = 1.0
"""Words over a prompt that are no longer and fit nothing do not end it."""
LEAST_SCORE = 0.45
"""Chance of being right from which words fit something: below it desks ask again, by default."""
SURE = 0.75
"""Chance of being right from which desks act on words without asking, by default."""
LEAST_ALARM = 0.35
"""The same of an urgent want, which ends a prompt however short it is."""

_STOPPING = frozenset({Command.NO, Command.WAIT})  # honoured over a prompt, whatever it asks
_LONGER = MappingProxyType(
    {
        Completeness.COURTESY: Completeness.UNKNOWN,
        Completeness.UNKNOWN: Completeness.TELLING,
    }
)
"""Who is upset is let finish: a longer silence ends what they say. What is complete is complete."""


class Weighing:
    """Weighs the words of one call. What readings mean is kept for the turn that they become."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding
        self._kept: tuple[tuple[Hypothesis, ...], Expect, tuple[Match, ...]] | None = None

    def meant(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> tuple[Match, ...]:
        """What the readings of a turn mean, best first; nothing is kept any more."""
        kept, self._kept = self._kept, None
        if kept is not None and kept[0] == hypotheses and kept[1] is expect:
            return kept[2]
        return self._understanding.match(hypotheses, expect, now)

    def clarity(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> Clarity:
        """What the readings of an utterance leave open.

        Words of danger leave nothing open: whoever says them does not wait for a second opinion. Asked in any
        thread, while the call goes on; what is meant is kept for `meant`.
        """
        free = next((one.text for one in hypotheses if one.fit is None), "")
        if self._understanding.is_backchannel(free):
            return Clarity.CLEAR
        kept = self._kept
        if kept is not None and kept[0] == hypotheses and kept[1] is expect:
            matches = kept[2]
        else:
            matches = self._understanding.match(hypotheses, expect, now)
        self._kept = hypotheses, expect, matches
        if any(match.urgent and match.score >= LEAST_ALARM for match in matches):
            return Clarity.CLEAR
        best = max(matches, key=lambda match: match.score, default=None)
        if best is None or best.score < SURE:
            return Clarity.DOUBTFUL
        wanted = isinstance(best.meaning, Intent) and expect.slot is None and not best.slots
        return Clarity.PLAIN if wanted else Clarity.CLEAR

    def completeness(self, text: str, expect: Expect, *, over_prompt: bool, calm: bool) -> Completeness:
        """Whether `text` finishes something that may be said now, or is all that a listener says.

        over_prompt  a prompt is being said; `calm`: the caller sounds so
        """
        if over_prompt and self._understanding.is_backchannel(text):
            return Completeness.COMPLETE
        verdict = self._understanding.completeness(text, expect)
        return verdict if calm else _LONGER.get(verdict, verdict)

    def passes_over(
        self, heard: Heard, expect: Expect, now: datetime, *, asked: bool, counted: bool
    ) -> Resumption | None:
        """Why what was said over a prompt does not end it; None: it does.

        Recognizers write many things for "mm-hmm", and readings held to what may be said nothing else: only
        free readings count here. Who wants something and was too short to be understood says it again.

        asked    the prompt asks for what the dialog waits for: "yeah" is an answer where a yes makes sense
        counted  the prompt is a rhythm to work by: long words that fit nothing do not end it either
        """
        if asked and Command.YES in expect.commands:
            return None
        free = [hypothesis.text for hypothesis in heard.hypotheses if hypothesis.fit is None]
        if not any(text.strip() for text in free):
            return Resumption.NOISE
        if self._understanding.is_backchannel(free[0]):
            return Resumption.BACKCHANNEL
        if heard.ended - heard.started > SHORT_SECONDS and not counted:
            return None
        wider = dataclasses.replace(expect, commands=expect.commands | _STOPPING)
        matches = self._understanding.match(heard.hypotheses, wider, now)
        if any(match.urgent and match.score >= LEAST_ALARM for match in matches):
            return None
        return None if matches and matches[0].score >= LEAST_SCORE else Resumption.UNKNOWN

    def alarms(self, heard: Heard, expect: Expect, now: datetime) -> bool:
        """Whether the words are urgent, whatever goes on."""
        matches = self._understanding.match(heard.hypotheses, expect, now)
        return any(match.urgent and match.score >= LEAST_ALARM for match in matches)
