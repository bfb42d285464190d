"""Times of day as people say them: "half past three", "quarter to nine", "3 pm", "nine oh five".

A time without "am" or "pm" is read as the one in the working day first; the other one follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, numeral_end
from ivr.understanding.words import Words

# How often a time said without "am" or "pm" on a business line is meant in the working day; set by hand.
_WORKING = 0.85
_OTHER = 0.1
_EVENING = 5
"""The first hour that "at night" leaves in the second half of the day."""
_CLOCK = re.compile(r"(\d{1,2})([:.])(\d\d)")


def read_time(tokens: tuple[Token, ...], words: Words, asked: bool) -> tuple[Found, ...]:
    """Times said anywhere as "HH:MM", best first. A bare number is a time only in an answer or after "at"."""
    reader = _Reader(tuple(_exact(token, words) for token in tokens), words)
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        readings = [reading for reading in reader.readings(at) if asked or reading[3] or reader.led_in(at)]
        end = max((reading[2] for reading in readings), default=at)
        for hour, minute, stop, explicit in readings:
            if stop == end:
                found.extend(reader.found(hour, minute, at, end, explicit))
        at = max(end, at + 1)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (-one.score, one.start))[:6])


def tells_time(tokens: tuple[Token, ...], words: Words) -> bool:
    """Whether one of the words is of the kind that stands in every time of day."""
    return any(token.numeral or _exact(token, words).text in words.of_times for token in tokens)


def _exact(token: Token, words: Words) -> Token:
    """ "Fourish" as "four"."""
    stem = next((token.text.removesuffix(end) for end in words.times.about if token.text.endswith(end)), "")
    return replace(token, text=stem) if stem in words.numbers.units or stem in words.numbers.tens else token


def unfinished_time(tokens: tuple[Token, ...], words: Words) -> bool:
    """Whether the words stop inside a time: "half past", "quarter to"."""
    texts = [token.text for token in tokens]
    times = words.times
    phrases = (
        *times.half,
        *times.quarter_past,
        *times.quarter_to,
        *times.past,
        *times.to,
        "half",
        "quarter",
        "at",
    )
    return any(texts[-len(phrase.split()) :] == phrase.split() for phrase in phrases if texts)


class _Reader:
    def __init__(self, tokens: tuple[Token, ...], words: Words) -> None:
        self.tokens = tokens
        self.texts = [token.text for token in tokens]
        self.words = words
        self.times = words.times

    def word(self, at: int) -> str:
        return self.texts[at] if 0 <= at < len(self.texts) else ""

    def phrase(self, at: int, phrases: tuple[str, ...]) -> int:
        """Where the longest of `phrases` that stands at a place ends; the place itself if none does."""
        ends = (at + phrase.count(" ") + 1 for phrase in phrases if self._stands(at, phrase.split()))
        return max(ends, default=at)

    def _stands(self, at: int, phrase: list[str]) -> bool:
        return self.texts[at : at + len(phrase)] == phrase

    def led_in(self, at: int) -> bool:
        """Whether the word before makes a number a time: "at nine", "until ten"."""
        return self.word(at - 1) in {
            "at",
            "around",
            "by",
            "before",
            "after",
            "from",
            "until",
            "till",
            "about",
        }

    def readings(self, at: int) -> Iterator[tuple[int, int, int, bool]]:
        """(hour, minute, end, explicit) for every time of day on a dial whose words begin at a token."""
        if (end := self.phrase(at, self.times.noon)) > at:
            yield 12, 0, end, True
        if (end := self.phrase(at, self.times.midnight)) > at:
            yield 0, 0, end, True
        for phrases, minutes in (
            (self.times.half, 30),
            (self.times.quarter_past, 15),
            (self.times.quarter_to, -15),
        ):
            if (place := self.phrase(at, phrases)) > at:
                yield from self._relative(place, minutes)
        if (clock := _CLOCK.fullmatch(self.tokens[at].numeral)) is not None:
            end = numeral_end(self.tokens, at)
            first = at == 0 or self.tokens[at - 1].start != self.tokens[at].start
            hour, minute = int(clock[1]), int(clock[3])
            if first and hour < 24 and minute < 60 and (clock[2] == ":" or self.half_of_day(end)[0]):
                yield hour, minute, end, True
            return
        for count, place in cardinals(self.tokens, at, self.words.numbers):
            after = self.phrase(place, self.times.minutes)
            if 0 < count < 60:
                if (hours := self.phrase(after, self.times.past)) > after:
                    yield from self._relative(hours, count)
                if (hours := self.phrase(after, self.times.to)) > after:
                    yield from self._relative(hours, -count)
            if 0 <= count < 24:
                yield from self._digital(count, place)
        if (
            self.word(at) in self.words.durations.one
            and (after := self.phrase(at + 1, self.times.minutes)) > at + 1
        ):
            if (hours := self.phrase(after, self.times.past)) > after:  # "a minute past midnight"
                yield from self._relative(hours, 1)
            if (hours := self.phrase(after, self.times.to)) > after:
                yield from self._relative(hours, -1)
        zero = self.words.numbers.units.get(self.word(at), self.words.digits.words.get(self.word(at), 1))
        hour = self.words.numbers.units.get(self.word(at + 1), 0)
        if zero == 0 and 0 < hour < 10:  # "zero nine fifteen"
            yield from (one for one in self._digital(hour, at + 2) if one[3])

    def _relative(self, at: int, minutes: int) -> Iterator[tuple[int, int, int, bool]]:
        for hour, end in cardinals(self.tokens, at, self.words.numbers):
            if 0 < hour < 24:
                total = hour * 60 + minutes
                yield total // 60 or 12, total % 60, end, True
        if (end := self.phrase(at, self.times.noon)) > at:
            yield (12 * 60 + minutes) // 60, minutes % 60, end, True
        if (end := self.phrase(at, self.times.midnight)) > at:
            yield (24 * 60 + minutes) // 60 % 24, minutes % 60, end, True

    def _digital(self, hour: int, at: int) -> Iterator[tuple[int, int, int, bool]]:
        """ "nine", "nine o'clock", "nine thirty", "nine oh five", "fourteen hundred"."""
        oclock = self.phrase(at, self.times.oclock)
        explicit = oclock > at or self.half_of_day(oclock)[1] > oclock
        yield hour, 0, oclock, explicit
        if oclock > at and self.times.after:
            yield from self._after(hour, oclock)
        for minute, end in cardinals(self.tokens, at, self.words.numbers):
            if 10 <= minute < 60:
                yield hour, minute, end, True
        unit = self.words.numbers.units.get(self.word(at + 1), 0)
        if self.words.digits.words.get(self.word(at), 9) == 0 and 0 < unit < 10:
            yield hour, unit, at + 2, True
        if self.words.numbers.scales.get(self.word(at)) == 100 and hour > 12:
            yield hour, 0, at + 1, True

    def _after(self, hour: int, at: int) -> Iterator[tuple[int, int, int, bool]]:
        """ "세 시 반", "三点二十分": minutes after the mark of the hour."""
        for phrase, minute in self.times.after.items():
            if (end := self.phrase(at, (phrase,))) > at:
                yield hour, minute, end, True
        for minute, place in cardinals(self.tokens, at, self.words.numbers):
            end = self.phrase(place, self.times.minutes)
            if 0 < minute < 60 and (end > place or minute >= 10):
                yield hour, minute, end, True

    def half_of_day(self, at: int) -> tuple[str, int]:
        """ "am" or "pm" with where its words end, "" when the half of the day is not said there."""
        for half, phrases in (("am", self.times.am), ("pm", self.times.pm)):
            if (end := self.phrase(at, phrases)) > at:
                return half, end
        return "", at

    def found(self, hour: int, minute: int, start: int, end: int, explicit: bool) -> Iterator[Found]:
        """The times of a 24-hour day that a time on the dial may be."""
        half, stop = self.half_of_day(end)
        if self.phrase(end, self.times.night) > end and (hour == 12 or hour < _EVENING):
            half = "am"  # "twelve at night", "two at night"
        if not half:  # "tomorrow afternoon at three"
            half = next((said for at in range(start) if (said := self.half_of_day(at)[0])), "")
        noon_or_midnight = self.word(start) in (*self.times.noon, *self.times.midnight)
        if hour > 12 or hour == 0 or noon_or_midnight:
            yield _time(hour, minute, start, stop, 0.95)
        elif half:
            yield _time(hour % 12 + 12 * (half == "pm"), minute, start, stop, 0.95)
        else:
            afternoon = hour % 12 + 12
            first, second = (afternoon, hour % 12) if hour < 7 or hour == 12 else (hour, afternoon)
            sure = 1.0 if explicit else 0.9
            yield _time(first, minute, start, stop, _WORKING * sure)
            yield _time(second, minute, start, stop, _OTHER * sure)


def _time(hour: int, minute: int, start: int, end: int, score: float) -> Found:
    return Found(f"{hour % 24:02d}:{minute:02d}", start, end, score)
