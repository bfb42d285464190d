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
you bet|that is correct|go for it|indeed|if you would|that would be lovely|certainly|oh yes"""
NO = """no|nope|nah|not really|I'm afraid not|no thanks|I don't think so|not at all|that's wrong|no way|never|
not quite|I'd rather not|it isn't|don't bother|not today|definitely not|wrong|I don't|that's not right|
no it's not|not likely|no chance|not for me|hardly|please don't|rather not|not correct|sorry no"""


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


@pytest.mark.parametrize("text", ["I don't know", "maybe", "not sure", "no idea", "purple"])
def test_neither(text: str) -> None:
    found = MATCHER.match((Hypothesis(text, 1.0),), ASKED, datetime(2026, 11, 24))
    assert all(match.score < 0.5 for match in found if match.meaning == Answer("ok"))
    if text != "purple":
        assert found[0].meaning is Command.HELP
