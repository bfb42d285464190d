"""What the person who takes a call is told of it: what the caller wants, what was tried, who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.dialog.desk import Desk
from ivr.dialog.language import Note
from ivr.dialog.session import Session
from ivr.dialog.states import Confirming, Offering, task_of
from ivr.dialog.task import Guess
from ivr.dialog.text import parse_text
from ivr.handover import HandoffRequest, Reason
from ivr.inquiry import Customers


@dataclass(frozen=True, slots=True)
class Briefing:
    """What is to be told by what the call knows so far, in the language of the desk."""

    desk: Desk
    session: Session

    def sentence(self, note: Note, **values: str) -> str:
        """A sentence with these values; "" where the language has none for it."""
        text = parse_text(self.desk.words.text.notes.get(note, ""))
        return text.render(lambda ref: values.get(ref.name, ""))

    def want(self) -> str:
        """One sentence on what the caller seems to want."""
        state = self.session.state
        task = task_of(state)
        if task is not None:
            return self.sentence(Note.WANTS, intent=task.flow.label)
        match state:
            case Confirming():
                return self.sentence(Note.WANTS, intent=state.guess.intent.flow.label)
            case Offering():
                return self.sentence(Note.WANTS, intent=state.first.intent.flow.label)
            case _ if self.session.words:
                return self.sentence(Note.SAID, words=self.session.words)
            case _:
                return self.sentence(Note.UNKNOWN)

    def also(self) -> tuple[str, ...]:
        """What else the caller wished for, a sentence each."""
        wishes = (wish for wish in self.session.later if isinstance(wish, Guess))
        return tuple(self.sentence(Note.ALSO, intent=wish.intent.flow.label) for wish in wishes)

    def number(self) -> str:
        """Where to call the caller: the number of the line or, where it tells none, what they gave for it."""
        if digits := "".join(filter(str.isdigit, self.session.caller)):
            return digits
        asked = {slot.name for flow in self.desk.flows.values() for slot in flow.slots if slot.caller}
        return next((fact.value for fact in self.session.facts if fact.name in asked), "")

    def identity(self) -> str:
        """Who a customer file knows the caller to be, "" when nobody asked or nobody was found.

        By what the desk keeps of the file: what is called a name, else the first of it.
        """
        for name, rows in self.session.looked_up.items():
            if rows and isinstance(self.desk.lookups[name].source, Customers):
                named = [one.value for one in rows[0] if "name" in one.name]
                return " ".join(named or [one.value for one in rows[0][:1]]) or "a customer"
        return ""

    def request(
        self,
        call_id: str,
        reason: Reason,
        *,
        entered: datetime,
        waited: float,
        queue: str | None = None,
        want: str = "",
        skills: tuple[str, ...] = (),
        priority: int | None = None,
    ) -> HandoffRequest:
        """The whole of it, as it goes into a queue; what is not given is as the desk has it.

        entered  time of day, with its zone; `waited` is seconds of the call
        """
        desk = self.desk
        return HandoffRequest(
            call_id=call_id,
            desk=desk.name,
            queue=queue or desk.handoff.queue,
            caller=self.session.caller,
            want=want or self.want(),
            reason=reason,
            entered=entered.isoformat(timespec="seconds"),
            waited=waited,
            slots=self.session.facts,
            skills=skills or desk.handoff.skills,
            priority=desk.handoff.priority if priority is None else priority,
            tried=(*self.session.tried, *self.also()),
            identity=self.identity(),
        )
