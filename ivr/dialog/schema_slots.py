"""The slots of a desk file: the facts that its intents need."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ivr.dialog.fields import Name, OneOrMany, Sentence, Sentences, Strict
from ivr.dialog.terms import Check
from ivr.meaning import SlotType


def _pair(value: object) -> object:
    return [value, value] if isinstance(value, int) and not isinstance(value, bool) else value


def _ordered(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] > value[1]:
        raise ValueError("the smaller length comes first")
    return value


def _choices(value: object) -> object:
    """A list of values is a mapping from each value to itself as the one way to say it."""
    if not isinstance(value, list):
        return value
    if repeated := [item for item in value if value.count(item) > 1]:
        raise ValueError(f"the choice {repeated[0]!r} is listed twice")
    if not all(isinstance(item, str) for item in value):
        raise ValueError("every choice must be text (put numbers in quotes)")
    return {item: [item] for item in value}


class SlotText(Strict):
    """A fact an intent needs."""

    type: SlotType
    ask: Sentences | None = None
    """The question, and other wordings for the second and third time."""
    confirm: Sentence | None = None
    """The wording of "is that right?"; default: the prompt `confirm_slot`."""
    read_back: Check = Check.AUTO
    """When to ask `confirm`: auto is only when the score is low."""
    length: Annotated[
        tuple[Annotated[int, Field(ge=1, le=64)], Annotated[int, Field(ge=1, le=64)]] | None,
        BeforeValidator(_pair),
        AfterValidator(lambda value: value and _ordered(value)),
        Field(json_schema_extra={"description": "Digits: how many, or [least, most]"}),
    ] = None
    choices: Annotated[
        dict[str, Annotated[tuple[Sentence, ...], Field(min_length=1), OneOrMany()]],
        BeforeValidator(_choices),
    ] = Field(default_factory=dict)
    """Values and the ways to say them: [red, green] or {small: [small, little]}."""
    source: Annotated[Name | None, Field(alias="from")] = None
    """The data table whose rows are the choices."""
    keys: bool | None = None
    """Whether the keypad answers; default: for digits and number."""
    optional: bool = False
    """Never asked for, taken when said."""
    once: bool = False
    """Asked once a call: an intent with a slot of that name that is begun later has the fact already."""
    caller: bool = False
    """Digits: the number that the caller calls from, where it is known; then it is not asked for."""
    masked: bool | None = None
    """In logs and transcripts, wherever its value is said; people who take the call see it. No: its value is
    shown whatever it looks like. Default: numbers of telephones and persons are masked as elsewhere."""
    safe: bool | None = None
    """Of a yes or no: the answer after which nothing is done. It is taken only when it is said plainly; any
    doubt is asked about once more, and then counts as the other answer, as silence does."""
    plain: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """Templates of that answer, beside the language's plain yes or no."""
    no_answer: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """Text: templates of what is no answer where it is all that is said; the desk asks again."""
    sensitive: bool = False
    """Keyed in, never spoken: the recording is silent, logs and transcripts are masked meanwhile."""

    @model_validator(mode="after")
    def _fits_type(self) -> SlotText:
        numeric = self.type in {SlotType.DIGITS, SlotType.NUMBER}
        named = self.type in {SlotType.NAME, SlotType.CHOICE}
        if self.length is not None and self.type is not SlotType.DIGITS:
            raise ValueError("`length` is for slots of type digits")
        if self.keys and not numeric:
            raise ValueError("`keys: true` is for slots of type digits or number")
        if self.sensitive and (not numeric or self.keys is False):
            raise ValueError("`sensitive: true` is for digits or a number that callers key in")
        if self.sensitive and (self.read_back is Check.ALWAYS or self.confirm is not None):
            raise ValueError("a sensitive slot cannot be read back")
        if self.sensitive and self.optional:
            raise ValueError("a sensitive slot is keyed in when it is asked for, so it cannot be optional")
        if (self.choices or self.source) and not named:
            raise ValueError("`choices` and `from` are for slots of type choice or name")
        if self.choices and self.source:
            raise ValueError("give `choices` or `from`, not both")
        if self.safe is not None and self.type is not SlotType.YES_NO:
            raise ValueError("`safe` is for slots of type yes_no")
        if self.safe is not None and (self.optional or self.read_back is not Check.AUTO):
            raise ValueError("a slot with a safe answer is always asked for, and never read back")
        if self.plain and self.safe is None:
            raise ValueError("`plain` is for slots with a `safe` answer")
        if self.no_answer and not self.type.dictated:
            raise ValueError("`no_answer` is for slots of type text or place")
        if self.type is SlotType.CHOICE and not (self.choices or self.source):
            raise ValueError("a choice needs `choices` or `from`")
        return self
