"""What the desk says back is what it would read again; and no words, however odd or many, take long."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slot_reading import READERS, SPECS, read

from ivr.dialog.language import load_language
from ivr.dialog.spoken import is_value, spoken
from ivr.meaning import SlotType

ENGLISH = load_language("en-GB")


def said_back(kind: SlotType, value: str) -> list[str]:
    assert is_value(SPECS[kind], value)
    return read(kind, spoken(SPECS[kind], value, ENGLISH))


@given(st.integers(0, 999_999))
def test_digits(number: int) -> None:
    value = f"{number:06}"
    assert said_back(SlotType.DIGITS, value)[0] == value


@given(st.integers(1, 999_999), st.integers(0, 99))
def test_money(whole: int, small: int) -> None:
    value = f"{whole}.{small:02} GBP"
    assert value in said_back(SlotType.MONEY, value)


@given(st.integers(1, 23), st.integers(0, 59))
def test_durations(hours: int, minutes: int) -> None:
    value = f"PT{hours}H" + (f"{minutes}M" if minutes else "")
    assert said_back(SlotType.DURATION, value)[0] == value


@given(st.text(alphabet=string.ascii_uppercase, min_size=3, max_size=12))
def test_spelled_letters(value: str) -> None:
    assert value in said_back(SlotType.SPELLED, value)


LETTERS = st.sampled_from("ABDEFGHJLNPQRSTUWXYZ")


@given(
    area=st.sampled_from(["M", "B", "LS", "EC", "SW", "CB", "G"]),
    digits=st.integers(1, 99),
    sector=st.integers(0, 9),
    unit=st.tuples(LETTERS, LETTERS),
)
def test_postcodes(area: str, digits: int, sector: int, unit: tuple[str, str]) -> None:
    value = f"{area}{digits} {sector}{''.join(unit)}"
    assert value in said_back(SlotType.POSTCODE, value)


@given(
    local=st.sampled_from(["jane.doe", "bob", "mary-ann", "john_smith", "info", "sam.j.brown"]),
    digits=st.sampled_from(["", "7", "84"]),
    domain=st.sampled_from(["example.com", "acme.co.uk", "big-shop.org", "web.de"]),
)
def test_emails(local: str, digits: str, domain: str) -> None:
    value = f"{local}{digits}@{domain}"
    assert value in said_back(SlotType.EMAIL, value)


@given(
    number=st.integers(1, 999),
    street=st.sampled_from(["Quay Street", "High Street", "Oak Avenue", "Station Road"]),
    place=st.sampled_from(["Leeds", "York", "Port Alder"]),
)
def test_addresses(number: int, street: str, place: str) -> None:
    value = f"{number}|{street}|{place}"
    assert value in said_back(SlotType.ADDRESS, value)


# --- any words ----------------------------------------------------------------------------------------------

SOME = """double triple oh four 12 £ and a half of the third may week on friday half past dot at com
    all one word underscore b as in bravo for mother flat street road pounds pence hours to no not sorry
    3rd 2026-01-01 zed double you point minus dozen hundred million next after end day é 東京 😀 ' -- ; $(rm)
    <b> DROP TABLE"""
PIECES = st.sampled_from([*SOME.split(), "\x00", "\u202e"])
TEXTS = st.lists(PIECES, max_size=40).map(" ".join) | st.text(max_size=200)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(SlotType), text=TEXTS, asked=st.booleans())
def test_any_words_give_values_that_a_desk_can_say(kind: SlotType, text: str, asked: bool) -> None:
    for value in read(kind, text, asked):
        assert value
        if kind not in {SlotType.TEXT, SlotType.NAME, SlotType.CHOICE}:
            assert is_value(SPECS[kind], value), (kind, value)
            assert spoken(SPECS[kind], value, ENGLISH)


LONG = {
    "digits": "4" * 10_000,
    "digit words": "four " * 10_000,
    "double": "double " * 10_000,
    "double five": "double five " * 5_000,
    "at dot": "at dot " * 5_000,
    "dots": "a dot b " * 4_000,
    "signs": ".@" * 5_000,
    "and a half": "two and a half thousand " * 3_000,
    "million": "a million " * 5_000,
    "weeks": "a week on friday " * 3_000,
    "letters": "b as in bravo " * 3_000,
    "corrections": "five no sorry not " * 3_000,
    "streets": "12 high street road " * 3_000,
    "hours": "two to three hours and " * 3_000,
    "one word": "x" * 100_000,
    "spaces": " " * 100_000,
    "nulls": "\x00" * 10_000,
    "emoji": "😀" * 10_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_answers_take_bounded_time(text: str) -> None:
    for kind in READERS:
        read(kind, text)  # sounds of words are learned once
        start = time.thread_time()
        read(kind, text)
        assert time.thread_time() - start < 1.0, kind
