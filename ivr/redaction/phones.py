"""Telephone numbers in what was said or written, told from other numbers by how they begin and are grouped.

A number is one of a telephone when it has a country in front (E.164: ``+`` or 00, then 8 to 15 digits),
begins with the 0 that most countries dial before an area (9 to 12 digits), is grouped as in North America
(NANP: 3-3-4, no area or exchange that begins with 0 or 1), or when the words before it speak of a telephone.
Counting aloud, dates, times and amounts are none, nor are numbers of orders without a word about telephones.
"""

from __future__ import annotations

import re

from ivr.redaction.runs import RUN, counts, digits_of

PHONE = "[phone number]"
"""Stands for one."""
_LEAST, _MOST = 7, 15
_NATIONAL = range(9, 13)
_FIGURES = re.compile(r"(?<![A-Za-z0-9_+])\+?\(?\d(?:[ \u00a0./()-]{0,3}\d){6,19}(?![A-Za-z0-9_])")
"""Figures with what is written between them; brackets around an area."""
_NANP = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]([2-9]\d\d)[ .-](\d{4})")
_DATE = re.compile(r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d{2}")
_PLUS = re.compile(r"(?:\+|\bplus)[\s(]*$", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:\b(?:tele)?phone|\bmobile|\bcell|\bfax\b|\btel\b"
    r"|\b(?:call|ring|reach|text|phone)\s+(?:me|us|her|him|them|back)\b"
    r"|\bcall ?back\b|\bwhatsapp|전화|휴대폰|연락처|电话|手机|号码是)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:order|invoice|bill|customer|account|booking|ticket|reference|case|contract|parcel|tracking|serial)\b",
    re.IGNORECASE,
)
_NEAR = 60
"""Characters before a number in which it is said what it is of."""


def without_phone_numbers(text: str) -> str:
    """The text with `PHONE` for each number of a telephone."""
    if len(text) < _LEAST:
        return text
    text = _FIGURES.sub(lambda found: _written(found, text), text)
    return RUN.sub(lambda found: _spoken(found, text), text)


def shortened(number: str) -> str:
    """A number of which only the last three digits can be read; of an address only its digits are taken."""
    digits = [sign for sign in number if sign.isdigit()]
    return number if len(digits) < _LEAST - 2 else f"…{''.join(digits[-3:])}"


def _written(found: re.Match[str], text: str) -> str:
    run = found[0]
    if _DATE.search(run):
        return run
    digits = "".join(sign for sign in run if sign.isdigit())
    if _NANP.fullmatch(run) or _is_phone(digits, text[: found.start()], plus=run.startswith("+")):
        return PHONE
    return run


def _spoken(found: re.Match[str], text: str) -> str:
    run, before = found[0], text[: found.start()]
    if _DATE.search(run) or not _is_phone(digits_of(run), before, plus=_PLUS.search(before) is not None):
        return run
    return PHONE


def _is_phone(digits: str, before: str, *, plus: bool) -> bool:
    if not _LEAST <= len(digits) <= _MOST + 2 or counts(digits):
        return False
    if plus or digits.startswith("00"):
        return len(digits.removeprefix("00")) in range(8, _MOST + 1) and digits[:3] != "000"
    if digits.startswith("0"):
        return len(digits) in _NATIONAL
    return len(digits) <= _MOST and _speaks_of_a_telephone(before[-_NEAR:])


def _speaks_of_a_telephone(before: str) -> bool:
    """Whether the last thing that was named before a number is a telephone, and nothing else."""
    said = max((found.end() for found in _ABOUT.finditer(before)), default=-1)
    return said > max((found.end() for found in _OTHER.finditer(before)), default=-1)
