from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.understanding.phonemes import (
    COSTS,
    GAP,
    Codes,
    EnglishSpeller,
    Sounding,
    Sounds,
    distance,
    distances,
    encode,
    find,
    likeness,
    pad,
    spell_letters,
)

PHONEMES = st.text(alphabet="pbtdkɡfvszmnlɹɪɛæɑʌuiOAI", max_size=8)


def naive_distance(first: Codes, second: Codes, free_ends: bool = False) -> float:
    """Edit distance with COSTS and GAP, cell by cell; with `free_ends`, of `second` anywhere in `first`."""
    table = np.zeros((len(first) + 1, len(second) + 1))
    table[0, :] = GAP * np.arange(len(second) + 1)
    table[:, 0] = 0.0 if free_ends else GAP * np.arange(len(first) + 1)
    for row in range(1, len(first) + 1):
        for column in range(1, len(second) + 1):
            table[row, column] = min(
                table[row - 1, column - 1] + COSTS[first[row - 1], second[column - 1]],
                table[row - 1, column] + GAP,
                table[row, column - 1] + GAP,
            )
    return float(table[:, -1].min() if free_ends else table[-1, -1])


@given(PHONEMES, PHONEMES)
def test_distance_is_the_edit_distance(first: str, second: str) -> None:
    assert distance(encode(first), encode(second)) == pytest.approx(
        naive_distance(encode(first), encode(second)), abs=1e-4
    )
    assert 0.0 <= likeness(first, second) <= 1.0
    assert likeness(first, first) == 1.0


@given(PHONEMES, st.lists(PHONEMES, min_size=1, max_size=6))
def test_distances_are_those_of_one_after_the_other(first: str, others: list[str]) -> None:
    codes = [encode(other) for other in others]
    assert distances(encode(first), *pad(codes)) == pytest.approx(
        [naive_distance(encode(first), other) for other in codes], abs=1e-4
    )


def test_words_are_found_by_their_sound() -> None:
    sounds = Sounds("en")
    known = Sounding(["breathing", "fire", "bleeding", "breeding"], sounds)
    assert known.alike(sounds.word("breathing"), 0.75) == ("breathing", "breeding")
    assert known.alike(sounds.word("fires"), 0.75) == ("fire",)
    assert known.alike(sounds.word("invoice"), 0.75) == ()
    assert known.alike("", 0.75) == Sounding([], sounds).alike("fire", 0.0) == ()


@given(PHONEMES.filter(bool), st.lists(PHONEMES.filter(bool), min_size=1, max_size=6))
def test_find_gives_the_cheapest_place(heard: str, phrases: list[str]) -> None:
    codes = [encode(phrase) for phrase in phrases]
    places = find(encode(heard), *pad(codes))
    for row, phrase in enumerate(codes):
        assert places.cost[row] == pytest.approx(naive_distance(encode(heard), phrase, True), abs=0.06)
        start, end = int(places.start[row]), int(places.end[row])
        assert 0 <= start <= end <= len(heard)
        assert naive_distance(encode(heard[start:end]), phrase) == pytest.approx(places.cost[row], abs=0.06)


def test_find_shows_where(sounds: Sounds) -> None:
    before, phrase, after = (sounds.word(word) for word in ("some", "mocha", "please"))
    places = find(encode(before + phrase + after), *pad([encode(phrase)]))
    assert (places.cost[0], places.start[0], places.end[0]) == (0.0, len(before), len(before + phrase))


def test_nothing_heard_costs_the_whole_phrase() -> None:
    places = find(encode(""), *pad([encode("bɪl"), encode("k")]))
    assert places.cost == pytest.approx([3 * GAP, GAP])


@pytest.mark.parametrize(
    ("said", "heard", "other"),
    [
        ("iced mocha", "ice smoker", "espresso"),
        ("twelve ounce", "to elbows", "sixteen ounce"),
        ("medium roast", "medium rose", "light roast"),
        ("john smith", "jon smyth", "john baxter"),
        ("billing", "building", "shipping"),
    ],
)
def test_mistakes_of_recognizers_sound_like_what_was_said(
    said: str, heard: str, other: str, sounds: Sounds
) -> None:
    spoken, mistaken, different = (sounds.phrase(tuple(text.split())) for text in (said, heard, other))
    assert likeness(spoken, mistaken) > likeness(different, mistaken) + 0.1


def test_sounds_close_over_the_telephone_cost_less() -> None:
    p, b, k, m, s, f, vowel, other = encode("pbkmsfɪæ")
    assert COSTS[vowel, other] < COSTS[p, b] < COSTS[p, k] < COSTS[p, m] < COSTS[p, vowel]
    assert COSTS[s, f] < COSTS[s, p]
    assert (COSTS == COSTS.T).all()
    assert (np.diag(COSTS)[1:] == 0).all()


def test_words_are_spelled_once() -> None:
    asked: list[str] = []

    def speller(word: str) -> str:
        asked.append(word)
        return word

    sounds = Sounds("en", speller)
    assert sounds.phrase(("a", "b", "a")) == "aba"
    assert sounds.word("x" * 1_000) == "x" * 40
    assert asked == ["a", "b", "x" * 40]


def test_a_g2p_can_be_shared() -> None:
    assert EnglishSpeller(lambda word: f"ˈ{word} ˌɑ,")("bo") == "boɑ"
    assert EnglishSpeller(lambda word: "")("bo") == "bo"


@pytest.mark.parametrize(
    ("word", "letters"), [("été", "ete"), ("한국", "한국"), ("привет", "привет"), ("a1-b", "ab")]
)
def test_other_languages_sound_like_their_letters(word: str, letters: str) -> None:
    import unicodedata

    assert spell_letters(word) == unicodedata.normalize("NFD", letters)
    assert Sounds("xx").word(word) == spell_letters(word)
    assert likeness(spell_letters(word), spell_letters(word)) == 1.0


def test_letters_of_any_script_have_a_code() -> None:
    codes = encode("한국привет漢字ab")
    assert codes.min() > 0
    assert codes.max() < len(COSTS)
