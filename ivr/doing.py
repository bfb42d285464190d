"""What the dialog of one call wants done: begun in its order, and what comes of it told to the dialog.

Prompts, lookups, handoffs and transfers take their time beside the call. Every tick begins what can be begun
then, and takes what has been answered; the dialog's reply is what is to be done next.
"""

from __future__ import annotations

from ivr.agenda import Agenda
from ivr.asking import Asking
from ivr.conversation import Conversation
from ivr.ears.listener import Listener
from ivr.ending import Ending
from ivr.events import (
    Action,
    ActionFailed,
    Alert,
    CallBackAsked,
    FollowUp,
    HandOff,
    HangUp,
    HoldBegun,
    Input,
    Listen,
    LookUp,
    Outcome,
    Say,
    SwitchLanguage,
    Transfer,
)
from ivr.handing import Handing, goes_on
from ivr.journal import Journal
from ivr.lines.line import TransferResult
from ivr.passing import Passing
from ivr.speaking import Speaker
from ivr.switching import Switching
from ivr.waiting import Waiting


class Doing:
    """The work of one call, on the parts that do it. `now` is seconds since the call was answered."""

    def __init__(
        self,
        talk: Conversation,
        ears: Listener,
        mouth: Speaker,
        *,
        asking: Asking,
        switching: Switching,
        handing: Handing,
        passing: Passing,
        waiting: Waiting,
        ending: Ending,
        journal: Journal,
    ) -> None:
        self._talk = talk
        self._ears = ears
        self._mouth = mouth
        self._asking = asking
        self._switching = switching
        self._handing = handing
        self._passing = passing
        self._waiting = waiting
        self._ending = ending
        self._journal = journal
        self._todo = Agenda()

    @property
    def active(self) -> bool:
        """Whether the caller waits for somebody who is being called, another system, or the queue."""
        busy = self._passing.active or self._handing.active
        return busy or self._asking.active or self._switching.active

    @property
    def listens(self) -> bool:
        """Whether it will be the caller's turn."""
        return self._todo.listens

    @property
    def prompts_left(self) -> int:
        """Prompts that are not begun."""
        return sum(isinstance(action, Say) for action in self._todo)

    def tell(self, event: Input, now: float) -> None:
        """Let the dialog know; what it wants done is done from the next `work` on."""
        self.take_up(self._talk.handle(event, now), now)

    def take_up(self, actions: tuple[Action, ...], now: float) -> None:
        """No actions: the dialog has nothing to add (it is over, and the caller said one more word)."""
        if not actions:
            return
        self._asking.give_up()
        if any(isinstance(action, Alert) and action.interrupts for action in actions):
            self._mouth.stop(now)
            self._todo.clear()
        self._todo.replace(actions)
        if self._todo.listens:
            # Not only when it is the caller's turn: they may answer before the question is over.
            self._ears.expect(self._talk.phrases(), self._talk.grammar())

    def stop_prompts(self, now: float) -> None:
        """Silence now; what must be heard to its end is said again afterwards."""
        self._todo.prompts_stopped(self._mouth.stop(now))

    def drop(self) -> None:
        """Nothing that is not begun is wanted any more."""
        self._todo.clear()

    def give_up(self) -> None:
        """The call is over."""
        self._asking.give_up()
        self._switching.give_up()

    async def work(self, now: float) -> None:
        """Do what can be done now: what follows prompts waits until they have been heard."""
        while self._ending.ended is None:
            if (passed := self._passing.take()) is not None:
                await self._passed(*passed, now)
            if (over := self._passing.ended()) is not None:
                return self._ending.bridge_over(over, now)
            self._handed(now)
            if (answer := self._asking.take()) is not None:
                self.tell(answer, now)
            if (language := self._switching.take()) is not None:
                self.tell(language, now)
            if self._handing.active:
                return  # what follows a handoff promises a colleague: first it must be durable
            action = self._todo.next(speaking=self._mouth.busy, hearing=self._ears.busy)
            if action is None:
                return
            await self._begin(action, now)

    async def _begin(self, action: Action, now: float) -> None:
        match action:
            case Say():
                self._ears.hold()
                await self._mouth.say(action, now)
            case LookUp():
                self._journal.record(now, action)
                await self._asking.begin(action)
            case SwitchLanguage():
                self._journal.record(now, action)
                await self._switching.begin(action)
            case HandOff():
                await self._handing.begin(action, now)
            case Alert():
                await self._handing.alert(action, now)
            case CallBackAsked():
                await self._handing.begin_call_back(action)
            case FollowUp():
                await self._handing.promise(action)
            case Listen(no_input_after=seconds):
                self._ears.listen(seconds)
            case Transfer():
                self._journal.record(now, action)
                await self._passing.begin(action)
            case HangUp(outcome=Outcome.HANDED_OFF) if self._waiting.reserved:
                self._waiting.begin()
                self.tell(HoldBegun(), now)
            case HangUp():
                self._ending.end(action, now)
            case _:
                pass

    async def _passed(self, action: Transfer, result: TransferResult, now: float) -> None:
        done = await self._ending.passed(action, result, now)
        if self._waiting.person:
            self._waiting.passed(action, result, now)
        elif not done:
            self.tell(ActionFailed(action, result.detail, result.why), now)

    def _handed(self, now: float) -> None:
        """What the queue has answered."""
        failed = self._handing.take(now)
        if failed is not None and not goes_on(failed, self._todo):
            self._todo.clear()  # the words that promise a colleague
            self.tell(failed, now)
