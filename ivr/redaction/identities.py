"""Numbers that name a person: national identities, social security, passports, bank accounts.

Where a kind has check digits they are computed, so that of other numbers of its shape few are taken for one.
Kinds without any (a passport, nine digits of social security that are said aloud) are known by the words
before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from ivr.redaction.runs import RUN, counts, digits_of

IDENTITY = "[ID number]"
"""Stands for one."""
_LEAST = 6

_BEGIN, _END = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
_NEAR = 50
_ABOUT = re.compile(
    r"\b(?:passport|social security|national insurance|identity (?:card|number)|id (?:card|number)"
    r"|national id|driv(?:ing|er'?s?) licen[cs]e|tax (?:number|id)|insurance number)\b"
    r"|身份证|护照|주민등록|여권",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"{_BEGIN}(?:[A-Za-z]{{1,3}}[ -]?)?\d(?:[ -]?\d){{4,11}}[A-Za-z]?{_END}")
"""A number of a document: some letters, then at least five digits."""


def without_identities(text: str) -> str:
    """The text with `IDENTITY` for each number that names a person."""
    if sum(sign.isdigit() for sign in text) < _LEAST and len(text.split()) < _LEAST - 2:
        return text
    for shape, checks in _KINDS:
        text = shape.sub(lambda found, checks=checks: IDENTITY if checks(found) else found[0], text)  # type: ignore[misc]
    if _ABOUT.search(text) is None:
        return text
    text = _NAMED.sub(lambda found: IDENTITY if _named(text, found.start()) else found[0], text)
    return RUN.sub(lambda found: _spoken(found, text), text)


def _named(text: str, start: int) -> bool:
    """Whether the words before say that a number of a document follows."""
    return _ABOUT.search(text[max(0, start - _NEAR) : start]) is not None


def _spoken(found: re.Match[str], text: str) -> str:
    digits = digits_of(found[0])
    known = len(digits) >= _LEAST and not counts(digits) and _named(text, found.start())
    return IDENTITY if known else found[0]


# --- kinds, each with the source of its check ----------------------------------------------------------


def _social_security(found: re.Match[str]) -> bool:
    """United States: no area 000, 666 or 9xx, no group 00, no serial 0000 (SSA, since 2011)."""
    area, group, serial = found.groups()
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def _national_insurance(found: re.Match[str]) -> bool:
    """United Kingdom: prefixes that are never given (HMRC NIM39110)."""
    return found[1].upper() not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


def _bank_account(found: re.Match[str]) -> bool:
    """IBAN: the remainder by 97 is 1 when the first four signs stand last (ISO 13616)."""
    signs = re.sub(r"[ -]", "", found[0]).upper()
    if not 15 <= len(signs) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


def _chinese(found: re.Match[str]) -> bool:
    """China, 18 signs: a day of birth, and ISO 7064 MOD 11-2 (GB 11643-1999)."""
    signs = found[0].upper()
    total = sum(int(sign) * pow(2, 17 - place, 11) for place, sign in enumerate(signs[:17]))
    return _day(signs[6:10], signs[10:12], signs[12:14]) and "10X98765432"[total % 11] == signs[17]


def _korean(found: re.Match[str]) -> bool:
    """South Korea: six digits of a day of birth, a hyphen, seven digits; the first of them is the century."""
    born, rest = found.groups()
    century = {"1": "19", "2": "19", "3": "20", "4": "20", "5": "19", "6": "19", "7": "20", "8": "20"}
    return rest[0] in century and _day(century[rest[0]] + born[:2], born[2:4], born[4:6])


def _french(found: re.Match[str]) -> bool:
    """France: 13 signs and a key, 97 less their remainder by 97 (INSEE); Corsica's A and B count as 0."""
    signs = re.sub(r"\D", "", found[0])
    return 1 <= int(signs[3:5]) <= 12 and 97 - int(signs[:13]) % 97 == int(signs[13:])


def _spanish(found: re.Match[str]) -> bool:
    """Spain, DNI and NIE: the letter is that of the remainder by 23."""
    signs = re.sub(r"[ -]", "", found[0]).upper()
    number = signs[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == signs[-1]


def _italian(found: re.Match[str]) -> bool:
    """Italy, codice fiscale: the last letter checks the others (D.M. 23/12/1976)."""
    signs = found[0].upper()
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    places = [int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in signs[:15]]
    total = sum(odd[place] if n % 2 == 0 else place for n, place in enumerate(places))
    return chr(ord("A") + total % 26) == signs[15]


def _day(year: str, month: str, day: str) -> bool:
    try:
        return 1900 <= date(int(year), int(month), int(day)).year <= 2100
    except ValueError:
        return False


_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (
        re.compile(
            r"(?<![A-Za-z0-9_-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9_-])", re.IGNORECASE
        ),
        _bank_account,
    ),
    (re.compile(r"(?<![A-Za-z0-9_-])(\d{3})[- ](\d{2})[- ](\d{4})(?![A-Za-z0-9_-])"), _social_security),
    (
        re.compile(
            rf"{_BEGIN}([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]) ?\d{{2}} ?\d{{2}} ?\d{{2}} ?[A-D]{_END}",
            re.IGNORECASE,
        ),
        _national_insurance,
    ),
    (re.compile(r"(?<![A-Za-z0-9_])\d{17}[\dXx](?![A-Za-z0-9_])"), _chinese),
    (re.compile(r"(?<![A-Za-z0-9_-])(\d{6}) ?- ?(\d{7})(?![A-Za-z0-9_-])"), _korean),
    (re.compile(r"(?<![A-Za-z0-9_])[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?![A-Za-z0-9_])"), _french),
    (
        re.compile(r"(?<![A-Za-z0-9_])(?:\d{8}|[XYZ] ?-?\d{7})[ -]?[A-Z](?![A-Za-z0-9_])", re.IGNORECASE),
        _spanish,
    ),
    (
        re.compile(r"(?<![A-Za-z0-9_])[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?![A-Za-z0-9_])", re.IGNORECASE),
        _italian,
    ),
)
