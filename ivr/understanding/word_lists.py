"""The parts of what is known of a language, as they stand in its file: each a group of lists.

`Words` in words.py has one of each.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NumberWords(_Part):
    """Number words: `units` zero to nineteen, `tens`, `scales` multiply what precedes them, `ordinals`."""

    units: dict[str, int] = {}
    tens: dict[str, int] = {}
    scales: dict[str, int] = {}
    ordinals: dict[str, int] = {}
    more: dict[str, int] = {}
    joiner: str = ""
    point: str = ""
    half: str = ""
    minus: str = ""
    positional: bool = False
    """Whether tens are scales too ("two ten three"), see `positional`."""
    zero_between: bool = False
    """Whether skipped places are written with a zero ("one hundred zero five")."""
    counting: dict[str, int] = {}
    """Forms of units that stand before one of `counters` only."""
    counters: tuple[str, ...] = ()


class DigitWords(_Part):
    """How digits are dictated beside the number words; `misheard` count only among other digits."""

    words: dict[str, int] = {}
    repeats: dict[str, int] = {}
    misheard: dict[str, int] = {}


class CorrectionWords(_Part):
    """How a caller takes back what was just said."""

    words: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


class NameWords(_Part):
    """What is said around a name, and words that are never part of one."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()
    short: dict[str, tuple[str, ...]] = {}
    """First names and what their bearers are called for short."""


class DateWords(_Part):
    """Words of dates; `relative` counts days from today, `units` days; lists begin at Monday and January."""

    relative: dict[str, int] = {}
    weekdays: tuple[tuple[str, ...], ...] = ()
    months: tuple[tuple[str, ...], ...] = ()
    units: dict[str, int] = {}
    month_units: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    this: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    from_: tuple[str, ...] = ()
    ago: tuple[str, ...] = ()
    in_: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    days: dict[str, str] = {}
    """Days with a name, as month and day: "12-25"."""
    feasts: dict[str, int] = {}
    """Days with a name, as days after Easter Sunday."""
    ends: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    today: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    """Said after a weekday that is past: "Monday just gone"."""
    weekend: tuple[str, ...] = ()
    year_marks: tuple[str, ...] = ()
    month_marks: tuple[str, ...] = ()
    day_marks: tuple[str, ...] = ()
    """What follows the number of a year, month or day, see `marked_dates`; so do the next three."""
    this_week: tuple[str, ...] = ()
    next_week: tuple[str, ...] = ()
    next_month: tuple[str, ...] = ()


class TimeWords(_Part):
    """Words of times of day."""

    am: tuple[str, ...] = ()
    pm: tuple[str, ...] = ()
    night: tuple[str, ...] = ()
    """Of `pm` those after which twelve and the first hours are of the morning: "two at night"."""
    about: tuple[str, ...] = ()
    """Endings of an hour that is not exact: "fourish"."""
    noon: tuple[str, ...] = ()
    midnight: tuple[str, ...] = ()
    half: tuple[str, ...] = ()
    quarter_past: tuple[str, ...] = ()
    quarter_to: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    minutes: tuple[str, ...] = ()
    oclock: tuple[str, ...] = ()
    after: dict[str, int] = {}
    """Minutes said after `oclock` ("three o'clock half"), where minutes follow it as numbers too."""


class LetterWords(_Part):
    """How letters are spelled: `names` as a recognizer writes them, `alphabet` words that stand for one."""

    names: dict[str, tuple[str, ...]] = {}
    alphabet: dict[str, str] = {}
    as_in: tuple[str, ...] = ()
    capital: tuple[str, ...] = ()
    space: tuple[str, ...] = ()
    confused: tuple[str, ...] = ()


class MoneyWords(_Part):
    """Words of amounts beside `currencies`: `codes` of their signs (ISO 4217), `more` names of a unit,
    `notes` what is said for so many units."""

    codes: dict[str, str] = {}
    more: dict[str, str] = {}
    small: dict[str, str] = {}
    notes: dict[str, int] = {}


class DurationWords(_Part):
    """Units of durations, and what joins the two ends of a range."""

    seconds: tuple[str, ...] = ()
    minutes: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    weeks: tuple[str, ...] = ()
    fortnights: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    quarter: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    or_: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """What may stand before a unit and leaves its length as it is: "two whole days"."""


class EmailWords(_Part):
    """The signs of an e-mail address as they are said; `aside` is said about it and no part of it."""

    at: tuple[str, ...] = ()
    signs: dict[str, tuple[str, ...]] = {}
    aside: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


class AddressWords(_Part):
    """Words of postal addresses: kinds of `streets`, what is `short` for one, and `units` of a house."""

    streets: frozenset[str] = frozenset()
    short: dict[str, str] = {}
    units: tuple[str, ...] = ()


class PlaceWords(_Part):
    """How people say where they are, and what they say instead.

    before   what stands before a place: "at", "near", "in front of"
    kinds    of places that others find: "station", "bridge"; `vague` ones tell nobody where they are: "home"
    lead     how a place begins that is a sentence: "we are", "the address is"
    others   words that no bare place holds: persons, questions
    cries    what is shouted and says nothing
    """

    before: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    vague: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    cries: tuple[str, ...] = ()


class SentenceWords(_Part):
    """How sentences begin and end, in matching form.

    courtesies  said after a request, and nothing after them
    farewells   said last
    asking      beginnings of questions and requests
    begging     those of them that "please" often follows
    telling     first words of sentences that tell something, unless they begin in one of the other ways
    stranding   words that a later preposition belongs to: it may be the last word after them
    stranded    those prepositions: "who do I need to talk to"
    """

    courtesies: frozenset[str] = frozenset()
    farewells: frozenset[str] = frozenset()
    asking: tuple[str, ...] = ()
    begging: tuple[str, ...] = ()
    telling: frozenset[str] = frozenset()
    stranding: frozenset[str] = frozenset()
    stranded: frozenset[str] = frozenset()


class JoiningWords(_Part):
    """What is said between two wishes: `between` joins any two sentences, `besides` begins another matter.

    going_on  how a wish may begin after the "I would like to" of the one before: "ask", "find out"
    """

    between: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    going_on: tuple[str, ...] = ()
