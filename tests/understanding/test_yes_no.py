"""Yes and no in the forms that callers give them."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.meaning import Answer, Command, Expect, Hypothesis, SlotSpec, SlotType, Vocabulary
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

MATCHER = Matcher(Vocabulary("en-GB", (), commands("en-GB")))
ASKED = Expect(intents=False, slot=SlotSpec("ok", SlotType.YES_NO))
YES = """yes|yeah|yep|yeah go on|that's right|sure|of course|correct|please do|go ahead|why not|I think so|
I guess so|uh huh|mm hm|yes please|okay then|sounds good|that'd be great|I do|it is|by all means|spot on|aye|
you bet|that is correct|go for it|indeed|if you would|that would be lovely|certainly|oh yes|
that's the one|spot on|yes that's the one|you've got it|you got it|that's me|that's it|bang on|
exactly right|quite right|I believe so|I should think so|it certainly is|it sure is|too right|
yeah that's fine|yes that's correct|yeah yeah|yes yes|yes I am|sure why not|sure go ahead|fine|
absolutely|of course it is|I'd like that|I'd love to|yes of course|works for me|fair enough|
right you are|go on then|yeah all right|ok yes|affirmative|roger|very much so|that's right yeah|
um yes|well yes|yes, thank you|indeed it is|yes, that's my number|naturally|if you don't mind|
I have|I did|yes I did|we do|it does|yeah I guess|I suppose|it is yeah|ya sure|that'll be fine|
you're right|yes please do that|sounds like a plan|deal|perfect thanks|correct that's me|
yup that's the one|much obliged yes"""
NO = """no|nope|nah|not really|I'm afraid not|no thanks|I don't think so|not at all|that's wrong|no way|never|
not quite|I'd rather not|it isn't|don't bother|not today|definitely not|wrong|I don't|that's not right|
no it's not|not likely|no chance|not for me|hardly|please don't|rather not|not correct|sorry no|
I'm afraid not|not really|no thank you|no way|nope that's wrong|that isn't right|that isn't it|
no that's not me|not exactly|I don't believe so|I shouldn't think so|no I'm not|no I haven't|
I haven't|I didn't|it doesn't|we don't|no need|I'd prefer not to|I'd rather you didn't|
not in the slightest|absolutely not|certainly not|of course not|by no means|no no no|
nah you're all right|nah you're alright|no you've got that wrong|you've got it wrong|
that's incorrect|not correct|incorrect|wrong number|that's the wrong one|not that one|not me|
it's not|isn't|I wouldn't|no don't|don't do that|please no|no sorry|sorry but no|well no|um no|
no it's fine|no that's all right|not right now|not yet|not as far as I know|nothing like that|
far from it|no chance|I can't|negative|no that is wrong|no you misheard|you misheard me|
you misunderstood|that was not what I said|no I said nine"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(text.strip(), value) for some, value in ((YES, "yes"), (NO, "no")) for text in some.split("|")],
)
def test_a_form_of_yes_or_no(text: str, wanted: str) -> None:
    best = MATCHER.match((Hypothesis(text, 1.0),), ASKED, datetime(2026, 11, 24))[0]
    assert best.meaning == Answer("ok")
    assert best.slots[0].value == wanted
    assert best.score >= 0.6


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Yes, my brother is still inside.", "yes"), ("no nobody as far as I know", "no")],
)
def test_the_first_word_answers_and_more_is_told_after_it(text: str, wanted: str) -> None:
    best = MATCHER.match((Hypothesis(text, 1.0),), ASKED, datetime(2026, 11, 24))[0]
    assert (best.meaning, best.slots[0].value) == (Answer("ok"), wanted) and best.score >= 0.75


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("I don't believe so", Command.YES),
        ("by no means", Command.YES),
        ("I did", Command.NO),
        ("naturally", Command.NO),
    ],
)
def test_a_small_word_turns_the_answer_round(text: str, wrong: Command) -> None:
    """Also where a wish is confirmed, which no slot asks for."""
    confirming = Expect(commands=frozenset({Command.YES, Command.NO}))
    found = MATCHER.match((Hypothesis(text, 1.0),), confirming, datetime(2026, 11, 24))
    assert all(match.score < 0.5 for match in found if match.meaning is wrong)


@pytest.mark.parametrize("text", ["I don't know", "maybe", "not sure", "no idea", "purple"])
def test_neither(text: str) -> None:
    found = MATCHER.match((Hypothesis(text, 1.0),), ASKED, datetime(2026, 11, 24))
    assert all(match.score < 0.5 for match in found if match.meaning == Answer("ok"))
    if text != "purple":
        assert found[0].meaning is Command.HELP
