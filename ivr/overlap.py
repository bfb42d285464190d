"""What is heard while the desk speaks: pauses, and whether words end a prompt or pass over it."""

from __future__ import annotations

import enum

from ivr.bargein import BargeIn, Move
from ivr.conversation import Conversation
from ivr.ears.listener import Listener
from ivr.events import Heard, Resumption
from ivr.speaking import Speaker

LONG_PAUSE = 2.0
"""Seconds for which a voice silences a prompt before it is looked whether there are words in it."""


class Overlap(enum.Enum):
    """How an utterance lies to the prompts."""

    NONE = enum.auto()
    """It was not said over one."""
    PASSES = enum.auto()
    """It was, and the prompt goes on: the caller only listens, or nobody knows what it means."""
    ENDS = enum.auto()
    """It was, and ends the prompt."""


class Overlaps:
    """Those of one call."""

    def __init__(self, mouth: Speaker, ears: Listener, talk: Conversation) -> None:
        self._mouth = mouth
        self._ears = ears
        self._talk = talk
        self._bargein = BargeIn()

    async def tick(self, now: float) -> None:
        """A voice pauses a prompt that may be interrupted; when nothing comes of it the prompt goes on."""
        mouth, ears = self._mouth, self._ears
        self._talk.over_prompt = bool(mouth.saying)
        if mouth.paused_for(now) >= LONG_PAUSE:
            await ears.glance()
        if mouth.paused and ears.only_noise:
            self.resume(Resumption.NOISE, now)  # people talk in the background: it may go on for long
            return
        may_pause = any(say.barge_in and not say.counted for say in mouth.saying[:1])
        playing = may_pause and not ears.only_noise
        match self._bargein.feed(ears.voice, playing=playing, paused=mouth.paused, busy=ears.busy):
            case Move.PAUSE:
                mouth.pause(now)
            case Move.RESUME:
                self.resume(Resumption.NOTHING, now)

    def resume(self, why: Resumption, now: float) -> None:
        """What was heard does not end the prompts: they go on, if nobody else speaks."""
        self._mouth.waiting_since = None
        if self._mouth.paused and (self._ears.only_noise or not self._ears.busy):
            if why is not Resumption.BACKCHANNEL:
                self._bargein.vain()
            self._mouth.resume(why, now)

    def take(self, heard: Heard, now: float, *, more: int) -> Overlap:
        """What an utterance does to the prompts; `more` of them are still to be begun."""
        if not self._mouth.over(heard.ended):
            return Overlap.NONE
        asked = len(self._mouth.saying) + more <= 1
        counted = self._mouth.saying[0].counted
        if (why := self._talk.passes_over(heard, now, asked=asked, counted=counted)) is not None:
            self._talk.passed_over(heard, why, now, counted=counted)
            self.resume(why, now)
            return Overlap.PASSES
        if not self._mouth.saying[0].barge_in:
            return Overlap.NONE
        self._bargein.meant()
        return Overlap.ENDS
