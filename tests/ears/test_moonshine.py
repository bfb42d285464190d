"""The real Moonshine tiny, on real and made-up sound."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from ivr.ears.free_reading import Reading, greedy, loop_length
from ivr.ears.moonshine import MARGIN, Moonshine, pieces, speech_span, with_margins
from ivr.ears.moonshine_model import END, MoonshineModel
from ivr.errors import ModelError
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm, silence, to_float
from ivr.media.resample import resample

RATE = 16_000


def noise(seconds: float, level: float = 2000.0) -> Pcm:
    return np.random.default_rng(0).normal(0, level, round(seconds * RATE)).astype(np.int16)


def heard(moonshine: Moonshine, pcm: Pcm) -> Hypothesis | None:
    stream = moonshine.stream()
    stream.feed(pcm)
    return next(iter(stream.finish()), None)


@pytest.fixture(scope="session")
def orders(shared: Path) -> list[tuple[Pcm, dict[str, str]]]:
    folder = shared / "speech" / "en-commands"
    lines = (folder / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[:12]]
    return [
        (resample(soundfile.read(folder / row["audio"], dtype="int16")[0], 8_000, RATE), row["slots"])
        for row in rows
    ]


@pytest.mark.shared
def test_most_words_of_the_orders_are_heard(
    moonshine: Moonshine, orders: list[tuple[Pcm, dict[str, str]]]
) -> None:
    right = total = 0
    for pcm, slots in orders:
        best = heard(moonshine, pcm)
        assert best is not None
        words = best.text.lower().replace("-", " ").replace(".", "").replace(",", "").split()
        wanted = " ".join(slots.values()).split()
        right += sum(word in words for word in wanted)
        total += len(wanted)
    assert right / total > 0.8


@pytest.mark.shared
def test_a_reading_has_words_with_confidences_in_their_places(
    moonshine: Moonshine, orders: list[tuple[Pcm, dict[str, str]]]
) -> None:
    pcm, _ = orders[0]
    best = heard(moonshine, pcm)
    assert best is not None
    assert best.text == "Make me a double-shot drip coffee with a bit of sweetener."
    assert [word.text for word in best.words] == best.text.split()
    assert 0.8 < best.confidence <= 1.0
    assert all(0.0 < word.confidence <= 1.0 for word in best.words)
    first, last = speech_span(pcm)
    assert best.words[0].start == pytest.approx(first / RATE)
    assert best.words[-1].end == pytest.approx(last / RATE)
    assert all(a.end == pytest.approx(b.start) for a, b in zip(best.words, best.words[1:], strict=False))


@pytest.mark.shared
def test_noise_lowers_the_confidence(moonshine: Moonshine, orders: list[tuple[Pcm, dict[str, str]]]) -> None:
    pcm, _ = orders[0]
    loud = pcm.astype(np.int32) + noise(len(pcm) / RATE, 6000.0)
    clear, noisy = heard(moonshine, pcm), heard(moonshine, loud.clip(-32768, 32767).astype(np.int16))
    assert clear is not None
    assert noisy is None or noisy.confidence < clear.confidence - 0.1


@pytest.mark.shared
def test_peek_reads_and_finish_is_free_when_nothing_came_in_between(
    moonshine: Moonshine, orders: list[tuple[Pcm, dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pcm, _ = orders[0]
    calls = []
    encode = MoonshineModel.encode

    def counted(self: MoonshineModel, samples: np.ndarray) -> np.ndarray:
        calls.append(len(samples))
        return encode(self, samples)

    monkeypatch.setattr(MoonshineModel, "encode", counted)
    stream = moonshine.stream(("anything",))
    assert stream.peek() is None
    stream.feed(pcm)
    early = stream.peek()
    assert early is not None
    once = len(calls)
    assert stream.peek() == early
    assert stream.finish() == (early,)
    assert len(calls) == once

    stream = moonshine.stream()
    stream.feed(pcm[: 2 * RATE])
    part = stream.peek()
    stream.feed(pcm[2 * RATE :])
    (whole,) = stream.finish()
    assert part is not None
    assert len(whole.text) > len(part.text)
    assert whole.text == early.text


@pytest.mark.shared
def test_threads_share_the_model(moonshine: Moonshine, orders: list[tuple[Pcm, dict[str, str]]]) -> None:
    sounds = [pcm for pcm, _ in orders[:4]]
    alone = [heard(moonshine, pcm) for pcm in sounds]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda pcm: heard(moonshine, pcm), sounds * 2)) == alone * 2


@pytest.mark.shared
def test_rows_of_a_batch_go_their_own_ways(
    moonshine: Moonshine, orders: list[tuple[Pcm, dict[str, str]]]
) -> None:
    """What a beam search needs: rows read other tokens, change places, and agree with a batch of one."""
    model = moonshine.model
    samples = with_margins(orders[0][0])
    assert samples is not None
    best = greedy(model, samples).tokens
    start = model.start(model.encode(samples))
    assert start.log_probabilities().shape == (1, 32_768)
    assert np.exp(start.log_probabilities()).sum() == pytest.approx(1.0, abs=1e-4)
    other = int(np.argsort(start.logits[0])[-2])
    both = model.step(start.select([0, 0]), [best[0], other])
    assert [int(token) for token in both.logits.argmax(axis=1)][0] == best[1]
    swapped = model.step(both.select([1, 0]), [5, best[1]])
    alone = model.step(model.step(start, [best[0]]), [best[1]])
    assert int(swapped.logits[1].argmax()) == best[2]
    assert np.abs(swapped.logits[1] - alone.logits[0]).max() < 2.0
    assert np.abs(swapped.logits[0] - alone.logits[0]).max() > 2.0


@pytest.mark.parametrize(
    "sound",
    [
        silence(3.0, RATE),
        silence(0.0, RATE),
        noise(0.05),
        noise(2.0),
        np.full(RATE, 5, dtype=np.int16),
        np.full(RATE, -32768, dtype=np.int16),
        (8000 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.int16),
    ],
    ids=["silence", "nothing", "too short", "noise", "almost silence", "full scale", "tone"],
)
def test_what_is_no_speech_has_no_reading(moonshine: Moonshine, sound: Pcm) -> None:
    stream = moonshine.stream()
    stream.feed(sound)
    assert stream.peek() is None
    assert stream.finish() == ()


def test_the_tokens_are_bounded_by_the_length_of_the_sound(
    moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decoder that never ends, and never says the same twice, is stopped at 6.5 tokens a second."""
    said = iter(range(1000, 2000))
    stops = MoonshineModel.step

    def babble(self: MoonshineModel, state: object, tokens: list[int]) -> object:
        after = stops(self, state, tokens)  # type: ignore[arg-type]
        after.logits[:] = 0.0
        after.logits[0, next(said)] = 50.0
        return after

    monkeypatch.setattr(MoonshineModel, "step", babble)
    samples = to_float(noise(2.0))
    monkeypatch.setattr("ivr.ears.free_reading.END", -1)
    assert len(greedy(moonshine.model, samples).tokens) == 13


def test_a_loop_is_cut_to_its_first_round_and_believed_less(
    moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter([7, 8, 9, 10] * 10)
    step = MoonshineModel.step

    def circle(self: MoonshineModel, state: object, tokens: list[int]) -> object:
        after = step(self, state, tokens)  # type: ignore[arg-type]
        after.logits[:] = 0.0
        after.logits[0, next(rounds)] = 50.0
        return after

    monkeypatch.setattr(MoonshineModel, "step", circle)
    monkeypatch.setattr("ivr.ears.free_reading.END", -1)
    reading = greedy(moonshine.model, to_float(noise(5.0)))
    assert reading.looped
    assert reading.tokens[1:] == (7, 8, 9, 10)
    assert reading.confidence < 0.5


@pytest.mark.parametrize(("first", "second", "kept"), [(0.6, 0.65, 2), (0.6, 0.5, 1), (0.7, 0.9, 1)])
def test_an_unsure_reading_is_made_again_and_the_surer_one_kept(
    moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch, first: float, second: float, kept: int
) -> None:
    lengths = []
    readings = iter([Reading((1000,), (float(np.log(first)),)), Reading((1001,), (float(np.log(second)),))])

    def read(_: MoonshineModel, samples: np.ndarray, hidden: np.ndarray) -> Reading:
        lengths.append(len(samples))
        return next(readings)

    monkeypatch.setattr("ivr.ears.moonshine.greedy", read)
    best = heard(moonshine, noise(1.0))
    assert best is not None
    assert best.confidence == pytest.approx(second if kept == 2 else first)
    assert lengths == ([RATE + 2 * 4_800] if first >= 0.7 else [RATE + 2 * 4_800, RATE + 2 * 1_600])


@pytest.mark.parametrize(("words", "read"), [((1000,), 1), ((), 2)])
def test_while_callers_wait_only_empty_readings_are_made_again(
    moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch, words: tuple[int, ...], read: int
) -> None:
    made = []
    unsure = Reading(words, tuple(-1.0 for _ in words))
    monkeypatch.setattr("ivr.ears.moonshine.greedy", lambda *_: (made.append(1), unsure)[1])
    for waited_for, times in ((False, 2), (True, read)):
        moonshine.spare_when(lambda waits=waited_for: waits)  # type: ignore[misc]
        made.clear()
        heard(moonshine, noise(1.0))
        assert len(made) == times
    moonshine.spare_when(lambda: False)


def test_confidence_of_a_reading() -> None:
    assert Reading().confidence == 0.0
    assert Reading((1, 2), (-0.5, -1.5)).confidence == pytest.approx(np.exp(-1.0))
    assert Reading((1, 2), (-0.5, -1.5), looped=True).confidence == pytest.approx(np.exp(-1.0) / 2)


@pytest.mark.parametrize(
    ("tokens", "length"),
    [
        ([], 0),
        ([1, 2, 3] * 2, 0),
        ([1, 2, 3] * 3, 3),
        ([9, 9, *[1, 2, 3, 4] * 3], 4),
        ([*[1, 2, 3] * 3, 4], 0),
        ([5] * 8, 0),
        ([5] * 9, 3),
        ([5, 6] * 6, 4),
    ],
)
def test_loops(tokens: list[int], length: int) -> None:
    assert loop_length(tokens) == length


def test_digits_said_again_and_again_are_no_loop() -> None:
    """ "zero zero zero zero", one token each; nine of them are."""
    assert [loop_length([5] * count) > 0 for count in range(1, 10)] == [False] * 8 + [True]


@given(st.floats(0.0, 1.0), st.floats(0.15, 1.0), st.floats(0.0, 1.0))
def test_speech_always_gets_its_margins(before: float, speech: float, after: float) -> None:
    burst = noise(speech)
    pcm = np.concatenate([silence(before, RATE), burst, silence(after, RATE)])
    samples = with_margins(pcm)
    assert samples is not None
    loud = np.flatnonzero(samples)
    assert len(samples) == pytest.approx(len(burst) + 2 * MARGIN * RATE, abs=2 * RATE // 100)
    assert loud[0] == pytest.approx(MARGIN * RATE, abs=RATE // 100)
    assert len(samples) - loud[-1] == pytest.approx(MARGIN * RATE, abs=RATE // 100)
    assert np.array_equal(samples[loud[0] : loud[-1] + 1], to_float(np.trim_zeros(burst)))


def test_long_sound_is_cut_in_its_pauses() -> None:
    said = np.concatenate([noise(25.0), silence(0.4, RATE), noise(26.0), silence(0.4, RATE), noise(5.0)])
    parts = pieces(said)
    assert np.array_equal(np.concatenate(parts), said)
    ends = np.cumsum([len(part) for part in parts]) / RATE
    assert len(ends) == 3
    assert 25.0 < ends[0] < 25.4
    assert 51.4 < ends[1] < 51.8
    assert [len(part) for part in pieces(noise(30.0))] == [30 * RATE]
    assert all(len(part) <= 30 * RATE for part in pieces(noise(200.0)))


def test_what_it_is(moonshine: Moonshine) -> None:
    assert (moonshine.name, moonshine.language, moonshine.streaming) == ("moonshine tiny", "en", False)
    assert moonshine.model.tokenizer.token_to_id("</s>") == END
    moonshine.close()


def test_a_missing_or_damaged_file_is_one_line(tmp_path: Path, moonshine_folder: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks encoder_model\.onnx\. Remove the folder and run: ivr"):
        MoonshineModel(tmp_path)
    for name in ("encoder_model.onnx", "decoder_model_merged.onnx", "tokenizer.json"):
        shutil.copy(moonshine_folder / name, tmp_path)
    (tmp_path / "encoder_model.onnx").write_bytes(b"not onnx")
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        MoonshineModel(tmp_path)
    assert "\n" not in str(error.value)
    shutil.copy(moonshine_folder / "encoder_model.onnx", tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded"):
        MoonshineModel(tmp_path)
