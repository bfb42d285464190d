"""How a simulated caller answers what the desk says: pure, and polite.

The caller knows what the desk asks by the names of its prompts (docs/desk.md, "Names of prompts"), and what
it should say back from a call that the desk understood word for word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ivr.events import Say
from ivr.simulation.persona import Persona
from ivr.trials.judge import plain

MOST_TURNS = 14
"""A caller who is still not served then hangs up."""

_PARTING = "No thank you, goodbye."
_YES, _NO = "Yes.", "No."
_TO_SILENT_PROMPTS = {"goodbye", "still_silent", "trouble", "holding", "hold", "handoff", "handoff_closed"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller can tell about the desk's questions.

    label      of the wanted intent, as the desk calls it when it offers two
    read_back  slot: the words in which the desk reads the caller's fact back; None: whatever it reads back
               is right
    keyed      slot: what is pressed for it, because it may not be said
    strange    slots of a choice that have nothing to do with what the caller wants: asked for one, they say
               again what they want
    stays      the desk never ends a call (docs/desk.md, "A desk that never hangs up")
    """

    label: str
    read_back: Mapping[str, str] | None = None
    keyed: Mapping[str, str] = field(default_factory=dict)
    strange: frozenset[str] = frozenset()
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys instead of words."""

    keys: str


Answer: TypeAlias = str | Pressed
"""Words, "" for silence; or keys."""


class Caller:
    """One caller's side of a call, a turn at a time."""

    def __init__(self, persona: Persona, known: Known) -> None:
        self._persona = persona
        self._known = known
        self._wording = 0
        self._turns = 0
        self._last: Answer = ""
        self._given: dict[str, str] = {}

    def reply(self, said: Sequence[Say]) -> Answer | None:
        """What the caller says to what the desk has said since the last turn; None: the caller hangs up.

        "" is silence: nothing was asked.
        """
        self._turns += 1
        if self._turns > MOST_TURNS:
            return None
        heard = plain(" ".join(say.text for say in said))
        for part, answer in self._persona.answers.items():
            if plain(part) in heard:
                self._given.update({_question(say): answer for say in said if plain(part) in plain(say.text)})
                return self._say(answer)
        if self._known.stays and any(_stays(say) for say in said):
            return None  # the caller has heard all there is, until a person comes
        for say in reversed(said):
            answer_to = self._to(say)
            if answer_to is not None:
                return self._say(answer_to)
        if self._known.stays and said:
            return self._say("")  # told what to do, and asked nothing
        return self._say(self._next_wording())

    def _say(self, words: Answer) -> Answer:
        self._last = words
        return words

    def _to(self, say: Say) -> Answer | None:
        """The answer to one prompt; None when it asks nothing."""
        match say.name.split("."):
            case ["slots", _, slot, "ask", *_] if slot in self._known.keyed:
                return Pressed(self._known.keyed[slot])
            case ["slots", _, slot, "ask" | "confirm", *_] if slot in self._known.strange:
                return self._next_wording()
            case ["slots", _, slot, "ask", *_]:
                return self._persona.facts.get(slot, "I don't know.")
            case ["slots", _, slot, "confirm", *_]:
                return self._confirmed(slot, say.text)
            case ["intents", intent, "confirm_intent", *_]:
                return _YES if intent == self._persona.intent else _NO
            case ["offer", *_]:
                return self._chosen(say.text)
            case ["yes_or_no" | "one_or_two" | "no_input", *_] if self._last:
                return self._last
            case ["anything_else", *_]:
                return _PARTING
            case [name, *_] if name in _TO_SILENT_PROMPTS:
                return ""
            case ["greeting" | "no_match" | "sorry" | "denied" | "go_on" | "help" | "hello" | "closed", *_]:
                return self._next_wording()
            case ["intents", _, "ask", *_]:
                return self._next_wording()
            case _:  # asked again in other words: the same answer
                return self._given.get(_question(say))

    def _next_wording(self) -> str:
        wordings = self._persona.wordings
        self._wording += 1
        return wordings[(self._wording - 1) % len(wordings)]

    def _confirmed(self, slot: str, text: str) -> str:
        if self._known.read_back is None:
            return _YES
        right = plain(self._known.read_back.get(slot, self._persona.facts.get(slot, "")))
        if right and right in plain(text):
            return _YES
        return f"No, {self._persona.facts[slot]}." if slot in self._persona.facts else _YES

    def _chosen(self, text: str) -> str:
        """Which of two the caller means: the one whose label comes first or second in the offer."""
        label, heard = plain(self._known.label), plain(text)
        if not label or label not in heard:
            return "Neither."
        before, _, after = heard.partition(label)
        return "The second." if " or " in f"{before} " and " or " not in f" {after}" else "The first."


def _question(say: Say) -> str:
    """The name of a prompt without the number of its wording: the same question has the same."""
    name, _, number = say.name.rpartition(".")
    return name if number.isdigit() else say.name


def _stays(say: Say) -> bool:
    """Whether the desk only keeps the caller company: the wordings of a `stay`."""
    match say.name.split("."):
        case ["stay", *_] | ["intents", _, "stay", *_]:
            return True
        case _:
            return False
