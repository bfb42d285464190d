"""The grammar of a state, and what the matcher makes of readings held to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from understanding_desks import NOW, ORDERS, PERSON, SWITCHBOARD

from ivr.meaning import (
    Answer,
    Choice,
    Command,
    Expect,
    Hypothesis,
    Intent,
    IntentSpec,
    SlotSpec,
    SlotType,
    Vocabulary,
)
from ivr.understanding.held_trust import Kind
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands
from ivr.wordgraph import WordGraph


def accepts(graph: WordGraph | None, sentence: str, aside: bool = True) -> bool:
    """Whether it may be said, `aside` from what was asked as well."""
    assert graph is not None
    nodes = {graph.start, graph.aside} if aside and graph.aside >= 0 else {graph.start}
    for word in sentence.split():
        nodes = {target for node in nodes for said, target in graph.arcs(node) if said == word}
    return any(graph.final[node] for node in nodes)


@pytest.fixture(scope="module")
def desk() -> Matcher:
    size = SlotSpec(
        "size", SlotType.CHOICE, choices=(Choice("medium", ("medium",)), Choice("large", ("large",)))
    )
    roast = SlotSpec("roast", SlotType.CHOICE, choices=(Choice("medium roast", ("medium roast",)),))
    note = SlotSpec("note", SlotType.TEXT)
    code = SlotSpec("code", SlotType.DIGITS, (2, 3))
    order = IntentSpec(
        "order",
        ("[a] [{size}] [{roast}] [{size}] coffee [{note}]", "code {code}"),
        (),
        (size, roast, note, code),
    )
    return Matcher(Vocabulary("en-US", (order,), ((Command.NO, ("no [thanks]",)),)))


def test_templates_with_their_values(desk: Matcher) -> None:
    graph = desk.grammar(Expect(commands=frozenset()))
    for said in (
        "coffee",
        "a medium coffee",
        "medium roast medium coffee",
        "code double five",
        "code one two three",
    ):
        assert accepts(graph, said), said
    for other in (
        "a medium",
        "coffee whatever comes",
        "code one",
        "code one two three four",
        "no",
        "a a coffee",
    ):
        assert not accepts(graph, other), other


def test_what_is_said_short(desk: Matcher) -> None:
    """ "That's all" is in the grammar where a template says "that is all", and stands for it."""
    vocabulary = Vocabulary("en-US", (IntentSpec("ask", ("(that is|it is) all I do not know",), (), ()),))
    graph = Matcher(vocabulary).grammar(Expect(commands=frozenset()))
    for said in ("that is all I do not know", "that's all I do not know", "it's all I don't know"):
        assert accepts(graph, said), said
    assert not accepts(graph, "that's is all I do not know")
    assert graph is not None
    assert dict(graph.shorts)["that's"] == ("that", "is")
    assert dict(graph.shorts)["don't"] == ("do", "not")
    assert dict(graph.shorts)["can't"] == ("can", "not")
    assert dict(graph.shorts)["I'm"] == ("I", "am")


def test_what_leads_to_a_choice_may_be_said_before_it(desk: Matcher) -> None:
    size = SlotSpec("size", SlotType.CHOICE, choices=(Choice("large", ("large",)),))
    graph = desk.grammar(Expect(intents=False, slot=size, commands=frozenset()))
    for said in ("large", "it's large", "I think it is the large", "the large"):
        assert accepts(graph, said, aside=False), said
    assert not accepts(graph, "it is")


def test_what_answers_no_question_is_said_aside() -> None:
    order = IntentSpec("order", ("coffee",), (), ())
    desk = Matcher(
        Vocabulary(
            "en-US", (order,), ((Command.NO, ("no",)), (Command.HELP, ("help",)), (Command.GOODBYE, ("bye",)))
        )
    )
    every = frozenset({Command.NO, Command.HELP, Command.GOODBYE})
    for expect, answers in (
        (Expect(commands=every), {"no"}),
        (Expect(commands=every, more=True), {"no", "bye", "coffee"}),
        (Expect(commands=every - {Command.NO}), {"coffee", "help", "bye", "five"}),
    ):
        graph = desk.grammar(expect)
        for said in ("no", "bye", "coffee", "help", "five"):
            assert accepts(graph, said, aside=False) == (said in answers), (expect, said)
            assert accepts(graph, said) == (said != "no" or Command.NO in expect.commands), (expect, said)


def test_a_farewell_is_no_stranger_where_more_is_asked_for(desk: Matcher) -> None:
    leave = Matcher(Vocabulary("en-US", (), ((Command.GOODBYE, ("bye",)),)))
    bye = Hypothesis("bye", 1.0, fit=0.0, likelihood=-0.2)
    wanted = frozenset({Command.GOODBYE})
    assert leave.kind(bye, Expect(commands=wanted), NOW) is Kind.COMMAND
    assert leave.kind(bye, Expect(commands=wanted, more=True), NOW) is Kind.PHRASE


def test_slower_and_louder_are_as_seldom_as_repeat() -> None:
    """They were phrases of it once: "how far" is no "too far"."""
    for command in (Command.REPEAT, Command.SLOWER, Command.LOUDER):
        desk = Matcher(Vocabulary("en-US", (), ((command, ("not so fast",)),)))
        held = Hypothesis("not so fast", 1.0, fit=0.0, likelihood=-0.2)
        assert desk.kind(held, Expect(commands=frozenset({command})), NOW) is Kind.COMMAND, command


def test_what_may_not_be_said_in_the_state_is_not_in_its_grammar(desk: Matcher) -> None:
    graph = desk.grammar(Expect(intents=False, commands=frozenset({Command.NO})))
    assert accepts(graph, "no thanks")
    assert not accepts(graph, "coffee")
    assert graph is not None
    assert "no" not in graph.fillers
    assert "please" in graph.fillers
    assert desk.grammar(Expect(intents=False, commands=frozenset())) is None


def test_what_is_asked_for_is_in_the_grammar_or_nothing_is_held() -> None:
    desk = Matcher(SWITCHBOARD)
    graph = desk.grammar(Expect(slot=PERSON, commands=frozenset()))
    for name in ("Amelia Hartley", "Hartley", "Amelia"):
        assert accepts(graph, name)
    assert desk.grammar(Expect(slot=SlotSpec("note", SlotType.TEXT))) is None
    assert desk.grammar(Expect(slot=SlotSpec("day", SlotType.DATE))) is None


def test_a_number_that_was_read_back_wrongly_is_put_right_behind_a_no(desk: Matcher) -> None:
    code = SlotSpec("code", SlotType.DIGITS, (3, 3))
    checking = desk.grammar(Expect(slot=code, commands=frozenset({Command.NO})))
    for said in ("no", "one two three", "no one two three", "nope one two three"):
        assert accepts(checking, said)
    assert not accepts(checking, "no one two")
    assert not accepts(desk.grammar(Expect(slot=code, commands=frozenset())), "no one two three")
    longer = Expect(slot=SlotSpec("code", SlotType.DIGITS, (3, 5)), commands=frozenset({Command.NO}))
    assert not accepts(desk.grammar(longer), "no one two three")


def test_a_grammar_is_compiled_once() -> None:
    desk = Matcher(ORDERS)
    assert desk.grammar(Expect()) is desk.grammar(Expect(likely=("anything",)))


def test_a_grammar_that_is_too_large_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.wordgraph.MAX_STATES", 10)
    assert Matcher(SWITCHBOARD).grammar(Expect()) is None


def held(text: str, fit: float = -0.1, share: float = 1.0) -> Hypothesis:
    return Hypothesis(text, share, fit=fit, likelihood=fit - 0.3)


def values(desk: Matcher, *hypotheses: Hypothesis) -> dict[str, str]:
    best = desk.match(hypotheses, Expect(), NOW)[0]
    assert best.meaning == Intent("order")
    return {slot.name: slot.value for slot in best.slots if slot.name != "note"}


def test_values_of_a_held_reading_are_those_of_its_words(desk: Matcher) -> None:
    free = Hypothesis("a coffee", 0.9)
    assert values(desk, free, held("medium roast medium coffee")) == {
        "roast": "medium roast",
        "size": "medium",
    }
    assert values(desk, free, held("large medium roast coffee")) == {
        "roast": "medium roast",
        "size": "large",
    }


@pytest.mark.parametrize("fit", [-4.0, float("-inf"), float("nan")])
def test_a_held_reading_that_does_not_fit_is_nothing(desk: Matcher, fit: float) -> None:
    free = Hypothesis("what is the weather in Lisbon tomorrow", 0.9)
    wrong = held("a large coffee", fit)
    (best, *_) = desk.match((free, wrong), Expect(), NOW)
    assert best.score <= desk.match((free,), Expect(), NOW)[0].score
    assert desk.match((wrong,), Expect(), NOW) == ()


def test_a_held_reading_that_fits_is_believed_before_the_free_one(desk: Matcher) -> None:
    free, better = Hypothesis("no thanks", 0.9), held("a large coffee", 0.0)
    state = Expect(commands=frozenset({Command.NO}))
    assert desk.match((free,), state, NOW)[0].meaning is Command.NO
    assert desk.match((free, better), state, NOW)[0].meaning == Intent("order")


def test_a_held_answer_is_the_name_it_says() -> None:
    desk = Matcher(SWITCHBOARD)
    heard = (Hypothesis("a million hardly", 0.6), held("Amelia Hartley"))
    best = desk.match(heard, Expect(slot=PERSON), NOW)[0]
    assert best.meaning == Answer("person")
    assert best.slots[0].value == "Amelia Hartley"


def test_numbers_are_in_the_grammar_so_that_they_are_not_taken_for_commands() -> None:
    desk = Matcher(Vocabulary("en-US", (), commands("en")))
    assert accepts(desk.grammar(Expect()), "five")
    heard = (Hypothesis("Bye.", 0.9), held("bye", -0.1, 0.7), held("five", -0.2, 0.3))
    assert desk.match(heard, Expect(), NOW)[0].score < 0.25
    sure = (Hypothesis("Bye.", 0.9), held("bye", -0.1, 0.999), held("five", -3.0, 0.001))
    best = desk.match(sure, Expect(), NOW)[0]
    assert (best.meaning, best.score > 0.75) == (Command.GOODBYE, True)


def test_the_reading_that_weighs_most_is_believed() -> None:
    desk = Matcher(SWITCHBOARD)
    free = Hypothesis("a million hardly", 0.6)
    state = (Expect(), NOW)
    assert desk.believed((free, held("Amelia Hartley")), *state) == "Amelia Hartley"
    assert desk.believed((free, held("Amelia Hartley", -4.0)), *state) == "a million hardly"
    assert desk.believed((), *state) == ""


def test_a_word_that_the_grammar_lacks_means_little_and_a_sentence_much() -> None:
    written = tuple(intent for intent in ORDERS.intents if not intent.examples)
    desk = Matcher(replace(ORDERS, intents=written))
    (order, *_) = written
    for text, much in (("cancelled", False), ("i would like to know where my order has got to", True)):
        (alone, *_) = desk.match((Hypothesis(text, 0.9),), Expect(), NOW)
        (beside, *_) = desk.match((Hypothesis(text, 0.9), held(order.name, -5.0)), Expect(), NOW)
        assert alone.score > 0.5
        assert (beside.score > 0.5) is much


def test_words_of_danger_are_dear_and_known_as_such() -> None:
    groups = (SlotSpec("who", SlotType.CHOICE, choices=(Choice("he", ("he",)), Choice("she", ("she",)))),)
    urgent = IntentSpec("emergency", (), alarms=("{who} is choking",), groups=groups)
    billing = IntentSpec("billing", ("my bill",))
    matcher = Matcher(Vocabulary("en-US", (billing, urgent)))
    graph = matcher.grammar(Expect())
    assert graph is not None
    assert not accepts(graph, "he is choking")
    assert accepts(replace(graph, start=graph.dear), "she is choking")
    kinds = {
        text: matcher.kind(Hypothesis(text, 1.0, fit=-0.1, likelihood=-0.2), Expect(), NOW)
        for text in ("she is choking", "my bill")
    }
    assert kinds == {"she is choking": Kind.ALARM, "my bill": Kind.PHRASE}
