"""How a caller sounds: words, and the voice against its own start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ivr.meaning import Mood, Vocabulary
from ivr.mood import MoodSense, Said
from ivr.understanding.matcher import Matcher


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(Vocabulary("en-US", ()))


def said(
    text: str, loudness: float = -20.0, pace: float = 2.6, interrupted: bool = False, **feelings: float
) -> Said:
    moods = {Mood(name): share for name, share in feelings.items()}
    return Said(text, len(text.split()) / pace, loudness, interrupted, moods)


def after(*utterances: Said) -> Mood:
    sense = MoodSense()
    return [sense.hear(one).mood for one in utterances][-1]


OTHERS = (
    "it was bought in spring",
    "my address has changed meanwhile",
    "could somebody come round",
    "the garden fence is green",
    "around noon would suit us",
)
CALM = said("I would like to know where my order is")


@pytest.mark.parametrize(
    ("more", "mood"),
    [
        (said("the number is four eight two"), Mood.CALM),
        (said("four eight two nine", loudness=-13.0), Mood.CALM),
        (said("I would like to know where my order is", loudness=-14.0), Mood.UPSET),
        (said("four eight two nine and so on", loudness=-11.0, pace=4.5), Mood.UPSET),
        (said("no", upset=1.0), Mood.UPSET),
        (said("no", angry=1.0), Mood.ANGRY),
        (said("no", distressed=1.0), Mood.DISTRESSED),
        (said("no", angry=0.6), Mood.CALM),
        (said("no", angry=0.6, loudness=-9.0, interrupted=True), Mood.UPSET),
        (said("no", angry=1.0, loudness=-9.0, interrupted=True), Mood.ANGRY),
        (said("well", interrupted=True), Mood.CALM),
    ],
    ids=lambda value: value if isinstance(value, Mood) else f"{value.text[:12]} {value.loudness}",
)
def test_one_more_utterance(more: Said, mood: Mood) -> None:
    assert after(CALM, more) is mood


def test_swearing_that_is_hardly_read_is_no_swearing() -> None:
    noise = Said(
        "I know fucking up halfway through starving", 2.5, -20.0, False, {Mood.ANGRY: 1.0}, sure=0.51
    )
    assert after(noise) is Mood.CALM
    assert after(replace(noise, sure=0.8)) is Mood.ANGRY


def test_nobody_is_loud_by_themselves() -> None:
    assert after(*(said(text, loudness=-6.0, pace=5.0) for text in OTHERS)) is Mood.CALM


def test_it_fades() -> None:
    calm = [said(text) for text in OTHERS]
    assert after(CALM, said("no", angry=1.0)) is Mood.ANGRY
    assert after(CALM, said("no", angry=1.0), *calm[:1]) is Mood.UPSET
    assert after(CALM, said("no", angry=1.0), *calm) is Mood.CALM


def test_a_call_without_sound_has_its_words() -> None:
    assert after(Said("this is outrageous", 0.0, None, False, {Mood.ANGRY: 1.0})) is Mood.ANGRY


def test_words_of_thirty_upset_and_thirty_calm_callers(matcher: Matcher, root: Path) -> None:
    data = YAML(typ="safe").load((root / "bench" / "data" / "moods.yaml").read_text(encoding="utf-8"))
    noticed = {
        kind: sum(any(matcher.feelings(turn.lstrip("!")) for turn in call) for call in calls)
        for kind, calls in data.items()
    }
    assert noticed["calm"] <= 1
    assert noticed["upset"] >= 24  # the others only raise their voice: `make bench-mood`


ENGLISH = Matcher(Vocabulary("en", ()))


def mood_of(text: str) -> Mood:
    return after(Said(text, 0.0, None, False, ENGLISH.feelings(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Could you tell me what the opening hours are?",
        "I'm a journalist, and I'm writing an article.",
        "I'm afraid I've lost my card.",
        "I'm afraid not.",
        "Please help me with my bill.",
        "My phone died yesterday and I need a new one.",
        "I would like to speak to your lawyer.",
        "My solicitor asked me to call you.",
        "How do I stop it?",
        "The signal is poor at my place.",
        "I don't know what to do with the old one.",
        "That's a shame. Then on Friday, please.",
        "I'm really lost, which department do I need?",
        "Could you put me through to the press office?",
    ],
)
def test_what_calm_callers_say(text: str) -> None:
    assert mood_of(text) is Mood.CALM


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("What the hell is going on with you people?", Mood.ANGRY),
        ("You will hear from my lawyer.", Mood.ANGRY),
        ("Get me your manager.", Mood.ANGRY),
        ("I want my money back, and I do not know what to do any more.", Mood.UPSET),
        ("This is such bad service.", Mood.UPSET),
        ("My husband just died and you send him bills.", Mood.DISTRESSED),
        ("I am afraid of him, he is still outside.", Mood.DISTRESSED),
    ],
)
def test_what_others_say(text: str, mood: Mood) -> None:
    assert mood_of(text) is mood


def test_a_mumbled_um_is_no_start_to_be_louder_than() -> None:
    um, sentence = said("um", loudness=-34.0), said("I would like to speak to Grace", loudness=-20.0)
    assert after(um, sentence) is Mood.CALM
    assert after(um, sentence, said("I would like to speak to Grace", loudness=-11.0)) is Mood.UPSET


def test_sound_without_words_is_no_start_to_be_louder_than() -> None:
    """People behind the caller are softer than the caller, who has not become loud then."""
    behind = Said("", 5.5, -37.0, False, {})
    assert after(behind, said("do you have a home page", loudness=-25.0)) is Mood.CALM
    assert after(CALM, Said("", 0.8, -8.0, False, {})) is Mood.CALM, "a door that slams"
