"""From logs of calls to lines for the desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ivr.config import Settings
from ivr.errors import UnknownError
from ivr.evaluation.missed import Missed, find_logs, missed, read_missed
from ivr.evaluation.suggest import ALIKE, Group, Present, clusters, likenesses, suggest, template
from ivr.events import (
    Answered,
    CallStarted,
    Decided,
    Decision,
    Event,
    Heard,
    PromptStarted,
    Understood,
)
from ivr.meaning import (
    Choice,
    Command,
    Hypothesis,
    Intent,
    IntentSpec,
    Match,
    SlotSpec,
    SlotType,
    SlotValue,
    Vocabulary,
)
from ivr.parts import Reception
from ivr.records.encode import Entry
from ivr.understanding.matcher import Matcher, expand
from ivr.understanding.phonemes import Sounds
from ivr.understanding.words import commands, load_words

EN = load_words("en")
SOUNDS = Sounds("en")
WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
STARTED = CallStarted("c1", "Northwind", "text:", "en", "", "", WHEN)


def understood(text: str, *guesses: tuple[str | Command, float]) -> Understood:
    heard = Heard((Hypothesis(text, 0.9),) if text else (), 1.0, 2.0, "")
    meanings = ((Intent(name) if isinstance(name, str) else name, score) for name, score in guesses)
    return Understood(heard, tuple(Match(meaning, score) for meaning, score in meanings))


def prompt(name: str) -> PromptStarted:
    return PromptStarted(name, "words")


def decided(decision: Decision, about: str = "") -> Decided:
    return Decided(decision, about, 0.5)


def found(*events: Event) -> tuple[Missed, ...]:
    entries = [Entry(float(n), event) for n, event in enumerate((STARTED, *events))]
    return missed(entries, "c1", 0.25).missed


# --- what was not understood ----------------------------------------------------------------------------


def test_what_the_desk_asked_again_about() -> None:
    (one,) = found(
        prompt("greeting"),
        understood("my dog", ("sales", 0.1), ("sales", 0.05)),
        decided(Decision.REPROMPT),
        prompt("no_match.1"),
        understood("billing please", ("billing", 0.9)),
        decided(Decision.ACCEPT, "billing"),
    )
    assert (one.text, one.desk, one.call, one.at) == ("my dog", "Northwind", "c1", 2.0)
    assert one.guessed == (("sales", 0.1),)
    assert (one.denied, one.then) == ("", "billing")


def test_what_ended_with_a_person() -> None:
    (one,) = found(understood("my dog"), decided(Decision.HAND_OFF))
    assert one.then == ""


def test_a_no_that_was_one_too_many_was_understood() -> None:
    some = found(
        understood("my dog", ("sales", 0.5)),
        decided(Decision.CONFIRM, "sales"),
        prompt("intents.sales.confirm_intent.1"),
        understood("no", (Command.NO, 0.9)),
        decided(Decision.HAND_OFF),
        prompt("not_understood.1"),
    )
    assert some == ()


def test_a_guess_that_the_caller_denied() -> None:
    (one,) = found(
        understood("my dog", ("sales", 0.5), ("address", 0.2)),
        decided(Decision.CONFIRM, "sales"),
        prompt("intents.sales.confirm_intent.1"),
        understood("no", (Command.NO, 0.9)),
        prompt("denied.1"),
    )
    assert (one.text, one.denied) == ("my dog", "sales")


def test_a_denied_guess_after_which_the_next_likely_one_is_asked() -> None:
    (one,) = found(
        understood("my dog", ("sales", 0.6), ("pets", 0.2)),
        decided(Decision.CONFIRM, "sales"),
        prompt("intents.sales.confirm_intent.1"),
        understood("no", (Command.NO, 0.9)),
        decided(Decision.CONFIRM, "pets"),
        prompt("intents.pets.confirm_intent.1"),
    )
    assert (one.text, one.denied) == ("my dog", "sales")


def test_two_guesses_that_the_caller_passed_over() -> None:
    (one,) = found(
        understood("my dog", ("sales", 0.3), ("press", 0.2)),
        decided(Decision.OFFER, "sales, press"),
        prompt("offer.1"),
        understood("where are you", ("address", 0.9)),
        decided(Decision.ACCEPT, "address"),
    )
    assert (one.text, one.denied, one.then) == ("my dog", "", "address")


def test_what_was_understood_is_not_missed() -> None:
    assert not found(
        understood("billing", ("billing", 0.9)),
        decided(Decision.ACCEPT, "billing"),
        understood("yes", (Command.YES, 0.9)),
        understood("sales or so", ("sales", 0.5)),
        decided(Decision.CONFIRM, "sales"),
        understood(""),
        decided(Decision.REPROMPT),
    )


def test_answers_to_questions_are_only_counted() -> None:
    entries = [
        Entry(0.0, STARTED),
        Entry(1.0, prompt("slots.message.callback.ask.1")),
        Entry(2.0, understood("umbrella")),
        Entry(2.0, decided(Decision.REPROMPT)),
    ]
    log = missed(entries, "c1", 0.25)
    assert (log.missed, log.answers) == ((), 1)


def test_without_a_decision_the_score_decides() -> None:
    some = found(understood("a", ("sales", 0.2)), understood("b", ("sales", 0.3)), understood("c"))
    assert [one.text for one in some] == ["a", "c"]


@given(
    st.lists(
        st.sampled_from(
            [
                understood("a dog", ("sales", 0.2)),
                understood("no", (Command.NO, 0.9)),
                understood(""),
                decided(Decision.REPROMPT),
                decided(Decision.HAND_OFF),
                decided(Decision.CONFIRM, "sales"),
                prompt("denied.1"),
                prompt("slots.a.b.ask.1"),
            ]
        ),
        max_size=12,
    )
)
def test_any_log_can_be_read(events: list[Event]) -> None:
    entries = [Entry(float(n), event) for n, event in enumerate(events)]
    log = missed(entries, "c1", 0.25)
    spoken = sum(isinstance(event, Understood) and bool(event.heard.text) for event in events)
    assert len(log.missed) + log.answers <= spoken


# --- real calls -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def state(root: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of typed calls with the company desk."""
    folder = tmp_path_factory.mktemp("state")
    settings = Settings(state=folder, cache=cache, models=folder / "models")
    with Reception("company", settings, root) as reception:
        for turns in (
            ["the slithy toves gimble", "where are you"],
            ["the slithy tove gimbles", "where are you"],
            ["billing please"],
            ["xyzzy plugh frobozz", "xyzzy plugh frobozz"],
        ):
            reception.hold_typed(_typed(turns), Answered(WHEN))
    return folder


def _typed(turns: list[str]) -> Iterator[str]:
    yield from turns
    yield "/bye"


def test_calls_are_found_however_deep(state: Path) -> None:
    logs = find_logs(state)
    assert len(logs) == 4
    assert logs == find_logs(state / "calls")
    texts = [one.text for log in logs for one in read_missed(log, 0.25).missed]
    assert sorted(texts) == [
        "the slithy tove gimbles",
        "the slithy toves gimble",
        *["xyzzy plugh frobozz"] * 2,
    ]


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_calls(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownError):
        find_logs(tmp_path / name)


def test_alike_utterances_are_one_group_with_the_intent_reached_next(state: Path) -> None:
    some = [one for log in find_logs(state) for one in read_missed(log, 0.25).missed]
    parrot, xyzzy = suggest(some, EN, SOUNDS, _language_alone())
    assert (parrot.count, parrot.intent) == (2, "address")
    assert set(parrot.examples) == {"the slithy toves gimble", "the slithy tove gimbles"}
    assert len(parrot.calls) == 2
    assert (xyzzy.count, len(xyzzy.examples), len(xyzzy.calls)) == (2, 1, 1)


# --- groups and lines -----------------------------------------------------------------------------------


PETS = Vocabulary(
    "en",
    (
        IntentSpec("pets", ("(can|may) I bring my {pet} [with me]",), (), (
            SlotSpec("pet", SlotType.CHOICE, choices=(Choice("dog", ("dog",)), Choice("cat", ("cat",)))),
        )),
        IntentSpec("billing", ("I have a question about my (bill|invoice)",)),
    ),
    commands("en"),
)  # fmt: skip


@pytest.fixture(scope="module")
def present() -> Present:
    return Present(Matcher(PETS), frozenset({"pets", "billing"}))


def _language_alone() -> Present:
    return Present(Matcher(Vocabulary("en", (), commands("en"))), frozenset())


def said(text: str, **more: object) -> Missed:
    return Missed("Northwind", "c1", 0.0, (Hypothesis(text, 0.9),), **more)  # type: ignore[arg-type]


def groups(present: Present, *some: Missed) -> tuple[Group, ...]:
    return suggest(some, EN, SOUNDS, present)


def test_groups_come_largest_first_each_with_a_line(present: Present) -> None:
    big, small = groups(
        present,
        said("is the swimming pool heated"),
        said("bring along the dog"),
        said("Bring along the dog."),
        said("bring along a dog"),
    )
    assert (big.count, big.intent) == (3, "pets")
    assert big.examples[0] == "bring along the dog"
    assert big.line == '- "bring along the {pet}"'
    assert (small.count, small.intent, small.chance) == (1, None, 0.0)
    assert small.line == '- "is the swimming pool heated"'


def test_an_intent_the_caller_denied_is_not_proposed(present: Present) -> None:
    (group,) = groups(present, said("bring along the dog", denied="pets"))
    assert group.intent != "pets"


def test_what_is_understood_now(present: Present) -> None:
    assert present.understands(said("can I bring my dog"), 0.45)
    assert not present.understands(said("can I bring my dog", denied="pets"), 0.45)
    assert not present.understands(said("is the swimming pool heated"), 0.45)
    assert present.understands(said("no"), 0.45), "a bare no is no phrase of an intent"
    assert _language_alone().understands(said("no"), 0.45)


def test_sounds_bring_misheard_words_together() -> None:
    alike = likenesses(["an ice mocha", "a nice mocker", "the parking garage"], EN, SOUNDS)
    assert alike[0, 1] > ALIKE > alike[0, 2]
    assert np.allclose(alike, alike.T, atol=1e-6)
    assert np.allclose(np.diag(alike), 1.0)


def test_everyday_words_do_not_keep_apart_what_is_about_the_same() -> None:
    texts = ["can i bring my dog", "is it possible to bring a dog", "can i bring my invoice"]
    alike = likenesses(texts, EN, SOUNDS)
    assert alike[0, 1] > ALIKE > alike[0, 2]


@given(st.integers(0, 8), st.randoms())
def test_every_utterance_is_in_one_group(n: int, random: object) -> None:
    values = np.array([[random.random() for _ in range(n)] for _ in range(n)]).reshape(n, n)  # type: ignore[attr-defined]
    alike = np.maximum(values, values.T)
    some = clusters(alike, np.ones(n))
    assert sorted(row for group in some for row in group) == list(range(n))
    for centre, *others in some:
        assert all(alike[centre, other] - ALIKE >= 0.0 for other in others)


@pytest.mark.parametrize("text", ['a [b] (c|d) {e} \\ "f"', "ends with \\", "plain", "emoji 🙂 : # - &x *y"])
def test_a_line_means_what_was_said(text: str) -> None:
    line = f"- {json.dumps(template(text, None), ensure_ascii=False)}"
    (read,) = YAML(typ="safe").load(line)
    (sentence,) = expand(read)
    assert sentence == " ".join(expand_words(text))


def expand_words(text: str) -> list[str]:
    from ivr.understanding.normalize import plain_words

    return list(plain_words(text, EN))


def test_values_become_slots() -> None:
    slots = (SlotValue("day", "2026-11-25", "tomorrow", 0.9), SlotValue("who", "Ann Lee", "Ann", 0.9))
    match = Match(Intent("meet"), 0.5, slots)
    assert template("Meet Ann tomorrow [please]!", match) == "Meet {who} {day} \\[please\\]"
    assert template("Annabel", match) == "Annabel"
    assert template("tomorrow", match) == "tomorrow", "a template of one slot alone says too little"
