from __future__ import annotations

from understanding_desks import DRINK, NOTE, NOW, PERSON, SIZE

from ivr.meaning import SlotSpec, SlotType
from ivr.understanding.numbers import Found
from ivr.understanding.phonemes import Sounds
from ivr.understanding.slots import SlotReader, choose
from ivr.understanding.utterance import utterance
from ivr.understanding.words import Words


def reader(spec: SlotSpec, words: Words, sounds: Sounds) -> SlotReader:
    return SlotReader(spec, f"{{{spec.name}}}", words, sounds, "en-US")


def test_every_type_has_a_reader(words: Words, sounds: Sounds) -> None:
    heard = utterance("yes my name is john smith, 482913, tomorrow at three pm", words, sounds)
    found = {
        kind: [one.value for one in reader(SlotSpec("x", kind), words, sounds).read(heard, NOW, True)]
        for kind in SlotType
    }
    assert found[SlotType.DIGITS][0] == "4829133"
    assert found[SlotType.DATE] == ["2026-11-26"]
    assert found[SlotType.TIME][0] == "15:00"
    assert found[SlotType.NUMBER][0] == "3"
    assert found[SlotType.TEXT] == ["yes my name is john smith, 482913, tomorrow at three pm"]
    assert found[SlotType.YES_NO] == []  # understood as a command
    assert found[SlotType.CHOICE] == []


def test_ways_to_say_a_value_are_templates(words: Words, sounds: Sounds) -> None:
    drinks = reader(DRINK, words, sounds)
    assert drinks.ways["house coffee"] == [("coffee",), ("house", "coffee")]


def test_a_number_inside_a_sentence_is_no_digit_string_unless_it_has_the_length(
    words: Words, sounds: Sounds
) -> None:
    heard = utterance("I have two dogs", words, sounds)
    assert reader(SlotSpec("x", SlotType.DIGITS), words, sounds).read(heard, NOW, False) == ()
    assert reader(SlotSpec("x", SlotType.DIGITS, (1, 1)), words, sounds).read(heard, NOW, False)


def test_a_value_leaves_with_the_words_it_was_taken_from(words: Words, sounds: Sounds) -> None:
    heard = utterance("Um, a twelve-ounce latte", words, sounds)
    sizes = reader(SIZE, words, sounds)
    value = sizes.value(sizes.read(heard, NOW, False)[0], heard)
    assert (value.name, value.value, value.said) == ("size", "medium", "twelve-ounce")


def test_open_slots(words: Words, sounds: Sounds) -> None:
    assert reader(NOTE, words, sounds).open_ended
    assert reader(SlotSpec("who", SlotType.NAME), words, sounds).open_ended
    assert not reader(PERSON, words, sounds).open_ended


def test_the_best_values_that_do_not_overlap(words: Words, sounds: Sounds) -> None:
    first, second = reader(SIZE, words, sounds), reader(DRINK, words, sounds)
    chosen = choose(
        [
            (first, (Found("a", 0, 2, 0.9), Found("b", 3, 4, 0.6))),
            (second, (Found("c", 1, 3, 0.95), Found("d", 5, 6, 0.2))),
        ],
        least=0.3,
    )
    assert [(one.spec.name, found.value) for one, found in chosen] == [("size", "b"), ("drink", "c")]
    assert choose([(first, ())], least=0.3) == []
