"""How a value is said: digits one by one in groups, dates and times in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from types import MappingProxyType

from ivr.dialog.dictated import is_dictated, number_in_words, spoken_dictated
from ivr.dialog.language import Language, SpokenText
from ivr.meaning import SlotSpec, SlotType

_GROUP_PAUSE = ", "


def is_value(spec: SlotSpec, value: str) -> bool:
    """Whether `value` is a canonical value of the slot (see `ivr.meaning.SlotValue`)."""
    match spec.type:
        case SlotType.DIGITS:
            least, most = spec.length or (1, 64)
            return value.isascii() and value.isdigit() and least <= len(value) <= most
        case SlotType.YES_NO:
            return value in {"yes", "no"}
        case SlotType.DATE:
            return _parsed_date(value) is not None
        case SlotType.TIME:
            return _parsed_time(value) is not None
        case SlotType.NUMBER:
            return _parsed_number(value) is not None
        case SlotType.NAME | SlotType.CHOICE:
            return bool(value.strip()) and (not spec.choices or any(value == c.value for c in spec.choices))
        case SlotType.TEXT | SlotType.PLACE:
            return bool(value.strip())
        case _:
            return is_dictated(spec.type, value)


def spoken(spec: SlotSpec, value: str, language: Language, today: date | None = None) -> str:
    """The value as it is said aloud; as written where the language's file has no words for it.

    `today` decides whether a date needs its year. A value that `is_value` refuses is said as written.
    """
    rules = language.text.spoken
    if rules is None or not is_value(spec, value):
        return value
    match spec.type:
        case SlotType.DIGITS:
            return _GROUP_PAUSE.join(
                " ".join(rules.digits[int(digit)] for digit in part) for part in groups(value, rules.groups)
            )
        case SlotType.YES_NO:
            return rules.yes if value == "yes" else rules.no
        case SlotType.DATE:
            day = _parsed_date(value)
            return _date(day, rules, language.code, today) if day else value
        case SlotType.TIME:
            moment = _parsed_time(value)
            return _time(moment, rules, language.code) if moment else value
        case SlotType.NUMBER:
            return number_in_words(_parsed_number(value) or Decimal(0), language.code)
        case SlotType.NAME | SlotType.CHOICE:
            return value
        case SlotType.TEXT | SlotType.PLACE:
            return value.rstrip(" .,;!?")  # the sentence that it stands in goes on, or has its own end
        case _:
            return spoken_dictated(spec.type, value, rules, language.code)


def groups(digits: str, sizes: Mapping[int, tuple[int, ...]] = MappingProxyType({})) -> tuple[str, ...]:
    """Digits as people say them: in threes, with two or four at the end, unless `sizes` has their number."""
    if sum(parted := sizes.get(len(digits), ())) == len(digits) > 0:
        ends = tuple(accumulate(parted))
        return tuple(digits[end - size : end] for size, end in zip(parted, ends, strict=True))
    if len(digits) <= 4:
        return (digits,)
    parts = [digits[n : n + 3] for n in range(0, len(digits), 3)]
    if len(parts[-1]) == 1:
        parts[-2:] = [parts[-2] + parts[-1]]
    return tuple(parts)


def _parsed_date(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.isoformat() == value else None


def _parsed_time(value: str) -> time | None:
    try:
        moment = time.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is None and moment.isoformat("minutes") == value else None


def _parsed_number(value: str) -> Decimal | None:
    try:
        number = Decimal(value) if len(value) <= 30 else Decimal("NaN")
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def _date(day: date, rules: SpokenText, code: str, today: date | None) -> str:
    pattern = rules.date if today is not None and day.year == today.year else rules.date_with_year
    return pattern.format(
        weekday=rules.weekdays[day.weekday()],
        month=rules.months[day.month - 1],
        day=number_in_words(day.day, code),
        ordinal=number_in_words(day.day, code, "ordinal"),
        year=number_in_words(day.year, code, "year"),
    )


def _time(moment: time, rules: SpokenText, code: str) -> str:
    pattern = rules.time
    if moment.minute == 0:
        pattern = rules.time_on_the_hour
    elif moment.minute < 10:
        pattern = rules.time_first_minutes
    hour, half = moment.hour, ""
    if rules.halves:
        half = rules.halves[0] if hour < 12 else rules.halves[-1]
        hour = hour % 12 or 12
    return pattern.format(
        hour=rules.hours[hour - 1] if 0 < hour <= len(rules.hours) else number_in_words(hour, code),
        minute=number_in_words(moment.minute, code),
        half=half,
    ).strip()
