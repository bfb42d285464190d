"""One utterance: its sound, how loud it is, where its words lie."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from ivr.ears.recognizer import RecognizerStream
from ivr.ears.second import SecondOpinion
from ivr.ears.utterance import Utterance
from ivr.meaning import Hypothesis, Word


def utterance(**more: object) -> Utterance:
    return Utterance(cast(RecognizerStream, None), "words", 2.3, 2.0, **more)  # type: ignore[arg-type]


def test_sound_is_given_once_and_kept_only_for_a_second_opinion() -> None:
    first, second = np.arange(3, dtype=np.int16), np.arange(5, dtype=np.int16)
    plain, twice = utterance(), utterance(second=cast(SecondOpinion, object()))
    for one in (plain, twice):
        one.waiting = [first, second]
        assert one.take().tolist() == [0, 1, 2, 0, 1, 2, 3, 4]
        assert one.take().tolist() == []
    assert not plain.sound
    assert np.concatenate(twice.sound).tolist() == [0, 1, 2, 0, 1, 2, 3, 4]


def test_it_is_as_loud_as_its_speech_on_average() -> None:
    one = utterance()
    assert one.loudness() is None
    one.voice(np.zeros(160, np.int16))
    assert one.loudness() is None
    one.voice(np.full(160, 32_767, np.int16))
    assert one.loudness() == pytest.approx(-3.0, abs=0.05)  # half of its power is that of full scale


def test_words_lie_in_the_call() -> None:
    placed = utterance().in_call(
        Hypothesis("my bill", 0.9, (Word("my", 0.3, 0.5, 0.9), Word("bill", 0.5, 1.0, 0.9)))
    )
    assert placed.text == "my bill"
    assert [(word.start, word.end) for word in placed.words] == [(2.3, 2.5), (2.5, 3.0)]
