"""A small desk, and a caller who talks to its machine without sound."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.events import (
    Action,
    ActionFailed,
    Answered,
    HandOff,
    Heard,
    HungUp,
    Input,
    KeyPressed,
    LimitReached,
    Listen,
    NoInput,
    Say,
    Transfer,
    Understood,
)
from ivr.meaning import Answer, Command, Hypothesis, Intent, Match, SlotValue

PARIS = ZoneInfo("Europe/Paris")
OPEN = datetime(2026, 11, 23, 10, 0, tzinfo=PARIS)  # a Monday
CLOSED = datetime(2026, 11, 23, 22, 0, tzinfo=PARIS)

DESK = """\
name: Test shop
language: en-US
greeting: Welcome. How can I help?
closed: We are closed. You can leave a message.
hours: {timezone: Europe/Paris, open: ["mon-fri 09:00-18:00"], closed: ["12-25"]}
handoff: {queue: reception, skills: [general]}
data:
  staff: {file: staff.csv, key: name}
routes:
  billing:
    {label: the billing department, queue: billing, extension: "201", skills: [bills], when_closed: message}
  sales: {label: sales, queue: sales, extension: "202"}
  repairs: {label: repairs, queue: repairs}
  guard: {label: the guard, extension: "9", when_closed: transfer}
  person: {label: "{person}", extension: "{person.extension}", when_closed: message}
intents:
  billing:
    say: ["[I have] a question about my (bill|invoice)", "billing [please]"]
    keys: "1"
    then: {route: billing}
  sales:
    say: ["sales [please]"]
    keys: "2"
    then: {route: sales}
  repairs:
    say: ["something is broken"]
    keys: "201"
    then: {route: repairs}
  guard:
    say: ["the guard please"]
    then: {route: guard}
  reach_person:
    label: to speak to someone
    say: ["can I speak to {person}", "{person} please"]
    slots:
      person:
        type: name
        from: staff
        ask: ["Who would you like to speak to?", "Please tell me the first and last name."]
        confirm: "{person}, is that right?"
    then: {route: person}
  opening_hours:
    label: our opening hours
    say: ["when are you open"]
    then: {answer: We are open from nine to six.}
  order_status:
    label: the state of your order
    say: ["where is my order", "track order {order_number}"]
    slots:
      order_number:
        {type: digits, length: 6, ask: ["What is your order number?", "Please key in the six digits."]}
    then: {answer: "Order {order_number} is on its way."}
  call_back:
    label: to be called back
    say: ["call me back", "call me back on {day}"]
    slots:
      callback:
        type: digits
        length: [7, 12]
        read_back: always
        ask: On which number?
        confirm: "I have {callback}. Right?"
      day: {type: date, optional: true}
      urgent: {type: yes_no, ask: Is it urgent?}
    then:
      handoff:
        queue: messages
        want: "Call back {callback} on {day}, urgent: {urgent}"
        say: We will call you.
        priority: 3
        skills: [phone]
  note:
    label: to leave a note
    say: ["a note"]
    slots: {text: {type: text, ask: What is the note?}}
    then: {handoff: {want: "{text}"}}
  close_account:
    label: to close your account
    say: ["close my account"]
    confirm: always
    then: [{say: I am sorry to hear that.}, {go: call_back}]
  spam:
    say: ["buy my product"]
    confirm: never
    then: {say: We do not take sales calls. Goodbye., end: screened out}
  unsure:
    label: some guidance
    say: ["I do not know who I need"]
    then:
      say: I will help you.
      ask: [Is it about a bill or a purchase?, "A bill, or a purchase?"]
      likely: [billing, sales]
"""

STAFF = """\
name,say,extension
Anna Berg,Anna|Miss Berg,301
Anna Burke,Anna|Miss Burke,302
Carl Otto,,303
Nora Vane,Nora,
"""


def make_desk(folder: Path, text: str = DESK, **files: str) -> Desk:
    """Write a desk into a folder and load it."""
    (folder / "staff.csv").write_text(STAFF, encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    (folder / "desk.yaml").write_text(text, encoding="utf-8")
    return load_desk(folder, folder)


def value(name: str, text: str, score: float = 0.95) -> SlotValue:
    return SlotValue(name, text, text, score)


def intent(name: str, score: float = 0.95, *slots: SlotValue) -> Match:
    return Match(Intent(name), score, slots, name)


def answer(name: str, text: str, score: float = 0.95) -> Match:
    return Match(Answer(name), score, (value(name, text, score),))


def command(what: Command, score: float = 0.95, *slots: SlotValue) -> Match:
    return Match(what, score, slots)


YES, NO = command(Command.YES), command(Command.NO)

A = TypeVar("A")


class Caller:
    """Answers the phone at once and then says, keys in or does what a test wants."""

    def __init__(self, desk: Desk, when: datetime = OPEN, caller: str = "0612345678") -> None:
        self.machine = Machine(desk, "call-1")
        self.now = 0.0
        self.actions: tuple[Action, ...] = ()
        self.all: list[Action] = []
        self.event(Answered(when, caller))

    def event(self, event: Input) -> Caller:
        self.actions = self.machine.handle(event, self.now)
        self.all.extend(self.actions)
        self.now += 3.0
        return self

    def say(self, *matches: Match, text: str = "some words") -> Caller:
        heard = Heard((Hypothesis(text, 0.9),), self.now - 1, self.now, "test")
        return self.event(Understood(heard, matches))

    def noise(self) -> Caller:
        return self.event(Understood(Heard((), self.now - 1, self.now, "test"), ()))

    def keys(self, keys: str) -> Caller:
        for key in keys:
            self.event(KeyPressed(key))
        return self

    def silence(self) -> Caller:
        return self.event(NoInput(6.0))

    def hang_up(self) -> Caller:
        return self.event(HungUp())

    def limit(self) -> Caller:
        return self.event(LimitReached("seconds"))

    def fails(self, what: Transfer | HandOff) -> Caller:
        return self.event(ActionFailed(what, "busy"))

    def did(self, kind: type[A]) -> A:
        """The one action of a kind among the last."""
        found = [action for action in self.actions if isinstance(action, kind)]
        assert len(found) == 1, f"{kind.__name__}: {self.actions}"
        return found[0]

    @property
    def said(self) -> str:
        """What was said last, in one string."""
        return " ".join(action.text for action in self.actions if isinstance(action, Say))

    @property
    def names(self) -> list[str]:
        """Names of the prompts said last."""
        return [action.name for action in self.actions if isinstance(action, Say)]

    @property
    def listens(self) -> Listen:
        """The listening now in force; it is the last action."""
        assert isinstance(self.actions[-1], Listen), self.actions
        return self.actions[-1]
