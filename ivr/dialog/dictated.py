"""Values that are dictated in parts, and how they are read back: money, durations, letters, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from num2words import num2words

from ivr.dialog.language import SpokenText
from ivr.meaning import SlotType

_MOST = Decimal(10) ** 12
_MONEY = re.compile(r"(\d{1,12}\.\d\d)(?: ([A-Z]{3}))?", re.ASCII)
_DATE_UNITS = (("year", "Y"), ("month", "M"), ("week", "W"), ("day", "D"))
_TIME_UNITS = (("hour", "H"), ("minute", "M"), ("second", "S"))
_DURATION = re.compile(
    "P(?=.)"
    + "".join(rf"(?:(?P<{name}>[1-9]\d{{0,9}}){letter})?" for name, letter in _DATE_UNITS)
    + "(?:T(?=.)"
    + "".join(rf"(?:(?P<{name}>[1-9]\d{{0,9}}){letter})?" for name, letter in _TIME_UNITS)
    + ")?",
    re.ASCII,
)
_SPELLED = re.compile(r"[A-Z0-9]{1,40}", re.ASCII)
_EMAIL = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_UK = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}", re.ASCII)
_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
_WORDS_OF_EMAIL = re.compile(r"[a-z]+|[0-9]|[^a-z0-9]")
_PARTS_OF_ADDRESS = (3, 4)


def is_dictated(kind: SlotType, value: str) -> bool:
    """Whether `value` is a canonical value of one of these kinds (see `ivr.meaning.SlotValue`)."""
    match kind:
        case SlotType.MONEY:
            return _MONEY.fullmatch(value) is not None
        case SlotType.DURATION:
            first, stroke, last = value.partition("/")
            return bool(_DURATION.fullmatch(first)) and (not stroke or bool(_DURATION.fullmatch(last)))
        case SlotType.SPELLED:
            return _SPELLED.fullmatch(value) is not None
        case SlotType.EMAIL:
            return len(value) <= 254 and _EMAIL.fullmatch(value) is not None
        case SlotType.POSTCODE:
            return _UK.fullmatch(value) is not None or _ZIP.fullmatch(value) is not None
        case SlotType.ADDRESS:
            parts = value.split("|")
            return len(parts) in _PARTS_OF_ADDRESS and bool(parts[1].strip())
        case _:
            return False


def spoken_dictated(kind: SlotType, value: str, rules: SpokenText, code: str) -> str:
    """A canonical value as it is said aloud. `code` is the BCP 47 tag of the language."""
    match kind:
        case SlotType.MONEY:
            return _money(value, rules, code)
        case SlotType.DURATION:
            ends = [_duration(part, rules, code) for part in value.split("/")]
            return rules.range.format(first=ends[0], last=ends[1]) if len(ends) > 1 else ends[0]
        case SlotType.SPELLED:
            return ", ".join(_letters(value, rules))
        case SlotType.EMAIL:
            # Letters alone are said one by one; whether a longer piece is a word the voice must find out.
            pieces = _WORDS_OF_EMAIL.findall(value)
            return " ".join(_piece(piece, rules) for piece in pieces)
        case SlotType.POSTCODE:
            return ", ".join(" ".join(_letters(part, rules)) for part in re.split("[ -]", value))
        case SlotType.ADDRESS:
            number, street, *places = value.split("|")
            house = re.sub(r"\d+", lambda found: f" {number_in_words(int(found[0]), code)} ", number)
            rest = [
                " ".join(_letters(place.replace(" ", ""), rules)) if _UK.fullmatch(place) else place
                for place in places
                if place
            ]
            return ", ".join([" ".join(f"{house} {street}".replace(" ,", ",").split()), *rest])
        case _:
            return value


def number_in_words(number: int | Decimal, code: str, kind: str = "cardinal") -> str:
    """A number in the words of a language, in figures where num2words does not know it."""
    language, _, region = code.partition("-")
    for name in (f"{language}_{region}", language):
        try:
            return str(num2words(number, to=kind, lang=name))
        except (NotImplementedError, ValueError, TypeError):  # no such language, or kind, there
            continue
    return str(number)


def _letters(text: str, rules: SpokenText) -> Iterator[str]:
    for char in text:
        yield rules.digits[int(char)] if char.isdigit() else rules.letters.get(char, char)


def _piece(piece: str, rules: SpokenText) -> str:
    if piece in rules.signs:
        return rules.signs[piece]
    if piece.isdigit():
        return rules.digits[int(piece)]
    return rules.letters.get(piece.upper(), piece.upper()) if len(piece) == 1 else piece


def _money(value: str, rules: SpokenText, code: str) -> str:
    found = _MONEY.fullmatch(value)
    amount = _decimal(found[1]) if found else None
    if found is None or amount is None:
        return value
    whole, small = int(amount), int(amount * 100) % 100
    names = rules.money.get(found[2] or "")
    if names is None:
        said = number_in_words(amount.normalize() if small else whole, code)
        return f"{said} {found[2]}" if found[2] else said
    parts = []
    if whole or not small:
        parts.append(f"{number_in_words(whole, code)} {names[whole != 1]}")
    if small:
        parts.append(f"{number_in_words(small, code)} {names[2 + (small != 1)]}")
    return ", ".join(parts)


def _decimal(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount < _MOST else None


def _duration(value: str, rules: SpokenText, code: str) -> str:
    found = _DURATION.fullmatch(value)
    if found is None or not rules.durations:
        return value
    parts = []
    for name, _ in (*_DATE_UNITS, *_TIME_UNITS):
        if found[name] and name in rules.durations:
            count = int(found[name])
            parts.append(f"{number_in_words(count, code)} {rules.durations[name][count != 1]}")
    return ", ".join(parts) or value
