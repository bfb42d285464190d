"""Moonshine held to a grammar: token paths, the search, and the held reading of a stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.ears.expectation import Expectation, Place
from ivr.ears.free_reading import greedy
from ivr.ears.grammar_decoder import GrammarDecoder, GrammarReading, agreed
from ivr.ears.moonshine import Moonshine, speech_span, with_margins
from ivr.ears.moonshine_model import END
from ivr.ears.token_graph import ASIDE_PRICE, DEAR_PRICE, State, TokenGraph
from ivr.ears.written import Form, Spelling
from ivr.media.pcm import Pcm, silence
from ivr.media.resample import resample
from ivr.media.wav import read_wav
from ivr.wordgraph import WordGraph, WordGraphBuilder

RATE = 16_000
WORDS = ["latte", "two", "four", "twenty", "please", "Smith", "double", "five"]
PHRASES = st.sets(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(tuple), min_size=1, max_size=6)


def graph_of(
    *phrases: str | tuple[str, ...], fillers: tuple[str, ...] = (), dear: tuple[str, ...] = ()
) -> WordGraph:
    make = WordGraphBuilder()

    def begin(some: Iterable[str | tuple[str, ...]]) -> int:
        split = [phrase.split() if isinstance(phrase, str) else phrase for phrase in some]
        return make.either([make.sequence(phrase, make.end) for phrase in split])

    return make.graph(begin(phrases), fillers, begin(dear) if dear else None)


@pytest.fixture(scope="module")
def spelling(moonshine: Moonshine) -> Spelling:
    return Spelling(moonshine.model.tokenizer)


def follow(tokens: TokenGraph, ids: tuple[int, ...]) -> bool:
    """Whether the ids are a way through the graph, and may end."""
    state: State | None = tokens.start
    for token in (*ids, END):
        assert state is not None
        steps = tokens.steps(state)
        places = np.flatnonzero(steps.ids == token)
        if not len(places):
            return False
        state = steps.states[int(places[0])]
    return state is None


def plain(spelling: Spelling, words: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(token for word in words for token in spelling.ids(word, Form.SPACED))


@given(PHRASES, st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(tuple))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_phrases_are_accepted_as_their_words_and_nothing_else_is(
    spelling: Spelling, phrases: set[tuple[str, ...]], other: tuple[str, ...]
) -> None:
    tokens = TokenGraph(graph_of(*sorted(phrases)), spelling)
    for words in phrases:
        ids = plain(spelling, words)
        assert follow(tokens, ids)
        assert tokens.read(ids) == words
    ids = plain(spelling, other)
    assert follow(tokens, ids) == (other in phrases)
    assert tokens.read(ids) == (other if other in phrases else None)


def test_dear_phrases_have_their_price_when_nothing_else_begins_so(spelling: Spelling) -> None:
    tokens = TokenGraph(graph_of("two please", dear=("two five", "double five")), spelling)
    prices = {}
    for words in (("two", "please"), ("two", "five"), ("double", "five")):
        ids = plain(spelling, words)
        assert tokens.read(ids) == words
        owed, state = 0.0, tokens.start
        for token in ids:
            steps = tokens.steps(state)
            at = int(np.flatnonzero(steps.ids == token)[0])
            owed += float(steps.prices[at])
            state = steps.states[at] or state
        prices[words] = owed
    assert prices == {("two", "please"): 0.0, ("two", "five"): DEAR_PRICE, ("double", "five"): DEAR_PRICE}


def test_what_is_said_aside_has_its_price_and_short_words_are_written_out(spelling: Spelling) -> None:
    make = WordGraphBuilder()
    answer, aside = make.sequence(["that's", "two"], make.end), make.sequence(["five"], make.end)
    graph = make.graph(answer, aside=aside, shorts={"that's": ("that", "is")})
    tokens = TokenGraph(graph, spelling)
    assert tokens.read(plain(spelling, ("that's", "two"))) == ("that", "is", "two")
    steps = tokens.steps(tokens.start)
    prices = dict(zip(steps.ids.tolist(), steps.prices.tolist(), strict=True))
    assert prices[plain(spelling, ("five",))[0]] == ASIDE_PRICE
    assert prices[plain(spelling, ("that's",))[0]] == 0.0


@given(PHRASES, st.data())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_path_is_a_phrase_of_the_grammar(
    spelling: Spelling, phrases: set[tuple[str, ...]], data: st.DataObject
) -> None:
    tokens = TokenGraph(graph_of(*sorted(phrases)), spelling)
    state, ids = tokens.start, ()
    for _ in range(40):
        steps = tokens.steps(state)
        if not steps.states:
            return  # a hyphen after the last word leads nowhere
        ends = steps.states[-1] is None
        pick = data.draw(st.integers(0, len(steps.ids) - 1))
        if ends and (pick == len(steps.ids) - 1 or len(ids) > 12):
            break
        following = steps.states[pick]
        assert following is not None
        state, ids = following, (*ids, int(steps.ids[pick]))
    else:
        return
    assert tokens.read(ids) in phrases


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("two four", "24"),
        ("twenty four", "24"),
        ("double five", "55"),
        ("medium roast latte", "Medium-roast, latte."),
        ("three o'clock", "3:00"),
    ],
)
def test_other_ways_to_write_a_phrase(
    spelling: Spelling, moonshine: Moonshine, phrase: str, written: str
) -> None:
    tokens = TokenGraph(graph_of(phrase), spelling)
    ids = tuple(moonshine.model.tokenizer.encode(written, add_special_tokens=False).ids)
    assert follow(tokens, ids)
    assert tokens.read(ids) == tuple(phrase.split())


def test_fillers_may_be_said_anywhere_and_are_no_words(spelling: Spelling) -> None:
    tokens = TokenGraph(graph_of("a latte", fillers=("um", "please")), spelling)
    assert tokens.read(plain(spelling, ("um", "a", "um", "latte", "please"))) == ("a", "latte")
    assert not follow(tokens, plain(spelling, ("um", "please")))


def test_forgotten_states_are_made_anew(spelling: Spelling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.ears.token_graph.MAX_STATES", 3)
    tokens = TokenGraph(graph_of("a large latte", "two small coffees"), spelling)
    for words in (("a", "large", "latte"), ("two", "small", "coffees")) * 2:
        assert follow(tokens, plain(spelling, words))


# --- sounds

SILENT_FRAMES = 4


@pytest.fixture(scope="module")
def decoder(moonshine: Moonshine) -> GrammarDecoder:
    return GrammarDecoder(moonshine.model)


def test_sound_that_is_no_number_has_no_reading(moonshine: Moonshine, decoder: GrammarDecoder) -> None:
    begun = moonshine.model.start(np.full((1, 40, 288), np.nan, dtype=np.float32))
    assert decoder.read(begun, TokenGraph(graph_of("a latte"), decoder.spelling)) == ()


@pytest.fixture
def frames(moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of every step of the decoder, the frames of the sound that it decodes."""
    decoded: list[int] = []
    step = moonshine.model.step
    monkeypatch.setattr(
        moonshine.model, "step", lambda at, ids: (decoded.append(at.hidden.shape[1]), step(at, ids))[1]
    )
    return decoded


def test_what_is_expected_is_worked_out_once(moonshine: Moonshine, question: Pcm, frames: list[int]) -> None:
    """Read once, a sound is read again without silence being decoded, to the same readings."""
    decoder = GrammarDecoder(moonshine.model)
    tokens = TokenGraph(graph_of("where is your office", "where is your house"), decoder.spelling)
    samples = with_margins(question)
    assert samples is not None
    begun = moonshine.model.start(moonshine.model.encode(samples))
    first = decoder.read(begun, tokens)
    assert set(frames) == {begun.hidden.shape[1], SILENT_FRAMES}
    frames.clear()
    assert decoder.read(begun, tokens) == first
    assert set(frames) == {begun.hidden.shape[1]}


def test_a_search_ends_with_the_free_reading_where_no_phrase_was_said(
    moonshine: Moonshine, question: Pcm, frames: list[int]
) -> None:
    """Any number of digits goes on for as long as it may: here they are given up after the free reading."""
    decoder = GrammarDecoder(moonshine.model)
    make = WordGraphBuilder()
    left = make.end
    for _ in range(40):
        left = make.either([make.sequence([digit], left) for digit in ("six", "seven", "eight")])
    tokens = TokenGraph(make.graph(left), decoder.spelling)
    samples = with_margins(question)
    assert samples is not None
    begun = moonshine.model.start(moonshine.model.encode(samples))
    assert decoder.read(begun, tokens) == ()
    free = greedy(moonshine.model, samples, begun)
    heard = [one for one in frames if one > SILENT_FRAMES]
    assert len(heard) <= 2 * len(free.tokens) + 2  # the search, and `greedy` just now


def test_the_free_reading_is_not_made_to_its_end_twice(
    moonshine: Moonshine, question: Pcm, frames: list[int]
) -> None:
    """Where all paths have ended, the rest is taken from the free reading: the same fit for fewer steps."""
    decoder = GrammarDecoder(moonshine.model)
    tokens = TokenGraph(graph_of("where"), decoder.spelling)
    samples = with_margins(question)
    assert samples is not None
    begun = moonshine.model.start(moonshine.model.encode(samples))
    free = greedy(moonshine.model, samples, begun)
    assert len(free.tokens) > 4
    (without,) = decoder.read(begun, tokens)
    frames.clear()
    (known,) = decoder.read(begun, tokens, free)
    assert len([one for one in frames if one > SILENT_FRAMES]) < len(free.tokens)
    assert known.words == without.words
    assert known.fit == pytest.approx(without.fit, abs=0.02)
    cut = replace(free, end=None)
    assert decoder.read(begun, tokens, cut) == (without,)


def test_what_is_expected_is_what_the_decoder_says_of_silence(
    moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = moonshine.model
    expectation = Expectation(model)
    tokens = TokenGraph(graph_of("a latte", "where is it"), Spelling(model.tokenizer))
    steps = tokens.steps(tokens.start)
    first = [Place(tokens.start, (), steps.ids)]
    (values,) = expectation.search().of(first)
    begun = model.start(model.encode(np.zeros(2_048, np.float32)))
    assert begun.hidden.shape[1] == SILENT_FRAMES
    assert np.allclose(values, begun.log_probabilities()[0, steps.ids], atol=1e-4)
    token, state = int(steps.ids[0]), steps.states[0]
    assert state is not None
    then = model.step(begun, [token]).log_probabilities()[0]
    chance = float(begun.log_probabilities()[0, token] + then[2])
    assert expectation.of_transcript((token, 2)) == pytest.approx(
        chance, abs=0.5
    )  # other rows: see the model
    # The first is known, so the decoder begins with the second, and goes on from there.
    search, second = expectation.search(), Place(state, (token,), tokens.steps(state).ids)
    assert search.knows(first) and not search.knows([second])
    search.of(first)
    assert np.allclose(search.of([second])[0], then[second.next], atol=0.5)
    third = tokens.steps(state).states[0]
    assert third is not None
    longer = (token, int(second.next[0]))
    place = Place(third, longer, tokens.steps(third).ids)
    after = model.step(model.step(begun, [token]), [longer[1]]).log_probabilities()[0]
    assert np.allclose(search.of([place])[0], after[place.next], atol=0.5)
    # When there is no room for more, everything is made anew, and is the same.
    monkeypatch.setattr("ivr.ears.expectation.MOST_VALUES", len(steps.ids))
    expectation._keep([second], model.step(begun, [token]).logits)
    assert not expectation.search().knows(first)
    assert np.array_equal(expectation.search().of(first)[0], values)


def test_two_searches_agree_on_what_both_find() -> None:
    def found(word: str, score: float, fit: float) -> GrammarReading:
        return GrammarReading((word,), score, fit, 2 * fit, 0.5)

    first = (found("four", -1.0, -0.2), found("one", -1.2, -0.4))
    second = (found("one", -0.8, -0.2), found("what", -1.0, -0.1))
    best, *others = agreed([first, second])
    assert best.words == ("one",) and best.score == pytest.approx(-1.0)
    assert best.fit == pytest.approx(-0.3) and best.likelihood == pytest.approx(-0.6)
    assert [one.words for one in others] == [("four",), ("what",)]
    assert sum(one.chance for one in (best, *others)) == pytest.approx(1.0)
    assert agreed([first]) == first and agreed([(), first]) == first and agreed([(), ()]) == ()


def test_a_short_unsure_sound_is_held_with_both_margins(
    moonshine: Moonshine, question: Pcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, _ = speech_span(question)
    searches: list[int] = []
    read = GrammarDecoder.read
    monkeypatch.setattr(
        GrammarDecoder, "read", lambda *given: (searches.append(given[1].hidden.shape[1]), read(*given))[1]
    )
    for seconds, sure, many in ((0.4, 1.01, 2), (0.4, 1e-9, 1), (2.0, 1.01, 1)):
        monkeypatch.setattr("ivr.ears.moonshine.SURE", sure)
        searches.clear()
        stream = moonshine.stream((), lambda: graph_of("where is your office"))
        stream.feed(np.resize(question[start : start + round(0.4 * RATE)], round(seconds * RATE)))
        stream.finish()
        assert len(searches) == many


@pytest.mark.parametrize("pcm", [silence(1.0, RATE), np.zeros(0, np.int16), np.full(50, 9000, np.int16)])
def test_silence_and_nothing_have_no_held_reading(moonshine: Moonshine, pcm: Pcm) -> None:
    stream = moonshine.stream((), lambda: graph_of("a latte"))
    stream.feed(pcm)
    stream.settle()
    assert stream.finish() == ()


@pytest.fixture(scope="module")
def question(root: Path) -> Pcm:
    """ "Where is your office?", in the project's own voice."""
    return resample(*read_wav(root / "audio" / "calls" / "company" / "address-directions" / "1.wav"), RATE)


def test_what_the_grammar_has_is_read_and_fits(moonshine: Moonshine, question: Pcm) -> None:
    grammar = graph_of("where is your office", "where is your house", "what are your hours", "goodbye")
    stream = moonshine.stream((), lambda: grammar)
    stream.feed(question)
    free, held, *_ = stream.finish()
    assert free.fit is None
    assert "office" in free.text
    assert held.text == "where is your office"
    assert held.fit is not None
    assert held.fit > -0.6
    assert held.confidence > 0.9


def test_other_speech_does_not_fit(moonshine: Moonshine, question: Pcm) -> None:
    grammar = graph_of("two large lattes with skim milk", "cancel my order")
    stream = moonshine.stream((), lambda: grammar)
    stream.feed(question)
    free, *held = stream.finish()
    assert "office" in free.text
    assert all(one.fit is not None and one.fit < -2.0 for one in held)
    assert len(held) <= 1


def test_that_no_phrase_was_found_is_said(
    moonshine: Moonshine, question: Pcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GrammarDecoder, "read", lambda *_: ())
    stream = moonshine.stream((), lambda: graph_of("a latte"))
    stream.feed(question)
    free, nothing = stream.finish()
    assert "office" in free.text
    assert (nothing.text, nothing.confidence) == ("", 0.0)
    assert nothing.fit is not None


def test_held_work_is_done_once_and_not_by_peek(moonshine: Moonshine, question: Pcm) -> None:
    asked = []

    def grammar() -> WordGraph:
        asked.append(1)
        return graph_of("where is your office")

    stream = moonshine.stream((), grammar)
    stream.feed(question)
    stream.peek()
    assert not asked
    stream.settle()
    stream.settle()
    assert len(stream.finish()) == 2
    assert len(asked) == 1


def test_long_speech_is_only_read_freely(
    moonshine: Moonshine, question: Pcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.ears.moonshine.LONGEST_HELD", 0.5)
    stream = moonshine.stream((), lambda: graph_of("where is your office"))
    stream.feed(question)
    assert [one.fit for one in stream.finish()] == [None]


def test_a_directory_of_5000_names_is_expanded_only_where_it_is_said(
    moonshine: Moonshine, question: Pcm
) -> None:
    firsts = [f"{a}{b}n" for a in ("Ba", "Do", "Ke", "Li", "Mo") for b in ("ra", "di", "lo", "mu", "te") * 2]
    names = [f"{first}{n} {chr(97 + n % 26)}orton{n}" for n, first in enumerate(firsts * 100)]
    assert len(set(names)) == 5_000
    tokens = TokenGraph(graph_of("where is your office", *names), Spelling(moonshine.model.tokenizer))
    decoder = GrammarDecoder(moonshine.model)
    samples = with_margins(question)
    assert samples is not None
    (best, *_) = decoder.read(moonshine.model.start(moonshine.model.encode(samples)), tokens)
    assert best.words == ("where", "is", "your", "office")
    assert len(tokens._known) < 500
