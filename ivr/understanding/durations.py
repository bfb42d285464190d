"""Spans of time: "an hour and a half", "ninety minutes", "two to three days", "a fortnight"."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ivr.understanding.amounts import amounts
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals
from ivr.understanding.words import Words

_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400
_MOST_SECONDS = 10**9
_MOST_MONTHS = 12 * 1000
_SAID = 0.95
_RANGE = 0.93


class _Span(NamedTuple):
    """A length of calendar months and one of seconds; days are 24 hours, weeks 7 days."""

    months: Fraction
    seconds: Fraction
    end: int
    """One past its last token."""


def read_duration(tokens: tuple[Token, ...], words: Words) -> tuple[Found, ...]:
    """Durations in the shortest clear form of ISO 8601 ("PT1H30M", "P2W"), best first.

    A range has both ends with a stroke between ("P2D/P3D"). A duration always says its unit.
    """
    reader = _Reader(tokens, words)
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        best: Found | None = None
        for value, end, score in reader.durations(at):
            if best is None or end > best.end:
                best = Found(value, at, end, score)
        if best is not None:
            found.append(best)
        at = max(at + 1, best.end if best is not None else 0)
    return tuple(reversed(found))[:6]


def canonical_duration(months: Fraction, seconds: Fraction) -> str:
    """ISO 8601, "" for what it cannot say: 90 minutes are PT1H30M, whole weeks P2W, 10 days P10D."""
    if months.denominator != 1:
        seconds += (months - int(months)) * 30 * _DAY
    whole = int(months)
    if seconds.denominator != 1 or not 0 <= seconds <= _MOST_SECONDS or not 0 <= whole <= _MOST_MONTHS:
        return ""
    years, left = divmod(whole, 12)
    days, rest = divmod(int(seconds), _DAY)
    if days and not rest and not whole and days % 7 == 0:
        return f"P{days // 7}W"
    hours, rest = divmod(rest, _HOUR)
    minutes, left_over = divmod(rest, _MINUTE)
    date = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (left, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (left_over, "S")) if n)
    return f"P{date}T{time}" if time else f"P{date}" if date else ""


class _Reader:
    def __init__(self, tokens: tuple[Token, ...], words: Words) -> None:
        self.tokens = tokens
        self.words = words
        spans = words.durations
        seconds = (
            (spans.seconds, _SECOND),
            (spans.minutes, _MINUTE),
            (spans.hours, _HOUR),
            (spans.days, _DAY),
            (spans.weeks, 7 * _DAY),
            (spans.fortnights, 14 * _DAY),
        )
        months = ((spans.months, 1), (spans.years, 12))
        self.seconds = {name: Fraction(size) for names, size in seconds for name in names}
        self.months = {name: Fraction(size) for names, size in months for name in names}

    def word(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def durations(self, at: int) -> Iterator[tuple[str, int, float]]:
        """(value, end, score) of every duration and range whose words begin at a token."""
        for span in self._spans(at):
            if value := canonical_duration(span.months, span.seconds):
                yield value, span.end, _SAID
                if self.word(span.end) in self.words.durations.to:
                    for other in self._spans(span.end + 1):
                        later = canonical_duration(other.months, other.seconds)
                        if later and (other.months, other.seconds) > (span.months, span.seconds):
                            yield f"{value}/{later}", other.end, _RANGE
                if self.word(span.end) in self.words.durations.or_:  # "an hour or two"
                    for number, end in amounts(self.tokens, span.end + 1, self.words):
                        times = Fraction(number)
                        more = canonical_duration(span.months * times, span.seconds * times)
                        if number > 1 and more and not self._size(end) and self._single(at, span):
                            yield f"{value}/{more}", end, _RANGE
        yield from self._ranges(at)

    def _single(self, at: int, span: _Span) -> bool:
        """Whether a duration is one of its unit: "an hour"."""
        return span.end == at + 2 and self.word(at) in {*self.words.durations.one, "one"}

    def _ranges(self, at: int) -> Iterator[tuple[str, int, float]]:
        """ "two to three days", "ten or fifteen minutes", "10-15 minutes", "between two and three days"."""
        joined = {*self.words.durations.to, self.words.numbers.joiner}
        for low, place in amounts(self.tokens, at, self.words):
            between = place + (self.word(place) in joined)
            for high, end in amounts(self.tokens, between, self.words):
                if high <= low:
                    continue
                for span in self._unit(Fraction(high), end):
                    share = Fraction(low) / Fraction(high)
                    first = canonical_duration(span.months * share, span.seconds * share)
                    second = canonical_duration(span.months, span.seconds)
                    if first and second:
                        yield f"{first}/{second}", span.end, _RANGE

    def _spans(self, at: int) -> Iterator[_Span]:
        """Durations of one or several units: "two hours (and) thirty minutes (and) five seconds"."""
        for first in self._one(at):
            yield first
            span = first
            for _ in range(3):
                rest = span.end + (self.word(span.end) == self.words.numbers.joiner)
                following = next(iter(self._one(rest)), None)
                size = self._size(first.end - 1)
                if following is None or self._size(following.end - 1) >= size:
                    yield from self._minutes_alone(span)
                    break
                span = _Span(span.months + following.months, span.seconds + following.seconds, following.end)
                yield span

    def _minutes_alone(self, span: _Span) -> Iterator[_Span]:
        """ "two hours fifteen"."""
        if self.seconds.get(self.word(span.end - 1)) == _HOUR:
            for minutes, end in cardinals(self.tokens, span.end, self.words.numbers):
                if 10 <= minutes < 60 and not self._size(end):
                    yield _Span(span.months, span.seconds + minutes * _MINUTE, end)

    def _size(self, at: int) -> Fraction:
        name = self.word(at)
        return self.seconds.get(name, self.months.get(name, Fraction(0)) * 30 * _DAY)

    def _one(self, at: int) -> Iterator[_Span]:
        numbers = self.words.numbers
        half, one = numbers.half, self.words.durations.one
        if half and self.word(at) == half:  # "half an hour"
            yield from self._unit(Fraction(1, 2), at + 1 + (self.word(at + 1) in one))
        if self.word(at) in one and self.word(at + 1) == half != "":  # "a half hour"
            yield from self._unit(Fraction(1, 2), at + 2)
        yield from self._quarters(at)
        counts = [(Fraction(number), end) for number, end in amounts(self.tokens, at, self.words)]
        if self.word(at) in one:
            counts.append((Fraction(1), at + 1))
        for count, place in counts:
            for span in self._unit(count, place):
                # "an hour and a half", "two days and a half"
                ends = self.word(span.end) == numbers.joiner and self.word(span.end + 1) in one
                if ends and self.word(span.end + 2) == half != "":
                    more = Fraction(1, 2) / count if count else Fraction(0)
                    yield _Span(span.months * (1 + more), span.seconds * (1 + more), span.end + 3)
                elif ends and self.word(span.end + 2) in self.words.durations.quarter:
                    more = Fraction(1, 4) / count if count else Fraction(0)
                    yield _Span(span.months * (1 + more), span.seconds * (1 + more), span.end + 3)
                else:
                    yield span

    def _quarters(self, at: int) -> Iterator[_Span]:
        """ "a quarter of an hour", "three quarters of an hour"."""
        counts = [(1, at + 1)] if self.word(at) in self.words.durations.one else [(1, at)]
        units = self.words.numbers.units
        if 0 < (said := units.get(self.word(at), 0)) < 4:
            counts = [(said, at + 1)]
        for count, place in counts:
            if self.word(place) in self.words.durations.quarter:
                rest = place + 1
                rest += self.word(rest) in self.words.dates.of
                rest += self.word(rest) in self.words.durations.one
                yield from self._unit(Fraction(count, 4), rest)

    def _unit(self, count: Fraction, at: int) -> Iterator[_Span]:
        at += self.word(at) in self.words.durations.kinds
        name = self.word(at)
        if name in self.seconds:
            yield _Span(Fraction(0), count * self.seconds[name], at + 1)
        elif name in self.months:
            yield _Span(count * self.months[name], Fraction(0), at + 1)
