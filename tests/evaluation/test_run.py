"""Cases through the real chain: recordings of the sample calls, heard by the real recognizer."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ivr.config import load_settings
from ivr.dialog.load import load_desk
from ivr.ears.models import locate
from ivr.ears.moonshine import Moonshine
from ivr.ears.recognizer import Grammar, anything
from ivr.errors import IvrError, ModelError
from ivr.evaluation.cases import Case
from ivr.evaluation.hearing import Ear, joined, surer
from ivr.evaluation.jsonl import CaseError
from ivr.evaluation.run import Understanding, check_recordings, evaluate
from ivr.evaluation.sound import Conditions, LineKind
from ivr.meaning import Completeness, Expect, Hypothesis, IntentSpec, Vocabulary, Word
from ivr.media.activity import speech_bounds
from ivr.media.pcm import silence
from ivr.media.wav import read_wav, write_wav
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands
from ivr.wordgraph import WordGraphBuilder

TURNS = {"billing-plain/1.wav": "billing", "sales-quote/1.wav": "sales", "press-journalist/1.wav": "press"}


@pytest.fixture(scope="module")
def moonshine() -> Moonshine:
    """The real model; ``make test`` installs it first."""
    return Moonshine(locate("moonshine-tiny-en", load_settings().models))


@pytest.fixture(scope="module")
def company(root: Path) -> Understanding:
    vocabulary = load_desk("company", root).vocabulary(commands("en"))
    return Understanding(Matcher(vocabulary), Expect(), "en", datetime(2026, 11, 24, 10, 15), 0.25)


def spoken(root: Path, name: str, intent: str | None) -> Case:
    return Case(f"cases.jsonl:{name}", "", root / "audio" / "calls" / "company" / name, name, True, intent)


def test_recordings_and_sentences_are_judged_in_their_order(
    root: Path, company: Understanding, moonshine: Moonshine
) -> None:
    cases = [spoken(root, name, intent) for name, intent in TURNS.items()]
    cases.insert(1, Case("cases.jsonl:9", "billing please", judged=True, intent="billing"))
    done: list[int] = []
    some = evaluate(cases, company, Conditions(LineKind.G711), lambda: moonshine, lambda: done.append(1))
    assert [one.case for one in some] == cases
    assert [one.taken_for for one in some] == ["billing", "billing", "sales", "press"]
    assert len(done) == 4
    assert [one.recognize is None for one in some] == [False, True, False, False]
    assert all(0.005 < one.recognize < 30.0 for one in some if one.recognize is not None)
    assert all(one.match > 0.0 for one in some)


def test_the_recognizer_is_opened_only_for_recordings(company: Understanding) -> None:
    def refuse() -> Moonshine:
        raise ModelError("not wanted")

    (one,) = evaluate(
        [Case("c:1", "billing please", judged=True, intent="billing")], company, Conditions(), refuse
    )
    assert one.right
    with pytest.raises(ModelError, match="not wanted"):
        evaluate([Case("c:1", audio=Path(__file__), name="x")], company, Conditions(), refuse)


def test_all_that_is_said_in_a_recording_is_heard(root: Path, moonshine: Moonshine) -> None:
    first, rate = read_wav(root / "audio" / "calls" / "company" / "billing-plain" / "1.wav", rate=8_000)
    second, _ = read_wav(root / "audio" / "calls" / "company" / "sales-quote" / "1.wav", rate=8_000)
    apart = np.concatenate([silence(0.5, rate), first, silence(1.5, rate), second, silence(0.2, rate)])
    reading = _hear(moonshine, apart, rate)
    words = reading[0].text.lower()
    assert "invoice" in words or "bill" in words
    assert "quote" in words or "price" in words or "station" in words


def test_a_sentence_that_a_pause_cut_in_two_is_also_read_as_a_whole(root: Path, moonshine: Moonshine) -> None:
    pcm, rate = read_wav(root / "audio" / "calls" / "company" / "billing-plain" / "1.wav", rate=8_000)
    (once,) = _hear(moonshine, np.concatenate([pcm, silence(1.0, rate)]), rate)
    make = WordGraphBuilder()
    said = re.findall(r"[\w']+", once.text) * 2
    graph = make.graph(make.sequence(said, make.end))
    apart = np.concatenate([silence(0.5, rate), pcm, silence(0.8, rate), pcm, silence(1.0, rate)])
    _, held = _hear(moonshine, apart, rate, lambda: graph)
    assert held.text == " ".join(said)
    assert held.fit is not None
    assert held.fit > -1.0


def test_the_surer_of_parts_and_whole_and_what_is_held_of_the_whole() -> None:
    parts, held = (reading("a", 0.5),), Hypothesis("b", 1.0, fit=-0.1)
    assert surer(parts, (reading("c", 0.6), held)) == (reading("c", 0.6), held)
    assert surer(parts, (reading("c", 0.4), held)) == (*parts, held)
    assert surer(parts, (held,)) == (*parts, held)
    assert surer((), (held,)) == (held,)
    assert surer(parts, ()) == parts


def test_a_recording_that_ends_with_its_last_word(root: Path, moonshine: Moonshine) -> None:
    pcm, rate = read_wav(root / "audio" / "calls" / "company" / "billing-plain" / "1.wav", rate=8_000)
    bounds = speech_bounds(pcm, rate)
    assert bounds is not None
    (best,) = _hear(moonshine, pcm[: round(bounds[1] * rate)], rate)
    assert "invoice" in best.text


def test_nothing_is_heard_in_silence(moonshine: Moonshine) -> None:
    assert _hear(moonshine, silence(1.0, 8_000), 8_000) == ()


def _hear(
    moonshine: Moonshine, pcm: np.ndarray, rate: int, grammar: Grammar = anything
) -> tuple[Hypothesis, ...]:
    async def hear() -> tuple[Hypothesis, ...]:
        ear = Ear(moonshine, lambda _: Completeness.UNKNOWN, (), grammar)
        try:
            return (await ear.hear(pcm, rate)).hypotheses
        finally:
            await ear.close()

    return asyncio.run(hear())


class Failing:
    """A recognizer that fails, to see that it is not hidden."""

    name, language, streaming = "failing", "en", False

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> Failing:
        return self

    def feed(self, pcm: object) -> None:
        pass

    def peek(self) -> None:
        return None

    def settle(self) -> None:
        pass

    def finish(self) -> tuple[Hypothesis, ...]:
        raise ModelError("the model is damaged")

    def close(self) -> None:
        self.closed = True


def test_a_recognizer_that_fails_is_an_error_and_leaves_no_thread(root: Path, company: Understanding) -> None:
    failing = Failing()
    cases = [spoken(root, name, intent) for name, intent in TURNS.items()]
    with pytest.raises(IvrError, match="the model is damaged"):
        evaluate(cases, company, Conditions(), lambda: failing)
    assert failing.closed
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("recognizer")]


def test_a_recording_that_cannot_be_read_names_its_line(tmp_path: Path, company: Understanding) -> None:
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    write_wav(good, silence(0.1, 8_000), 8_000)
    bad.write_bytes(b"RIFF")
    cases = [Case("c.jsonl:1", audio=good, name="good.wav"), Case("c.jsonl:2", audio=bad, name="bad.wav")]
    with pytest.raises(CaseError) as error:
        check_recordings(cases)
    assert error.value.place == "c.jsonl:2: bad.wav"
    check_recordings(cases[:1])
    with pytest.raises(CaseError, match=r"c\.jsonl:2: bad\.wav"):
        evaluate(cases[1:], company, Conditions(), Failing)


def test_threshold_0_rejects_nothing_and_1_everything(company: Understanding) -> None:
    case = Case("c:1", "I was charged twice for my order", judged=True, intent="billing")
    for threshold, accepted in ((0.0, True), (1.0, False)):
        state = Understanding(company.matcher, company.expect, "en", company.when, threshold)
        (one,) = evaluate([case], state, Conditions(), Failing)
        assert one.accepted is accepted


@pytest.mark.parametrize(
    "text", ["", "   ", "\0\x1b[2J", "🙂🙂", "'; DROP TABLE calls; --", "word " * 10_000]
)
def test_strange_sentences_are_cases_like_others(text: str) -> None:
    matcher = Matcher(Vocabulary("en", (IntentSpec("a", (), ("some tea please",)),)))
    state = Understanding(matcher, Expect(), "en", datetime(2026, 1, 1), 0.25)
    (one,) = evaluate([Case("c:1", text, judged=True, intent=None)], state, Conditions(), Failing)
    assert one.right


# --- joining utterances -------------------------------------------------------------------------------


def reading(text: str, confidence: float) -> Hypothesis:
    return Hypothesis(text, confidence, tuple(Word(word, 0.0, 0.1, confidence) for word in text.split()))


def test_one_utterance_stays_as_it_is() -> None:
    some = (reading("a", 0.5), reading("b", 0.4))
    assert joined([some]) is some
    assert joined([(), some, (reading(" ", 0.1),)]) is some
    assert joined([]) == ()


def test_several_utterances_are_one() -> None:
    best, second = joined([(reading("one two three", 0.8),), (reading("four", 0.4), reading("for", 0.2))])
    assert (best.text, second.text) == ("one two three four", "one two three for")
    assert best.confidence == pytest.approx(0.7)
    assert [word.text for word in best.words] == ["one", "two", "three", "four"]
