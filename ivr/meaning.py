"""What callers may say, what was heard, and what it was taken to mean.

These types travel between ears, understanding and dialog, which never import each other. All are frozen.
Times are seconds since the call was answered; scores are calibrated to the chance of being right, 0 to 1.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias


class Command(enum.Enum):
    """What a caller may say at any point of any desk; the phrases are in ``ivr/languages/<code>.yaml``."""

    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    SLOWER = "slower"
    """Say it again, slower, and all that follows."""
    LOUDER = "louder"
    OPERATOR = "operator"
    GOODBYE = "goodbye"
    HELP = "help"
    WAIT = "wait"
    HELLO = "hello"
    """Nothing but a greeting, or a question whether anybody is there."""
    THANKS = "thanks"
    """Nothing but thanks: after an answer, that it was all."""
    MUSING = "musing"
    """Nothing but sounds of thinking or listening ("hmm", "okay"), where they answer nothing."""
    WHO = "who"
    """Who or what is this that speaks?"""
    EXPLAIN = "explain"
    """What does the question mean, or why is it asked?"""
    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"
    WRONG = "wrong"
    """What was answered or asked is not what the caller meant: "that's wrong". Where a yes or no is asked,
    its phrases are a `NO`."""
    CALL_BACK = "call back"
    """Call me back instead: on hold, and at any point where call-backs are promised."""


class Mood(enum.StrEnum):
    """How a caller sounds."""

    CALM = "calm"
    UPSET = "upset"
    ANGRY = "angry"
    DISTRESSED = "distressed"


class SlotType(enum.StrEnum):
    """The kinds of fact a desk can ask for; the YAML spells them as these values."""

    DIGITS = "digits"
    YES_NO = "yes_no"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    NAME = "name"
    """A person's name: free, or by sound against the slot's choices (a directory)."""
    CHOICE = "choice"
    """One of the slot's choices."""
    MONEY = "money"
    DURATION = "duration"
    SPELLED = "spelled"
    """Letters and digits said one by one."""
    EMAIL = "email"
    POSTCODE = "postcode"
    """British, or American where the desk's language is of the United States."""
    ADDRESS = "address"
    """Number, street, place."""
    TEXT = "text"
    """Whatever is said, kept as it was heard (a message, a reason)."""
    PLACE = "place"
    """Where somebody is, in their own words; shouts, pleas and what happened are no place."""

    @property
    def dictated(self) -> bool:
        """Whether most words are an answer, so that no other want is listened for."""
        return self in (SlotType.TEXT, SlotType.PLACE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a slot: `value` is what is stored, `say` the ways a caller may say it (templates)."""

    value: str
    say: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """A fact to be heard. `length` is the exact number of digits, or (min, max).

    sensitive  it is keyed in, never said, and kept nowhere
    safe       of a yes or no the answer after which nothing is done, "" where both are alike: heard only in
               the language's plain words, or those of `plain` (templates), with nothing beside them
    no_answer  templates of what is no answer where any words are one: "I don't know"
    """

    name: str
    type: SlotType
    length: tuple[int, int] | None = None
    choices: tuple[Choice, ...] = ()
    sensitive: bool = False
    safe: str = ""
    plain: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()

    @property
    def unsafe(self) -> str:
        """The answer that a doubtful one, or none, counts as; "" where no answer is safe."""
        return {"yes": "no", "no": "yes"}.get(self.safe, "")


@dataclass(frozen=True, slots=True)
class IntentSpec:
    """A want: `templates` in the notation ``[optional] (one|other) {slot}``, `examples` plain sentences.

    alarms  templates that are listened for in every state, anywhere in what is said: the words of an urgent
            intent; `groups` are choices that they name in braces, as they name slots
    whole   templates that are listened for in every state too, where they are all that is said
    unless  templates of figures of speech: words of `alarms` inside them do not count
    """

    name: str
    templates: tuple[str, ...]
    examples: tuple[str, ...] = ()
    slots: tuple[SlotSpec, ...] = ()
    alarms: tuple[str, ...] = ()
    groups: tuple[SlotSpec, ...] = ()
    whole: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


MOST_EXAMPLES = 2_000
"""Labelled sentences that a desk may have; more are a corpus."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All that may be said to one desk: its intents and, per command, the language's templates."""

    language: str
    intents: tuple[IntentSpec, ...]
    commands: tuple[tuple[Command, tuple[str, ...]], ...] = ()

    @property
    def is_corpus(self) -> bool:
        """Whether so many sentences are labelled that they are no phrases of a desk, but a corpus."""
        return sum(len(intent.examples) for intent in self.intents) > MOST_EXAMPLES


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word with its place in the call and the recognizer's confidence."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of an utterance; `confidence` 0 to 1 as the engine gives it (not calibrated).

    fit         None for a free reading. For one held to what may be said, how far it is below the free one,
                in nats a token: near 0 where it is what was said, -2 and lower for most other speech; its
                `confidence` is its share among the held readings
    likelihood  of a held reading by itself, in nats a token; None for a free one
    """

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    fit: float | None = None
    likelihood: float | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of the fact that was asked for from the caller's earlier answers.

    answers  the readings of each answer that was not enough, oldest first
    denied   values that were read back and were wrong
    value    what was read back just now, "" when nothing was: the caller may correct a part of it
    """

    answers: tuple[tuple[Hypothesis, ...], ...] = ()
    denied: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """What the dialog listens for now: the state of the dialog as the matcher and recognizer see it.

    intents   whether any intent may be said (False while a yes or no is all that makes sense)
    likely    intents the question named ("did you mean billing or sales?"): they get a higher prior
    slot      the fact that was asked for, or None
    commands  the commands that make sense here; the others are not listened for
    about     the intent that is being carried out: more about it is an answer, no interruption
    earlier   what earlier answers say of `slot`
    more      whether "anything else?" was asked: after a "yes" comes what it is
    told      facts that callers tell of their own accord, whatever was asked
    """

    intents: bool = True
    likely: tuple[str, ...] = ()
    slot: SlotSpec | None = None
    commands: frozenset[Command] = frozenset(
        {
            Command.REPEAT,
            Command.SLOWER,
            Command.LOUDER,
            Command.OPERATOR,
            Command.GOODBYE,
            Command.HELP,
            Command.WAIT,
            Command.HELLO,
        }
    )
    earlier: Earlier = Earlier()
    about: str = ""
    more: bool = False
    told: tuple[SlotSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """The caller wants what the desk calls `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The caller answered the question for slot `slot`; the value is in the match's slots."""

    slot: str


Meaning: TypeAlias = Intent | Command | Answer


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A fact that was heard.

    value   canonical: digits "482913", date "2026-05-03", time "15:30", yes_no "yes"/"no", number "12",
            name and choice the `Choice.value` (free names as heard, capitalised), text as heard,
            money "12.50 USD" ("12.50" where no currency is known), duration ISO 8601 "PT1H30M" or a range
            "P2D/P3D", spelled "SMITH", email "john.smith@gmail.com", postcode "EC6 7GJ" or "90210",
            address "12|Quay Street|Port Alder", perhaps with a postcode as a fourth part
    said    the words of the caller it was taken from
    score   chance that the value is right
    sensitive  whether it is masked wherever it is kept
    """

    name: str
    value: str
    said: str
    score: float
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What was wished for beside something else, for sure: an intent with its facts, or a person."""

    meaning: Intent | Command
    score: float
    slots: tuple[SlotValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """One reading of the meaning of an utterance; matches are ranked best first.

    phrase  the template or example it was matched to ("" for free answers), for logs and debugging
    urgent  found whatever was asked: words of danger, or a wish that is heard in every state
    later   what was wished for behind it in the same words, in order
    """

    meaning: Meaning
    score: float
    slots: tuple[SlotValue, ...] = ()
    phrase: str = ""
    urgent: bool = False
    later: tuple[Wish, ...] = ()


class Completeness(enum.Enum):
    """Whether the words heard so far finish something that may be said here; drives the endpointer."""

    COMPLETE = "complete"
    """A whole phrase of the state: a short silence is enough to end the utterance."""
    COURTESY = "courtesy"
    """A whole request to which a "please" may be added: wait for that."""
    UNKNOWN = "unknown"
    """Nothing is known: wait the usual silence."""
    TELLING = "telling"
    """A whole sentence that tells something, after which people often say another one: wait for it."""
    UNFINISHED = "unfinished"
    """The words stop in the middle of a phrase, a digit string, or a farewell: wait longest."""


class Clarity(enum.Enum):
    """What the readings of an utterance leave open."""

    DOUBTFUL = enum.auto()
    """What was meant."""
    CLEAR = enum.auto()
    """Nothing, or it is not for the desk to know."""
    PLAIN = enum.auto()
    """Nothing, and no further reading would add to it: a want without facts."""
