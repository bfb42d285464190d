"""ONE call over audio: the only file that sees all the parts.

A tick is 20 ms: one frame comes in, is heard, may move the dialog, and one frame goes out. On a paced line
a tick takes 20 ms of real time and recognition and synthesis run beside it; on an unpaced line the call waits
for them, so that time in the call passes as on the telephone and the result is the same.
"""

from __future__ import annotations

from ivr.asking import Asking, NoLookups
from ivr.conversation import Conversation
from ivr.doing import Doing
from ivr.ears.listener import EarEvent, Listener, Silence, Spoken
from ivr.ending import Ending
from ivr.events import (
    Answered,
    CallEnded,
    HangUp,
    Heard,
    KeyPressed,
    LimitReached,
    NoInput,
    Outcome,
    PersonDone,
    Resumption,
    Say,
    SpeechEnded,
    SpeechStarted,
    Trouble,
)
from ivr.handing import Handing
from ivr.holding import Holding
from ivr.inquiry import Lookups
from ivr.journal import Journal
from ivr.keying import Keying
from ivr.lines.line import Line, LineClosed, send_keys
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.overlap import Overlap, Overlaps
from ivr.passing import Passing
from ivr.ports import GRACE_SECONDS, CallLimits, FrameTap, Prompts, Queue
from ivr.scribe import Scribe
from ivr.speaking import Speaker
from ivr.switching import Switching
from ivr.taping import Taping
from ivr.tongues import Tongues, no_other
from ivr.waiting import (
    Joined,
    Parted,
    PassOn,
    Press,
    Relieved,
    Waiting,
    WaitingRoom,
    WaitsAgain,
    Whisper,
    no_waiting_room,
)
from ivr.whisper import Whisperer

SURVEY_SECONDS = 180.0
"""What a call may go on for after a conversation with a person, before the dialog is told that it is over."""


class Call:
    """One call from answer to end. Use once: ``ended = await Call(...).run(answered)``."""

    def __init__(
        self,
        line: Line,
        listener: Listener,
        conversation: Conversation,
        prompts: Prompts,
        queue: Queue,
        journal: Journal,
        passing: Passing,
        *,
        waiting_room: WaitingRoom = no_waiting_room,
        scribe: Scribe | None = None,
        holding: tuple[Say, ...] = (),
        lookups: Lookups | None = None,
        tongues: Tongues | None = None,
        taps: tuple[FrameTap, ...] = (),
        limits: CallLimits | None = None,
    ) -> None:
        self._line = line
        self._ears = listener
        self._talk = conversation
        self._mouth = Speaker(line, prompts, conversation, journal)
        self._overlaps = Overlaps(self._mouth, listener, conversation)
        self._journal = journal
        self._passing = passing
        self._waiting = Waiting(journal, Whisperer(prompts, line.rate), scribe)
        handing = Handing(queue, conversation, self._waiting, waiting_room, rate=line.rate, paced=line.paced)
        self._ending = Ending(conversation, passing, handing, self._waiting, journal)
        self._holding = Holding(holding)
        self._doing = Doing(
            conversation,
            listener,
            self._mouth,
            asking=Asking(lookups or NoLookups(), paced=line.paced),
            switching=Switching(
                tongues or Tongues(no_other),
                conversation,
                listener,
                self._mouth,
                self._holding,
                paced=line.paced,
            ),
            handing=handing,
            passing=passing,
            waiting=self._waiting,
            ending=self._ending,
            journal=journal,
        )
        self._taping = Taping(line.rate, taps)
        self._limits = limits or CallLimits()
        self._keying = Keying()
        self._limit_told = False
        self.now = 0.0

    async def run(self, answered: Answered, person: str = "") -> CallEnded:
        """Hold the call. Failures of parts are told to the dialog; LineClosed is the caller's hang-up.

        person  who has just spoken with somebody whom we called: the dialog begins where they have ended
        """
        try:
            begun = self._talk.answered(answered)
            if person:
                self._doing.tell(PersonDone(person), self.now)
            else:
                self._doing.take_up(begun, self.now)
            await self._doing.work(self.now)
            while self._ending.ended is None:
                await self._tick()
            return self._ending.ended
        except LineClosed as closed:
            if closed.fault:
                self._journal.record(self.now, Trouble("line", closed.fault))
            return await self._ending.caller_left(closed.fault, self.now)
        finally:
            self._taping.flush()
            self._mouth.close()
            await self._passing.close()
            self._waiting.close()
            self._doing.give_up()
            self._ears.close()
            await self._line.hang_up()

    async def _tick(self) -> None:
        received = await self._line.recv()
        self.now = round(self.now + FRAME_SECONDS, 6)
        for key in received.keys:
            self._pressed(key)
        if not self._passing.joined:
            for event in await self._ears.feed(received.pcm):
                self._ear(event)
            await self._overlaps.tick(self.now)
            self._keys()
            await self._hear_news()
            if not self._waiting.begun and self.now >= self._limits.seconds:
                self._past_limit()
        others = await self._passing.tick(received, self.now)
        await self._doing.work(self.now)
        frame = self._waiting.frame(received.pcm, self._mouth.frame(self.now))
        frame = frame if others is None else others
        self._ears.sent(frame)
        await self._line.send(frame)
        if others is None:
            await self._waiting.write_down(frame)
        self._fill_silence(frame)
        self._taping.write(received.pcm, frame, private=self._talk.private(self.now))

    def _fill_silence(self, sent: Pcm | None) -> None:
        """Who waits for us hears from us: "one moment, please". Who waits for a person has music."""
        if self._waiting.begun:
            return
        audible = sent is not None and bool(sent.any())
        busy = (self._doing.active or self._mouth.starved) and not self._passing.sounds
        working = self._ears.reading or (busy and not self._ears.busy)
        if (phrase := self._holding.feed(self.now, audible=audible, working=working)) is not None:
            self._mouth.hold(phrase)

    # --- what comes from the caller -----------------------------------------------------------------

    def _pressed(self, key: str) -> None:
        """A key silences a prompt at once, and counts when what was said before it has been understood."""
        if self._passing.active:
            return
        if self._waiting.person:
            self._waiting.held.keys((key,))
            return
        if all(say.barge_in for say in self._mouth.saying[:1]):
            self._doing.stop_prompts(self.now)
        self._keying.press(key, self.now)

    def _keys(self) -> None:
        while (key := self._keying.next(self.now, busy=self._ears.busy)) is not None:
            self._mouth.waiting_since = self.now
            self._doing.tell(KeyPressed(key), self.now)

    def _ear(self, event: EarEvent) -> None:
        match event:
            case SpeechStarted():
                self._talk.begun()
                self._journal.record(self.now, event)
            case Trouble():
                self._journal.record(self.now, event)
            case SpeechEnded(at=at):
                self._mouth.waiting_since = at
                self._holding.spoke(at)
                self._journal.record(self.now, event)
            case Spoken(heard=heard) if self._waiting.person:
                self._talk.overheard(heard, self.now)
                self._waiting.held.heard(heard.text, heard.confidence)
            case Spoken(heard=heard) if self._passing.active and self._talk.alarms(heard, self.now):
                self._passing.give_up()  # whoever is being called: danger comes first
                self._heard(heard)
            case Spoken(heard=heard) if self._passing.recallable and not self._waiting.person:
                self._said_while_ringing(heard)
            case Spoken() | Silence() if self._passing.active or self._waiting.person:
                pass  # somebody else is being called: the dialog waits for what comes of it
            case Spoken(heard=heard):
                self._heard(heard)
            case Silence(after_noise=True):
                self._noise()
            case Silence(waited=waited):
                self._mouth.waiting_since = None
                self._doing.tell(NoInput(waited), self.now)

    def _heard(self, heard: Heard) -> None:
        """Words: they end a prompt that may be interrupted, unless they only say that the caller listens."""
        match self._overlaps.take(heard, self.now, more=self._doing.prompts_left):
            case Overlap.PASSES:
                return
            case Overlap.ENDS:
                self._talk.interrupted()
                self._doing.stop_prompts(self.now)
        self._doing.take_up(self._talk.heard(heard, self.now), self.now)

    def _said_while_ringing(self, heard: Heard) -> None:
        """Words while we call somebody for the caller: where they mean "not there", the caller is taken back.

        A line that passes callers on by itself cannot take them back.
        """
        if actions := self._talk.heard(heard, self.now):
            self._passing.give_up()
            self._doing.take_up(actions, self.now)

    def _noise(self) -> None:
        """Something was heard that had no words in it."""
        if self._doing.listens:
            self._ears.hold()  # it is not the caller's turn yet, but their silence has begun to count
        self._overlaps.resume(Resumption.NOISE, self.now)

    async def _hear_news(self) -> None:
        """What has become of the caller's wait for a person."""
        while self._ending.ended is None and (news := self._waiting.news(self.now)) is not None:
            match news:
                case Joined() | Whisper():
                    self._passing.give_up()
                    self._doing.stop_prompts(self.now)
                    self._doing.drop()
                case Parted(name):
                    self._talk.parted()
                    # However long they talked: the desk may ask how it was.
                    self._limits, self._limit_told = CallLimits(self.now + SURVEY_SECONDS), False
                    self._doing.tell(PersonDone(name), self.now)
                case PassOn(None):
                    self._passing.give_up()
                case PassOn(transfer) if transfer is not None and not self._passing.active:
                    self._journal.record(self.now, transfer)
                    await self._passing.begin(transfer)
                case Press(keys):
                    if not send_keys(self._line, keys):
                        self._waiting.held.tones(keys)
                case Relieved() | WaitsAgain() | PassOn():
                    pass
                case _:
                    self._doing.tell(news, self.now)

    def _past_limit(self) -> None:
        if not self._limit_told:
            self._limit_told = True
            self._passing.give_up()
            self._doing.stop_prompts(self.now)
            self._doing.tell(LimitReached("seconds"), self.now)
        elif self.now >= self._limits.seconds + GRACE_SECONDS:
            self._ending.end(HangUp(Outcome.FAILED, "time limit"), self.now)
