"""ONE call over audio: the only file that sees all the parts.

A tick is 20 ms: one frame comes in, is heard, may move the dialog, and one frame goes out. On a paced line
a tick takes 20 ms of real time and recognition and synthesis run beside it; on an unpaced line the call waits
for them, so that time in the call passes as on the telephone and the result is the same.
"""

from __future__ import annotations

from ivr.agenda import Agenda
from ivr.asking import Asking, NoLookups
from ivr.conversation import Conversation
from ivr.ears.listener import EarEvent, Listener, Silence, Spoken
from ivr.ending import Ending
from ivr.events import (
    Action,
    ActionFailed,
    Alert,
    Answered,
    CallBackAsked,
    CallEnded,
    FollowUp,
    HandOff,
    HangUp,
    Heard,
    HoldBegun,
    KeyPressed,
    LimitReached,
    Listen,
    LookUp,
    NoInput,
    Outcome,
    PersonDone,
    Resumption,
    Say,
    SpeechEnded,
    SpeechStarted,
    SwitchLanguage,
    Transfer,
    Trouble,
)
from ivr.handing import Handing, goes_on
from ivr.holding import Holding
from ivr.inquiry import Lookups
from ivr.journal import Journal
from ivr.keying import Keying
from ivr.lines.line import Line, LineClosed, TransferResult, send_keys
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
        self._handing = Handing(
            queue, conversation, self._waiting, waiting_room, rate=line.rate, paced=line.paced
        )
        self._asking = Asking(lookups or NoLookups(), paced=line.paced)
        self._ending = Ending(conversation, passing, self._handing, self._waiting, journal)
        self._holding = Holding(holding)
        self._switching = Switching(
            tongues or Tongues(no_other),
            conversation,
            listener,
            self._mouth,
            self._holding,
            paced=line.paced,
        )
        self._taping = Taping(line.rate, taps)
        self._limits = limits or CallLimits()
        self._todo = Agenda()
        self._keying = Keying()
        self._limit_told = False
        self.now = 0.0

    async def run(self, answered: Answered, person: str = "") -> CallEnded:
        """Hold the call. Failures of parts are told to the dialog; LineClosed is the caller's hang-up.

        person  who has just spoken with somebody whom we called: the dialog begins where they have ended
        """
        try:
            begun = self._talk.answered(answered)
            self._do(self._talk.handle(PersonDone(person), self.now) if person else begun)
            await self._work()
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
            self._asking.give_up()
            self._switching.give_up()
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
        await self._work()
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
        busy = self._passing.active or self._handing.active or self._asking.active or self._mouth.starved
        busy = busy or self._switching.active
        busy = busy and not self._passing.sounds
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
            self._stop_prompts()
        self._keying.press(key, self.now)

    def _keys(self) -> None:
        while (key := self._keying.next(self.now, busy=self._ears.busy)) is not None:
            self._mouth.waiting_since = self.now
            self._do(self._talk.handle(KeyPressed(key), self.now))

    def _ear(self, event: EarEvent) -> None:
        match event:
            case SpeechStarted() | Trouble():
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
                self._do(self._talk.handle(NoInput(waited), self.now))

    def _heard(self, heard: Heard) -> None:
        """Words: they end a prompt that may be interrupted, unless they only say that the caller listens."""
        more = sum(isinstance(action, Say) for action in self._todo)
        match self._overlaps.take(heard, self.now, more=more):
            case Overlap.PASSES:
                return
            case Overlap.ENDS:
                self._talk.interrupted()
                self._stop_prompts()
        self._do(self._talk.heard(heard, self.now))

    def _said_while_ringing(self, heard: Heard) -> None:
        """Words while we call somebody for the caller: where they mean "not there", the caller is taken back.

        A line that passes callers on by itself cannot take them back.
        """
        if actions := self._talk.heard(heard, self.now):
            self._passing.give_up()
            self._do(actions)

    def _noise(self) -> None:
        """Something was heard that had no words in it."""
        if self._todo.listens:
            self._ears.hold()  # it is not the caller's turn yet, but their silence has begun to count
        self._overlaps.resume(Resumption.NOISE, self.now)

    async def _hear_news(self) -> None:
        """What has become of the caller's wait for a person."""
        while self._ending.ended is None and (news := self._waiting.news(self.now)) is not None:
            match news:
                case Joined() | Whisper():
                    self._passing.give_up()
                    self._stop_prompts()
                    self._todo.clear()
                case Parted(name):
                    self._talk.parted()
                    # However long they talked: the desk may ask how it was.
                    self._limits, self._limit_told = CallLimits(self.now + SURVEY_SECONDS), False
                    self._do(self._talk.handle(PersonDone(name), self.now))
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
                    self._do(self._talk.handle(news, self.now))

    def _past_limit(self) -> None:
        if not self._limit_told:
            self._limit_told = True
            self._passing.give_up()
            self._stop_prompts()
            self._do(self._talk.handle(LimitReached("seconds"), self.now))
        elif self.now >= self._limits.seconds + GRACE_SECONDS:
            self._ending.end(HangUp(Outcome.FAILED, "time limit"), self.now)

    # --- what the dialog wants done -----------------------------------------------------------------

    def _do(self, actions: tuple[Action, ...]) -> None:
        """No actions: the dialog has nothing to add (it is over, and the caller said one more word)."""
        if not actions:
            return
        self._asking.give_up()
        if any(isinstance(action, Alert) and action.interrupts for action in actions):
            self._mouth.stop(self.now)
            self._todo.clear()
        self._todo.replace(actions)
        if self._todo.listens:
            # Not only when it is the caller's turn: they may answer before the question is over.
            self._ears.expect(self._talk.phrases(), self._talk.grammar())

    async def _work(self) -> None:
        """Do what can be done now: what follows prompts waits until they have been heard."""
        while self._ending.ended is None:
            if (passed := self._passing.take()) is not None:
                await self._passed(*passed)
            if (over := self._passing.ended()) is not None:
                return self._ending.bridge_over(over, self.now)
            self._handed()
            if (answer := self._asking.take()) is not None:
                self._do(self._talk.handle(answer, self.now))
            if (language := self._switching.take()) is not None:
                self._do(self._talk.handle(language, self.now))
            if self._handing.active:
                return  # what follows a handoff promises a colleague: first it must be durable
            match self._todo.next(speaking=self._mouth.busy, hearing=self._ears.busy):
                case None:
                    return
                case Say() as say:
                    self._ears.hold()
                    await self._mouth.say(say, self.now)
                case LookUp() as lookup:
                    self._journal.record(self.now, lookup)
                    await self._asking.begin(lookup)
                case SwitchLanguage() as switch:
                    self._journal.record(self.now, switch)
                    await self._switching.begin(switch)
                case HandOff() as handoff:
                    await self._handing.begin(handoff, self.now)
                case Alert() as alert:
                    await self._handing.alert(alert, self.now)
                case CallBackAsked() as wish:
                    await self._handing.begin_call_back(wish)
                case FollowUp() as promise:
                    await self._handing.promise(promise)
                case Listen(no_input_after=seconds):
                    self._ears.listen(seconds)
                case Transfer() as transfer:
                    self._journal.record(self.now, transfer)
                    await self._passing.begin(transfer)
                case HangUp(outcome=Outcome.HANDED_OFF) if self._waiting.reserved:
                    self._waiting.begin()
                    self._do(self._talk.handle(HoldBegun(), self.now))
                case HangUp() as goodbye:
                    self._ending.end(goodbye, self.now)
                case _:
                    pass

    def _stop_prompts(self) -> None:
        """Silence now; what must be heard to its end is said again afterwards."""
        self._todo.prompts_stopped(self._mouth.stop(self.now))

    async def _passed(self, action: Transfer, result: TransferResult) -> None:
        done = await self._ending.passed(action, result, self.now)
        if self._waiting.person:
            self._waiting.passed(action, result, self.now)
        elif not done:
            self._do(self._talk.handle(ActionFailed(action, result.detail, result.why), self.now))

    def _handed(self) -> None:
        """What the queue has answered."""
        failed = self._handing.take(self.now)
        if failed is not None and not goes_on(failed, self._todo):
            self._todo.clear()  # the words that promise a colleague
            self._do(self._talk.handle(failed, self.now))
