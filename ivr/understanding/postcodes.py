"""Postcodes as people say them: "e c six seven g j", "Charlie Bravo 2 1 Tango November", "oh two one three".

A British postcode is an area of one or two letters, a district (a digit, and perhaps a digit or letter), a
sector digit and two letters of the unit, which are never C, I, K, M, O or V (Royal Mail's format). What was
heard is read along that format, so that a letter where a digit must be is the digit it sounds like. An
American ZIP code is five digits, or nine.
"""

from __future__ import annotations

import functools
import string
from typing import NamedTuple

from ivr.understanding.spelling import ADDED, CODE, Alphabet

_AREAS = """
    ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh
    en ex fk fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m
    me mk ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st
    sw sy ta td tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze
"""
AREAS = frozenset(_AREAS.split())
"""The 124 postcode areas of the United Kingdom and the Crown dependencies."""

_UNIT = frozenset(string.ascii_lowercase) - set("cikmov")
_LETTERS = frozenset(string.ascii_lowercase)
_DIGITS = frozenset(string.digits)
_UNKNOWN_AREA = 1.0
_DEAREST = 2.5
_FEWEST, _MOST_SYMBOLS = 4, 14
_MOST_STATES = 5
_REPAIRS = 3


class _State(NamedTuple):
    """A place of the format: what may stand there, and the places that may follow."""

    allowed: frozenset[str]
    following: tuple[str, ...]


_FORMAT: dict[str, _State] = {
    "area": _State(_LETTERS, ("area 2", "district")),
    "area 2": _State(_LETTERS, ("district",)),
    "district": _State(_DIGITS, ("district 2", "sector")),
    "district 2": _State(_DIGITS | _LETTERS, ("sector",)),
    "sector": _State(_DIGITS, ("unit",)),
    "unit": _State(_UNIT, ("unit 2",)),
    "unit 2": _State(_UNIT, ()),
}


def is_uk_postcode(text: str) -> bool:
    """Whether a text in canonical form ("EC6 7GJ") has the format of a British postcode."""
    outward, _, inward = text.lower().partition(" ")
    if text != text.upper() or len(inward) != 3:
        return False
    at = {"area"}
    for char in outward + inward:
        fitting = {place for place in at if char in _FORMAT[place].allowed}
        if not fitting:
            return False
        ended = "unit 2" in fitting
        at = {following for place in fitting for following in _FORMAT[place].following}
    return ended and outward.rstrip(string.digits)[:2].rstrip(string.digits) in AREAS


def canonical(postcode: str) -> str:
    """A postcode without its space as it is written: "ec67gj" as "EC6 7GJ"."""
    return f"{postcode[:-3]} {postcode[-3:]}".upper()


def uk_readings(heard: str, alphabet: Alphabet, most: int) -> tuple[tuple[str, float], ...]:
    """The postcodes that fit a string of heard letters and digits best, without space, with their costs.

    () when nothing fits at a cost up to 2.5. The work is bounded: at most 14 symbols, the 7 places of the
    format, 5 prefixes at each.
    """
    if not _FEWEST <= len(heard) <= _MOST_SYMBOLS:
        return ()
    beams: dict[str, list[tuple[float, str]]] = {"": [(0.0, "")]}
    for symbol in heard:
        after: dict[str, dict[str, float]] = {}
        for place, prefixes in beams.items():
            for cost, prefix in prefixes:
                if cost + ADDED <= _DEAREST:
                    _keep(after, place, prefix, cost + ADDED)
                for following in _following(place):
                    area = _UNKNOWN_AREA if following == "district" and prefix not in AREAS else 0.0
                    for char, apart in _repairs(symbol, following, alphabet):
                        if cost + apart + area > _DEAREST:
                            break
                        _keep(after, following, prefix + char, cost + apart + area)
        beams = {place: _best(prefixes) for place, prefixes in after.items()}
    return tuple((postcode, cost) for cost, postcode in beams.get("unit 2", [])[:most])


def _following(place: str) -> tuple[str, ...]:
    return ("area",) if place == "" else _FORMAT[place].following


@functools.lru_cache(maxsize=2_000)
def _repairs(symbol: str, place: str, alphabet: Alphabet) -> tuple[tuple[str, float], ...]:
    """The symbols that may stand at a place and sound most like the one heard."""
    allowed = _FORMAT[place].allowed
    if symbol.lower() in allowed and place != "area" and place != "area 2":
        return ((symbol.lower(), 0.0),)
    costs = alphabet.costs[CODE[symbol]]
    near = sorted((float(costs[CODE[char]]), char) for char in allowed)
    return tuple((char, cost) for cost, char in near[:_REPAIRS])


def _keep(beams: dict[str, dict[str, float]], place: str, prefix: str, cost: float) -> None:
    beam = beams.setdefault(place, {})
    if cost < beam.get(prefix, _DEAREST + 1.0):
        beam[prefix] = cost


def _best(prefixes: dict[str, float]) -> list[tuple[float, str]]:
    return sorted((cost, prefix) for prefix, cost in prefixes.items())[:_MOST_STATES]
