"""Amounts of money: "twelve fifty", "twenty pounds and five pence", "$5", "two and a half thousand euros"."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from ivr.understanding.amounts import amounts
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, numeral_end
from ivr.understanding.words import Words

_CURRENCY_OF = MappingProxyType(
    {
        "US": "USD",
        "GB": "GBP",
        "CA": "CAD",
        "AU": "AUD",
        "NZ": "NZD",
        "SG": "SGD",
        "HK": "HKD",
        "IE": "EUR",
        "DE": "EUR",
        "FR": "EUR",
        "ES": "EUR",
        "IT": "EUR",
        "NL": "EUR",
        "AT": "EUR",
        "BE": "EUR",
        "PT": "EUR",
        "FI": "EUR",
    }
)
"""ISO 4217 code of the money of a region, for the desks there are languages for."""

_LARGEST = Decimal(10) ** 12
_SAID = 0.95
_TOGETHER = 0.85  # "twelve fifty"
_ALONE = 0.75  # "twelve"
_OTHER = 0.1


class _Unit(NamedTuple):
    sign: str
    small: bool


class _Amount(NamedTuple):
    value: Decimal
    sign: str
    end: int
    score: float


def read_money(tokens: tuple[Token, ...], words: Words, language: str, asked: bool) -> tuple[Found, ...]:
    """Amounts as "12.50 USD", best first; as "12.50" when neither the caller nor the region says a currency.

    language  BCP 47 tag; its region tells which dollars are meant, and the currency of an answer without one
    asked     whether an amount was asked for: numbers alone are then amounts
    """
    region = language.replace("_", "-").upper().partition("-")[2].rpartition("-")[2]
    home = _CURRENCY_OF.get(region, "")
    reader = _Reader(tokens, words)
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        some = [one for one in reader.amounts(at) if one.sign or asked]
        longest = max((one.end for one in some), default=at)
        for one in some:
            if one.end == longest and one.value < _LARGEST:
                code = _code(one.sign, home, words)
                found.append(Found(f"{one.value:.2f} {code}".strip(), at, one.end, one.score))
        at = max(longest, at + 1)
    # The last amount stands first among equals: callers put themselves right by saying it again.
    order = sorted(enumerate(found), key=lambda pair: (-pair[1].score, -pair[0]))
    return tuple(dict.fromkeys(one for _, one in order))[:6]


def _code(sign: str, home: str, words: Words) -> str:
    code = words.money.codes.get(sign, "")
    if not code:
        return home
    return home if home and sign == "$" and home.endswith("D") else code


class _Reader:
    def __init__(self, tokens: tuple[Token, ...], words: Words) -> None:
        self.tokens = tokens
        self.words = words
        self.units: dict[str, _Unit] = {}
        for sign, names in words.currencies.items():
            for place, name in enumerate(names):
                self.units.setdefault(name, _Unit(sign, place > 1))
        for name, sign in words.money.more.items():
            self.units.setdefault(name, _Unit(sign, False))
        for name, sign in words.money.small.items():
            self.units.setdefault(name, _Unit(sign, True))

    def word(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def unit(self, at: int) -> _Unit | None:
        return self.units.get(self.word(at))

    def amounts(self, at: int) -> Iterator[_Amount]:
        """Every amount whose words begin at a token."""
        numeral = self.tokens[at].numeral
        if at > 0 and numeral and self.tokens[at - 1].start == self.tokens[at].start:
            return  # in the middle of a numeral
        if numeral[:1] in self.words.currencies:
            end = numeral_end(self.tokens, at)
            value = Decimal(numeral[1:].replace(",", "")[:20] or 0)
            yield from self._scaled(_Amount(value, numeral[0], end, _SAID))
            return
        numbers = list(amounts(self.tokens, at, self.words))
        if self.word(at) in self.words.durations.one and (
            self.unit(at + 1) is not None or self.word(at + 1) in self.words.money.notes
        ):
            numbers.append((Decimal(1), at + 1))  # "a dollar fifty"
        for number, end in numbers:
            unit = self.unit(end)
            value = number
            if note := self.words.money.notes.get(self.word(end)):  # "two grand"
                yield _Amount(value * note, "", end + 1, _SAID)
                continue
            if unit is None:
                yield from self._bare(value, end)
            elif unit.small:
                yield _Amount(value / 100, unit.sign, end + 1, _SAID)
            else:
                yield from self._with_small(value, unit.sign, end + 1)

    def _scaled(self, amount: _Amount) -> Iterator[_Amount]:
        """ "$5 million", which normalising leaves as five dollars million."""
        scale = self.words.numbers.scales.get(self.word(amount.end))
        if scale:
            amount = amount._replace(value=amount.value * scale, end=amount.end + 1)
            amount = amount._replace(end=amount.end + (self.unit(amount.end) is not None))
        yield amount

    def _with_small(self, value: Decimal, sign: str, end: int) -> Iterator[_Amount]:
        """ "pounds" and perhaps "(and) five pence", "fifty"."""
        yield _Amount(value, sign, end, _SAID)
        rest = end + (self.word(end) == self.words.numbers.joiner)
        for small, after in (
            cardinals(self.tokens, rest, self.words.numbers) if rest < len(self.tokens) else ()
        ):
            unit = self.unit(after)
            whole = value == value.to_integral_value() and 0 < small < 100
            if whole and unit is not None and unit.small:
                yield _Amount(value + Decimal(small) / 100, sign, after + 1, _SAID)
            elif whole and unit is None and rest == end and small >= 10:
                yield _Amount(value + Decimal(small) / 100, sign, after, _TOGETHER)
        if self.word(rest) == "a" and self.word(rest + 1) == self.words.numbers.half and rest > end:
            yield _Amount(value + Decimal("0.5"), sign, rest + 2, _SAID)

    def _bare(self, value: Decimal, end: int) -> Iterator[_Amount]:
        """A number without a unit, or two: "twelve fifty", which may also be 1,250."""
        yield _Amount(value, "", end, _ALONE)
        numeral = self.tokens[end - 1].numeral
        if value != value.to_integral_value() or value >= 1000:
            return
        for small, after in cardinals(self.tokens, end, self.words.numbers) if end < len(self.tokens) else ():
            if not 10 <= small < 100 or bool(self.tokens[end].numeral) != bool(numeral):
                continue
            unit = self.unit(after)
            sign, stop = (unit.sign, after + 1) if unit is not None and not unit.small else ("", after)
            yield _Amount(value + Decimal(small) / 100, sign, stop, _TOGETHER)
            if value < 100:
                yield _Amount(value * 100 + small, sign, stop, _OTHER)
        unit_digit = self.words.numbers.units.get(self.word(end + 1), 0)
        if self.words.digits.words.get(self.word(end)) == 0 and 0 < unit_digit < 10:
            yield _Amount(value + Decimal(unit_digit) / 100, "", end + 2, _TOGETHER)
