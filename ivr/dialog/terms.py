"""The words of a desk file that stand for one thing each."""

from __future__ import annotations

import enum


class Standard(enum.StrEnum):
    """The prompts every desk needs; the defaults are in ``ivr/languages/<code>.yaml``."""

    NO_INPUT = "no_input"
    NO_MATCH = "no_match"
    SORRY = "sorry"
    """Said before a question is asked again because its answer was not understood."""
    STILL_SILENT = "still_silent"
    """The last words to a caller who was never heard."""
    GOODBYE = "goodbye"
    ANYTHING_ELSE = "anything_else"
    LATER = "later"
    """Before what the caller wished for in the same words as what is done now."""
    GO_ON = "go_on"
    """After a yes to "anything else?"."""
    HELP = "help"
    WAIT = "wait"
    HELLO = "hello"
    """To a caller who only said hello."""
    WHO = "who"
    """To a caller who asks who or what this is."""
    HOLDING = "holding"
    """Said by the call while the caller waits for the desk."""
    CONFIRM_INTENT = "confirm_intent"
    DENIED = "denied"
    """After a no to `CONFIRM_INTENT` or `OFFER`."""
    NOTED = "noted"
    """Of a fact that the caller told of their own accord."""
    WRONG_ANSWER = "wrong_answer"
    """To a caller who says that an answer is wrong or not what they asked."""
    OFFER = "offer"
    YES_OR_NO = "yes_or_no"
    ONE_OR_TWO = "one_or_two"
    CONFIRM_SLOT = "confirm_slot"
    TRANSFER = "transfer"
    TRANSFER_FAILED = "transfer_failed"
    TRANSFER_BUSY = "transfer_busy"
    """These three say more than `TRANSFER_FAILED`, which takes their place in languages without them."""
    TRANSFER_DECLINED = "transfer_declined"
    TRANSFER_UNANSWERED = "transfer_unanswered"
    ROUTE_CLOSED = "route_closed"
    HANDOFF = "handoff"
    HANDOFF_CLOSED = "handoff_closed"
    NOT_UNDERSTOOD = "not_understood"
    LIMIT = "limit"
    HOLD = "hold"
    """To a caller who holds the line for a person."""
    HOLD_POSITION = "hold_position"
    HOLD_NEXT = "hold_next"
    HOLD_MINUTES = "hold_minutes"
    HOLD_DELAY = "hold_delay"
    HOLD_RETURNED = "hold_returned"
    HOLD_CHECK = "hold_check"
    """Is this the number to call back?"""
    HOLD_NUMBER = "hold_number"
    HOLD_CALL_BACK = "hold_call_back"
    LANGUAGE = "language"
    """The first words after a change of the language."""
    LANGUAGE_UNHEARD = "language_unheard"
    """The same where no recognizer of the language is installed; a person follows, or keys."""
    TROUBLE = "trouble"
    SYMPATHY = "sympathy"
    """Once, to a caller who sounds upset or angry."""
    COMFORT = "comfort"
    """Once, to a caller who sounds distressed."""
    STAY = "stay"
    """To a caller who takes leave of a desk that stays, or asks it for a person."""
    GUIDE_ASK = "guide_ask"
    """What a step of a guide waits for."""
    GUIDE_WAIT = "guide_wait"
    """To a caller who is busy with a step."""
    GUIDE_FIRST = "guide_first"
    """To a caller who wants to go back from the first step."""
    LOOKUP_FAILED = "lookup_failed"
    """To a caller whose matter cannot be looked up now; a person follows."""
    IDENTIFY_POSTCODE = "identify_postcode"
    IDENTIFY_NAME = "identify_name"
    IDENTIFY_BIRTHDAY = "identify_dob"
    IDENTIFY_REFUSED = "identify_refused"
    """To a caller whom the customer file does not know; a person follows."""


DUE_DAY, DUE_TIME = "due_day", "due_time"
DUE = frozenset({DUE_DAY, DUE_TIME})
"""Until when something was promised to the caller, as it is said."""

STANDARD_VALUES: dict[Standard, frozenset[str]] = {
    Standard.WHO: frozenset({"desk"}),
    Standard.CONFIRM_INTENT: frozenset({"intent"}),
    Standard.LATER: frozenset({"intent"}),
    Standard.OFFER: frozenset({"first", "second"}),
    Standard.CONFIRM_SLOT: frozenset({"value"}),
    Standard.TRANSFER: frozenset({"route"}),
    Standard.TRANSFER_FAILED: frozenset({"route"}),
    Standard.TRANSFER_BUSY: frozenset({"route"}),
    Standard.TRANSFER_DECLINED: frozenset({"route"}),
    Standard.TRANSFER_UNANSWERED: frozenset({"route"}),
    Standard.ROUTE_CLOSED: frozenset({"route"}),
    Standard.NOTED: frozenset({"value"}),
    Standard.HANDOFF_CLOSED: DUE,
    Standard.HOLD_POSITION: frozenset({"position"}),
    Standard.HOLD_MINUTES: frozenset({"minutes"}),
    Standard.HOLD_CHECK: frozenset({"number"}),
    Standard.HOLD_CALL_BACK: frozenset({"number"}),
}
"""The values in braces that each standard prompt may use; the others use none."""


PATTERNS = frozenset(
    {
        Standard.CONFIRM_INTENT,
        Standard.CONFIRM_SLOT,
        Standard.TRANSFER,
        Standard.TRANSFER_FAILED,
        Standard.TRANSFER_BUSY,
        Standard.TRANSFER_DECLINED,
        Standard.TRANSFER_UNANSWERED,
        Standard.ROUTE_CLOSED,
    }
)
"""Never said themselves: every intent, slot and route has its own prompt made from them."""


class Check(enum.StrEnum):
    """When the desk asks "is that right?"."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class WhenClosed(enum.StrEnum):
    """What becomes of a route out of hours."""

    MESSAGE = "message"
    """Go on with the intent `message` (the language file has one)."""
    HANDOFF = "handoff"
    TRANSFER = "transfer"


class RecognizerChoice(enum.StrEnum):
    """The recognizer a desk asks for."""

    AUTO = "auto"
    VOSK = "vosk"
    MOONSHINE = "moonshine"


class VoiceChoice(enum.StrEnum):
    """The voice a desk asks for."""

    AUTO = "auto"
    HIBARI = "hibari"
    PYTTSX3 = "pyttsx3"
