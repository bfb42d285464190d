from __future__ import annotations

import math

import pytest
from understanding_desks import DAY, DRINK, HOUR, NOTE, NOW, ORDER_NUMBER, PERSON, SWITCHBOARD

from ivr.errors import DeskError
from ivr.meaning import (
    Answer,
    Choice,
    Command,
    Expect,
    Hypothesis,
    Intent,
    IntentSpec,
    Match,
    SlotSpec,
    SlotType,
    Vocabulary,
)
from ivr.understanding.evidence import PARTS
from ivr.understanding.grammar import TemplateError
from ivr.understanding.matcher import Matcher, expand, sound_alike
from ivr.understanding.words import commands

EVERYTHING = Expect(commands=frozenset(Command))


def match(
    matcher: Matcher, text: str, expect: Expect | None = None, confidence: float = 0.95
) -> tuple[Match, ...]:
    return matcher.match((Hypothesis(text, confidence),), expect or Expect(), NOW)


def values(found: Match) -> dict[str, str]:
    return {slot.name: slot.value for slot in found.slots}


# --- intents


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("billing please", "billing"),
        ("um yeah hi I'd like to, uh, talk to somebody about my bill please", "billing"),
        ("Hello, I have a question about my invoice.", "billing"),
        ("a question about my bills", "billing"),
        ("I want to buy something", "sales"),
        ("the livery department", "shipping"),
        ("I need a repeat prescription", "prescription"),
        ("can you tell me your opening hours", "hours"),
        ("what time do you close on fridays", "hours"),
        ("my machine is broken again", "support"),
    ],
)
def test_what_callers_want(text: str, intent: str, switchboard: Matcher) -> None:
    best = match(switchboard, text)[0]
    assert best.meaning == Intent(intent)
    assert best.score > 0.45


def test_a_phrase_said_as_written_is_accepted(switchboard: Matcher) -> None:
    for phrase in switchboard.book.phrases:
        meaning = switchboard.book.targets[phrase.target].meaning
        if any(word[0] == "{" for word in phrase.words):
            continue
        found = match(switchboard, " ".join(phrase.words), EVERYTHING)
        text = f"{' '.join(phrase.words)}: {found[0]}"
        shared = {m.meaning for m in found if m.score > 0.2}
        assert meaning in shared, text
        assert found[0].score >= 0.75 or len(shared) > 1, text


@pytest.mark.parametrize(
    "text",
    [
        "what's the capital of norway",
        "I'd like a large pizza with mushrooms",
        "my grandmother turned ninety on sunday",
        "turn off the lights in the bedroom",
        "'; DROP TABLE calls; --",
        "$(rm -rf /) && `id`",
        "Ἀχιλλεύς 한국어 👍👍 \u202e\u0000",
        "la la la la la la",
        "...",
        "",
    ],
)
def test_what_fits_nothing_is_not_accepted(text: str, switchboard: Matcher, orders: Matcher) -> None:
    for matcher in (switchboard, orders):
        assert all(found.score < 0.45 for found in match(matcher, text))


def test_nothing_heard_is_nothing(switchboard: Matcher) -> None:
    assert switchboard.match((), Expect(), NOW) == ()
    assert match(switchboard, "") == ()
    assert match(switchboard, "um, uh", EVERYTHING)[0].meaning is Command.MUSING
    assert all(found.score < 0.25 for found in match(switchboard, "um, uh", EVERYTHING)[1:])


def test_matches_are_ranked_and_add_up_to_less_than_one(switchboard: Matcher) -> None:
    for text in ("billing or sales", "department", "please", "I want to speak to john about my bill"):
        found = match(switchboard, text, EVERYTHING)
        scores = [one.score for one in found]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) < 1.0
        assert len({one.meaning for one in found}) == len(found)


def test_the_phrase_is_told(switchboard: Matcher) -> None:
    assert (
        match(switchboard, "I have a question about my bill")[0].phrase
        == "[I have] a question about my (bill|invoice)"
    )


def test_examples_count_like_phrases(orders: Matcher) -> None:
    best = match(orders, "that is the third time you messed up")[0]
    assert best.meaning == Intent("complaint")
    assert best.phrase == "this is the third time you have messed up"


def test_the_same_utterance_gives_the_same_matches(switchboard: Matcher) -> None:
    first = match(switchboard, "could I speak to eleanor whitfield about a bill")
    assert match(switchboard, "could I speak to eleanor whitfield about a bill") == first
    assert match(Matcher(SWITCHBOARD), "could I speak to eleanor whitfield about a bill") == first


# --- commands


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("operator", Command.OPERATOR),
        ("I want to speak to a human", Command.OPERATOR),
        ("just put me through to a person please", Command.OPERATOR),
        ("can you repeat that", Command.REPEAT),
        ("could you say that again a bit slower please", Command.SLOWER),
        ("you're speaking way too fast for me", Command.SLOWER),
        ("please slow down a little", Command.SLOWER),
        ("could you speak up please", Command.LOUDER),
        ("I can hardly hear you", Command.LOUDER),
        ("sorry I didn't hear that", Command.REPEAT),
        ("thank you, goodbye", Command.GOODBYE),
        ("no thanks that's all", Command.GOODBYE),
        ("what can I say", Command.HELP),
        ("hang on a second", Command.WAIT),
        ("yeah", Command.YES),
        ("yep that's right", Command.YES),
        ("uh yes please", Command.YES),
        ("nope", Command.NO),
        ("no it isn't", Command.NO),
        ("not really", Command.NO),
        ("the first one", Command.FIRST),
        ("the second", Command.SECOND),
        ("neither of them", Command.NEITHER),
    ],
)
def test_commands(text: str, command: Command, switchboard: Matcher) -> None:
    best = match(switchboard, text, EVERYTHING)[0]
    assert best.meaning is command
    assert best.score > 0.45


def test_only_the_commands_that_are_listened_for(switchboard: Matcher) -> None:
    assert all(found.meaning is not Command.YES for found in match(switchboard, "yes"))
    assert match(switchboard, "yes", Expect(commands=frozenset({Command.YES})))[0].meaning is Command.YES
    assert match(switchboard, "operator", Expect(commands=frozenset())) == () or not isinstance(
        match(switchboard, "operator", Expect(commands=frozenset()))[0].meaning, Command
    )


def test_a_word_of_a_command_inside_another_sentence_is_no_command(switchboard: Matcher) -> None:
    for text in (
        "I need a repeat prescription",
        "the operator of the crane was hurt",
        "I have waited here for a week",
    ):
        commanded = [one for one in match(switchboard, text, EVERYTHING) if isinstance(one.meaning, Command)]
        assert all(one.score < 0.45 for one in commanded), text


def test_no_before_a_wish_is_the_wish(switchboard: Matcher) -> None:
    assert match(switchboard, "no, sales please", EVERYTHING)[0].meaning == Intent("sales")


# --- slots in sentences


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("track order 482913", "status", {"order_number": "482913"}),
        ("track order four eight twenty nine one three please", "status", {"order_number": "482913"}),
        ("can you cancel order number double five oh one two seven", "cancel", {"order_number": "550127"}),
        ("I'd like to cancel my order", "cancel", {}),
        (
            "collect my order at half past three on friday",
            "pickup",
            {"day": "2026-11-27", "hour": "15:30"},
        ),
        ("a twelve ounce iced mocha please", "drink", {"size": "medium", "drink": "iced mocha"}),
        ("I want a small ice smoker", "drink", {"size": "small", "drink": "iced mocha"}),
        ("tell the courier that the bell is broken", "note", {"note": "the bell is broken"}),
    ],
)
def test_slots_in_sentences(text: str, intent: str, slots: dict[str, str], orders: Matcher) -> None:
    best = match(orders, text)[0]
    assert best.meaning == Intent(intent)
    assert values(best) == slots


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("can I speak to Eleanor Whitfield", "Eleanor Whitfield"),
        ("Maria can veil a please", "Maria Gonzalez"),
        ("hi there is this the right number to talk to yusuf demir", "Yusuf Demir"),
    ],
)
def test_people_by_name(text: str, person: str, switchboard: Matcher) -> None:
    best = match(switchboard, text)[0]
    assert best.meaning == Intent("reach_person")
    assert values(best) == {"person": person}


def test_what_was_said_is_kept(orders: Matcher) -> None:
    slot = match(orders, "Um, track order 48-29-13, please")[0].slots[0]
    assert slot.said == "48-29-13"
    assert slot.score > 0.9


# --- what the dialog expects


def test_an_answer_to_a_question(orders: Matcher) -> None:
    expect = Expect(slot=ORDER_NUMBER, likely=("status",))
    best = match(orders, "uh it's four eight two nine one three", expect)[0]
    assert best.meaning == Answer("order_number")
    assert values(best) == {"order_number": "482913"}
    assert best.score > 0.9


def test_an_answer_in_a_sentence_of_the_intent(switchboard: Matcher) -> None:
    best = match(
        switchboard, "I'd like to talk to john smith", Expect(slot=PERSON, likely=("reach_person",))
    )[0]
    assert best.meaning == Answer("person")
    assert values(best) == {"person": "John Smith"}


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        (DAY, "the day after tomorrow", "2026-11-27"),
        (DAY, "um friday I think", "2026-11-27"),
        (HOUR, "quarter to nine", "08:45"),
        (DRINK, "a house coffee please", "house coffee"),
        (SlotSpec("n", SlotType.NUMBER), "twelve", "12"),
        (SlotSpec("who", SlotType.NAME), "my name is john smith", "John Smith"),
        (NOTE, "please ring twice, the bell is old", "please ring twice, the bell is old"),
        (SlotSpec("ok", SlotType.YES_NO), "yeah sure", "yes"),
        (SlotSpec("ok", SlotType.YES_NO), "no that's not right", "no"),
    ],
)
def test_answers_of_every_kind(slot: SlotSpec, text: str, value: str, orders: Matcher) -> None:
    best = match(orders, text, Expect(slot=slot))[0]
    assert best.meaning == Answer(slot.name)
    assert best.slots[0].value == value
    assert best.score > 0.5


def test_two_readings_of_an_answer_are_two_matches(orders: Matcher) -> None:
    found = match(orders, "next friday", Expect(slot=DAY))
    assert [one.slots[0].value for one in found if one.meaning == Answer("day")] == [
        "2026-12-04",
        "2026-11-27",
    ]


def test_a_caller_may_turn_to_something_else_instead_of_answering(
    switchboard: Matcher, orders: Matcher
) -> None:
    asked = Expect(slot=PERSON, likely=("reach_person",))
    assert match(switchboard, "I have a question about my bill", asked)[0].meaning == Intent("billing")
    assert match(orders, "cancel my order", Expect(slot=DAY))[0].meaning == Intent("cancel")
    assert match(orders, "operator", Expect(slot=ORDER_NUMBER))[0].meaning is Command.OPERATOR


def test_while_any_words_are_an_answer_only_the_unmistakable_is_something_else(orders: Matcher) -> None:
    expect = Expect(slot=NOTE, intents=False)
    assert match(orders, "say he can leave it with the person next door", expect)[0].meaning == Answer("note")
    assert match(orders, "operator", expect)[0].meaning is Command.OPERATOR


def test_a_likely_intent_is_more_likely(switchboard: Matcher) -> None:
    text = "the department for the bill"
    plain = {m.meaning: m.score for m in match(switchboard, text)}
    likely = {m.meaning: m.score for m in match(switchboard, text, Expect(likely=("billing",)))}
    assert likely[Intent("billing")] > plain[Intent("billing")]


def test_no_intents_while_none_makes_sense(switchboard: Matcher) -> None:
    found = match(
        switchboard, "billing", Expect(intents=False, commands=frozenset({Command.YES, Command.NO}))
    )
    assert all(isinstance(one.meaning, Command) for one in found)


# --- hypotheses


def test_another_hypothesis_may_fit_where_the_first_does_not(switchboard: Matcher) -> None:
    best = switchboard.match(
        (Hypothesis("the bilging of apartment", 0.6), Hypothesis("the billing department", 0.5)),
        Expect(),
        NOW,
    )[0]
    assert best.meaning == Intent("billing")
    assert best.score > 0.75


def test_less_confidence_means_a_lower_score(switchboard: Matcher) -> None:
    scores = [match(switchboard, "a bill for my son", confidence=c)[0].score for c in (1.0, 0.5, 0.0)]
    assert scores[0] > scores[1] > scores[2]


def test_what_was_heard_badly_is_asked_back_not_acted_on(switchboard: Matcher) -> None:
    clearly, badly = (match(switchboard, "a bill for my son", confidence=c)[0].score for c in (0.75, 0.5))
    assert math.log(clearly / (1 - clearly)) - math.log(badly / (1 - badly)) > 1.0


@pytest.mark.parametrize("confidence", [math.nan, math.inf, -1.0, 7.0])
def test_a_confidence_that_is_none_does_no_harm(confidence: float, switchboard: Matcher) -> None:
    best = match(switchboard, "billing", confidence=confidence)[0]
    assert best.meaning == Intent("billing")
    assert 0.0 <= best.score <= 1.0


# --- parts and vocabularies


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_evidence_can_be_left_out(part: str) -> None:
    without = Matcher(SWITCHBOARD, without=(part,))
    best = match(without, "I have a question about my bill")[0]
    assert best.meaning == Intent("billing")
    both = [Matcher(SWITCHBOARD).columns("billing", NOW), without.columns("billing", NOW)]
    assert set(both[0]) > set(both[1])


def test_a_desk_without_intents_or_commands() -> None:
    assert match(Matcher(Vocabulary("en", ())), "billing") == ()
    only = Matcher(Vocabulary("en", (), commands("en")))
    assert match(only, "operator")[0].meaning is Command.OPERATOR
    keys_only = Matcher(Vocabulary("en", (IntentSpec("keys", ()), IntentSpec("say", ("sales",)))))
    assert match(keys_only, "sales")[0].meaning == Intent("say")


def test_another_language_matches_its_own_phrases() -> None:
    korean = Matcher(
        Vocabulary(
            "ko",
            (
                IntentSpec("hours", ("영업 시간이 어떻게 되나요",)),
                IntentSpec("person", ("상담원 연결해 주세요",)),
            ),
        )
    )
    assert match(korean, "상담원 연결해 주세요")[0].meaning == Intent("person")
    assert match(korean, "상담원 연결 해주세요")[0].meaning == Intent("person")


@pytest.mark.parametrize(
    ("intent", "kind", "place"),
    [
        (IntentSpec("x", ("a (b",)), DeskError, "x: 'a (b', column 3"),
        (IntentSpec("x", ("a {b}",)), DeskError, "x: 'a {b}'"),
        (
            IntentSpec("x", ("{b}",), (), (SlotSpec("b", SlotType.CHOICE, None, (Choice("v", ("[a",)),)),)),
            DeskError,
            "b 'v': '[a', column 1",
        ),
    ],
)
def test_a_vocabulary_with_a_fault_is_refused(intent: IntentSpec, kind: type[DeskError], place: str) -> None:
    with pytest.raises(kind) as caught:
        Matcher(Vocabulary("en", (intent,)))
    assert caught.value.place == place
    assert caught.value.remedy


def test_expand() -> None:
    assert sorted(expand("[please] (speak|talk) to {person}")) == [
        "please speak to {person}",
        "please talk to {person}",
        "speak to {person}",
        "talk to {person}",
    ]
    with pytest.raises(TemplateError):
        expand("(a")


def test_sound_alike() -> None:
    assert sound_alike("sale", "sail") == 1.0
    assert sound_alike("I'd like billing", "I would like billing") == 1.0
    assert sound_alike("billing", "building") > 0.8 > sound_alike("billing", "shipping")
    assert sound_alike("Allen Meier", "Ellen Meyer") > 0.8
    assert sound_alike("sales", "prescription") < 0.4
    assert sound_alike("", "") == 1.0
    assert sound_alike("", "a b c") == 0.0
