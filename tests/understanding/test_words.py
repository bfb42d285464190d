from __future__ import annotations

import pytest

from ivr.errors import DeskError
from ivr.meaning import Command
from ivr.understanding import words as words_module
from ivr.understanding.grammar import parse
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import commands, load_words


def test_english_has_phrases_for_every_command() -> None:
    """Greetings, thanks and sounds of thinking are told by their words, in whatever order they come."""
    assert {command for command, _ in commands("en-GB")} == set(Command) - {
        Command.HELLO,
        Command.THANKS,
        Command.MUSING,
    }
    assert load_words("en-GB").greetings


def test_every_phrase_of_a_command_is_a_template() -> None:
    language = load_words("en")
    for _, templates in commands("en"):
        for template in templates:
            assert parse(template, lambda text: plain_words(text, language)).slots == ()


def test_every_word_of_the_file_is_in_matching_form() -> None:
    language = load_words("en")
    names = (*language.fillers, *language.polite, *language.light, *language.names.never, *language.of_dates)
    assert [word for word in names if plain_words(word, language) not in ((word,), ())] == []


@pytest.mark.parametrize(
    ("language", "word", "value"), [("fr", "sept", 7), ("de", "zwölf", 12), ("ja", "七", 7)]
)
def test_a_language_without_a_file_knows_its_numbers(language: str, word: str, value: int) -> None:
    language_words = load_words(language)
    assert language_words.numbers.units[word] == value
    assert commands(language) == ()


@pytest.mark.parametrize("language", ["", "xx", "../en", "tlh"])
def test_an_unknown_language_has_no_words(language: str) -> None:
    assert load_words(language).numbers.units == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("language: zz\ncommands: {shout: [a]}", "commands.shout"),
        ("language: zz\nfoo: 1", "foo"),
        ("[", "is not the YAML"),
        ("- a", "valid dictionary"),
    ],
)
def test_a_damaged_language_file_is_named(text: str, names: str, tmp_path, monkeypatch) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "zz.words.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(words_module.resources, "files", lambda _: tmp_path)
    with pytest.raises(DeskError, match=names) as caught:
        load_words("zz")
    assert caught.value.place == "ivr/languages/zz.words.yaml"
