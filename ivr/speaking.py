"""What the desk says in one call: prompts from where they are made to the caller's ear.

The call begins prompts and takes a frame a tick; sentences are fed to the player beside it. Everything that
happens to a prompt is recorded here: its start and the caller's wait for it, pauses, its end and the words
that were heard of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from ivr.conversation import Conversation
from ivr.errors import IvrError
from ivr.events import PromptEnded, PromptPaused, PromptResumed, PromptStarted, Resumption, Say
from ivr.journal import Journal
from ivr.lines.line import Line
from ivr.media.pcm import Pcm
from ivr.mouth.loudness import louder
from ivr.mouth.player import Ended, Player, Started, Ticket
from ivr.mouth.sentences import Sentence
from ivr.ports import Prompts

TEMPOS = (1.0, 0.8, 0.65)
"""Of the voice's own, by `Manner.slower`: the first step is heard as slower, the second is for dictation."""

PAUSED_LATE = 0.1
"""Seconds by which the end of speech may be reported earlier than the voice that paused a prompt."""


@dataclass(slots=True)
class _Begun:
    """A prompt from its beginning to its end; `holding` phrases are no reply."""

    say: Say
    holding: bool
    started: float | None = None


class Speaker:
    """The desk's mouth in one call."""

    def __init__(self, line: Line, prompts: Prompts, talk: Conversation, journal: Journal) -> None:
        self._line = line
        self._prompts = prompts
        self._talk = talk
        self._journal = journal
        self._player = Player(line.rate)
        self._saying: dict[Ticket, _Begun] = {}  # begun and not ended, in order
        self._paused_at = 0.0
        self._feeding: set[asyncio.Task[None]] = set()
        self.waiting_since: float | None = None
        """When the caller stopped speaking, until a reply has begun."""

    def change(self, prompts: Prompts) -> None:
        """Prompts that are begun from now on sound as these do."""
        self._prompts = prompts

    @property
    def busy(self) -> bool:
        """Whether a prompt is being said or waits to be."""
        return self._player.busy

    @property
    def paused(self) -> bool:
        """Whether the prompts wait for `resume` or `stop`."""
        return self._player.paused

    def paused_for(self, now: float) -> float:
        """Seconds since the prompts were paused, 0.0 where they are not."""
        return now - self._paused_at if self.paused else 0.0

    @property
    def saying(self) -> tuple[Say, ...]:
        """The prompt that is being said and those that follow."""
        return tuple(begun.say for begun in self._saying.values())

    @property
    def starved(self) -> bool:
        """Whether the caller waits for a prompt that is still being made."""
        return self._player.starved and not self._player.paused

    def over(self, ended: float) -> bool:
        """Whether what was said until `ended` was said over the prompt that is being said, or paused it."""
        first = next(iter(self._saying.values()), None)
        if first is None:
            return False
        if self._player.paused and ended >= self._paused_at - PAUSED_LATE:
            return True
        return first.started is not None and ended > first.started

    async def say(self, say: Say, now: float) -> None:
        """Begin a prompt, or queue it behind those begun. On an unpaced line its sound is waited for."""
        ticket = self._player.begin(say.name, say.text)
        self._saying[ticket] = _Begun(say, holding=False)
        tempo = TEMPOS[say.manner.slower]
        if (ready := self._prompts.fixed(say.name, say.text, self._line.rate, tempo)) is not None:
            for sentence in ready:
                self._player.feed(ticket, self._as_asked(sentence, say))
            self._player.finish(ticket)
            return
        task = asyncio.ensure_future(self._feed(ticket, say, now))
        self._feeding.add(task)
        task.add_done_callback(self._feeding.discard)
        if not self._line.paced:
            await task

    def hold(self, say: Say) -> None:
        """Say a holding phrase now, before prompts that have no sound yet. Without its sound it is left out:
        whatever cannot make the other prompts could not make it either."""
        ready = self._prompts.fixed(say.name, say.text, self._line.rate)
        if ready is None or (self._player.busy and not self._player.starved):
            return
        ticket = self._player.begin(say.name, say.text, before=True)
        self._saying = {ticket: _Begun(say, holding=True), **self._saying}
        for sentence in ready:
            self._player.feed(ticket, sentence)
        self._player.finish(ticket)

    def frame(self, now: float) -> Pcm | None:
        """The next 20 ms to the caller."""
        frame = self._player.next_frame()
        self._report(now)
        return frame

    def pause(self, now: float) -> None:
        """Be silent while it is not known whether the caller's voice means anything."""
        self._player.pause()
        self._paused_at = now
        self._line.clear()
        self._journal.record(now, PromptPaused(self._first_name(), round(self._player.heard, 3)))

    def resume(self, why: Resumption, now: float) -> None:
        """Go on where the prompts were paused."""
        self._player.resume()
        self._journal.record(now, PromptResumed(self._first_name(), round(self._player.heard, 3), why))

    def stop(self, now: float) -> tuple[Say, ...]:
        """Silence. Returns the prompts that must be heard to their end and were not: to be said again."""
        if not self._saying:
            return ()
        again = tuple(say for say in self.saying if not say.barge_in)
        stopped = self._player.stop()
        self._line.clear()
        self._report(now, stopped.said if stopped else "")
        return again

    def close(self) -> None:
        """Give up what is still being made."""
        for task in self._feeding:
            task.cancel()

    async def _feed(self, ticket: Ticket, say: Say, now: float) -> None:
        try:
            tempo = TEMPOS[say.manner.slower]
            async for sentence in self._prompts.sentences(say.name, say.text, self._line.rate, tempo):
                if not self._player.feed(ticket, self._as_asked(sentence, say)):
                    return
        except IvrError as error:
            # A prompt that cannot be spoken must not end the call: it goes on without these words.
            self._talk.trouble("mouth", error, now)
        finally:
            self._player.finish(ticket)

    def _as_asked(self, sentence: Sentence, say: Say) -> Sentence:
        """The sentence as loud as the caller wants it."""
        return replace(sentence, pcm=louder(sentence.pcm, self._line.rate)) if say.manner.louder else sentence

    def _first_name(self) -> str:
        return self.saying[0].name if self._saying else ""

    def _report(self, now: float, said: str = "") -> None:
        for event in self._player.take_events():
            match event:
                case Started(prompt=ticket, name=name, text=text):
                    begun = self._saying[ticket]
                    begun.started = now
                    wait = None
                    if self.waiting_since is not None and not begun.holding:
                        wait, self.waiting_since = round(now - self.waiting_since, 3), None
                    self._talk.said(begun.say, now)
                    self._journal.record(now, PromptStarted(name, text, wait))
                case Ended(prompt=ticket, name=name, heard=heard, interrupted=interrupted):
                    say = self._saying.pop(ticket).say
                    if interrupted and heard:
                        self._talk.cut_off(say, said)
                    self._journal.record(now, PromptEnded(name, round(heard, 3), interrupted, said))
                    said = ""
