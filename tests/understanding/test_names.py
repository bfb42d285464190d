from __future__ import annotations

import itertools
import time
from datetime import datetime
from pathlib import Path

import pytest
from understanding_desks import PERSON

from ivr.dialog.load import load_desk
from ivr.meaning import Choice, Expect, Hypothesis, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.matcher import Matcher
from ivr.understanding.names import CHOICES, NAMES, Option, OptionReader, options_of_names, read_free_name
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import Utterance, utterance
from ivr.understanding.words import Words


@pytest.fixture(scope="module")
def directory(words: Words, sounds: Sounds) -> OptionReader:
    ways = {choice.value: [plain_words(choice.value, words)] for choice in PERSON.choices}
    return OptionReader(options_of_names(PERSON.choices, ways, words), sounds, words, NAMES)


@pytest.fixture
def say(words: Words, sounds: Sounds):
    def prepared(text: str) -> Utterance:
        return utterance(text, words, sounds)

    return prepared


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("can I speak to Eleanor Whitfield", "Eleanor Whitfield"),
        ("Maria can veil a please", "Maria Gonzalez"),
        ("I need senior petrover", "Xenia Petrova"),
        ("could you put me through to Rachel McInerra", "Rachel Nakamura"),
        ("is patrick the lanie there", "Patrick Delaney"),
        ("mister kowalski please", "Daniel Kowalski"),
        ("jon smyth", "John Smith"),
        ("Zoe", "Zoe Carmichael"),
    ],
)
def test_names_are_found_by_their_sound(heard: str, name: str, directory: OptionReader, say) -> None:
    found = directory.read(say(heard), True)
    assert found[0].value == name
    assert found[0].score > 0.45


def test_the_place_of_a_name_is_given(directory: OptionReader, say) -> None:
    heard = say("um could I speak to Grace Lindqvist, please")
    found = directory.read(heard, False)[0]
    assert heard.said(found.start, found.end) == "Grace Lindqvist"


def test_a_first_name_of_two_people_is_no_answer_for_either(directory: OptionReader, say) -> None:
    both = directory.read(say("John please"), True)[:2]
    assert {one.value for one in both} == {"John Smith", "John Baxter"}
    assert all(0.2 < one.score < 0.5 for one in both)


def test_a_first_name_beside_another_last_name_is_someone_else(directory: OptionReader, say) -> None:
    known = directory.read(say("jack please"), True)[0]
    assert (known.value, known.score > 0.75) == ("Jack Thornbury", True)
    assert directory.read(say("jack rigby please"), True)[0].score < 0.6 * known.score


@pytest.mark.parametrize(
    "heard",
    [
        "I have a question about my bill",
        "what are your opening hours",
        "my machine is broken",
        "will you help me",
    ],
)
def test_other_sentences_hold_no_name(heard: str, directory: OptionReader, say) -> None:
    assert all(one.score < 0.3 for one in directory.read(say(heard), False))


def test_scores_of_all_values_add_up_to_less_than_one(directory: OptionReader, say) -> None:
    for heard in ("john", "martin kessler", "martha keller", "jack karen liam maria"):
        assert sum(one.score for one in directory.read(say(heard), True)) < 1.0


def test_nothing_heard_or_nothing_to_find(directory: OptionReader, say, words: Words, sounds: Sounds) -> None:
    assert directory.read(say(""), True) == ()
    assert directory.read(say("um"), True) == ()
    assert OptionReader([], sounds, words, NAMES).read(say("john"), True) == ()
    assert OptionReader([Option("x", ())], sounds, words, NAMES).read(say("john"), True) == ()


def test_a_directory_of_five_thousand_is_searched_in_time(words: Words, sounds: Sounds, say) -> None:
    firsts = ("anna", "boris", "clara", "dennis", "edith", "frank", "gloria", "hugo", "irene", "james")
    middles = ("ti", "lo", "ka", "ve", "ru", "ne", "do", "su", "pi", "ga")
    ends = ("son", "ley", "man", "ford", "well", "by", "ton", "stein", "berg", "wick")
    lasts = [
        "".join(parts) for parts in itertools.product(("hal", "mor", "wen", "tas", "ber"), middles, ends)
    ]
    choices = tuple(Choice(f"{first} {last}", ()) for first, last in itertools.product(firsts, lasts))
    assert len(choices) == 5_000
    ways = {choice.value: [tuple(choice.value.split())] for choice in choices}
    reader = OptionReader(options_of_names(choices, ways, words), sounds, words, NAMES)
    heard = say("good morning could I speak to gloria morvestein please")
    reader.read(heard, True)
    begin = time.thread_time()
    assert reader.read(heard, True)[0].value == "gloria morvestein"
    assert time.thread_time() - begin < 0.1


def test_a_short_choice_among_many_is_found_word_for_word(
    words: Words, sounds: Sounds, say, root: Path
) -> None:
    now = datetime(2026, 11, 24)
    desk = load_desk("support", root)
    slots = [slot.spec for flow in desk.flows.values() for slot in flow.slots if slot.spec.choices]
    read = 0
    for spec in slots:
        reader = SlotReader(spec, "{asked}", words, sounds, "en")
        for value, ways in reader.ways.items():
            for word in {"yes", "no"} & {way[0] for way in ways if len(way) == 1}:
                found = reader.read(say(word), now, True)
                assert found and found[0].value == value, (spec.name, word)
                read += 1
    assert read > 40


def test_choices_by_sound(words: Words, sounds: Sounds, say) -> None:
    options = [Option(value, tuple(value.split())) for value in ("iced mocha", "twelve ounce", "espresso")]
    reader = OptionReader(options, sounds, words, CHOICES)
    assert [one.value for one in reader.read(say("an ice smoker please"), True)][0] == "iced mocha"
    assert [one.value for one in reader.read(say("to elbows"), True)][0] == "twelve ounce"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is john smith", "John Smith"),
        ("hello um this is Mary O'Neill speaking", "Mary O'Neill"),
        ("Peter Miller.", "Peter Miller"),
        ("it's van der Berg please", "Van Der Berg"),
        ("McArthur", "McArthur"),
    ],
)
def test_free_names(text: str, name: str, words: Words, say) -> None:
    assert read_free_name(say(text), words, True)[0].value == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "um",
        "I want to",
        "I have a problem with my order and need help",
        "one two three four five six",
        "my name is",
    ],
)
def test_what_is_no_name(text: str, words: Words, say) -> None:
    assert read_free_name(say(text), words, True) == ()


def test_a_free_name_inside_a_sentence_needs_its_lead(words: Words, say) -> None:
    assert read_free_name(say("peter miller"), words, False) == ()
    assert read_free_name(say("my name is peter miller"), words, False)[0].value == "Peter Miller"


@pytest.mark.parametrize(("who", "named"), [("she", False), ("he", False), ("margaret smith", True)])
def test_a_pronoun_where_a_phrase_has_a_name_is_none(who: str, named: bool) -> None:
    spec = IntentSpec("patient", ("which ward is {patient} on",), slots=(SlotSpec("patient", SlotType.NAME),))
    found = Matcher(Vocabulary("en", (spec,))).match(
        (Hypothesis(f"which ward is {who} on", 1.0),), Expect(), datetime(2026, 11, 24)
    )
    assert found[0].meaning == Intent("patient")
    assert bool(found[0].slots) is named
