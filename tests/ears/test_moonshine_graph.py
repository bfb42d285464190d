"""The decoder that takes less memory gives the same numbers, and what stands in its way costs memory only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from ivr.ears.moonshine_graph import lean_decoder
from ivr.ears.moonshine_model import DECODER_FILE, ENCODER_FILE, TOKENIZER_FILE, Floats, MoonshineModel


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ears")


def test_the_numbers_are_nearly_the_same_at_every_step(moonshine_folder: Path, cache: Path) -> None:
    makers, lean = MoonshineModel(moonshine_folder), MoonshineModel(moonshine_folder, cache)
    assert {path.suffix for path in cache.iterdir()} == {".onnx", ".weights"}
    sound = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    one, other = makers.start(makers.encode(sound)), lean.start(lean.encode(sound))
    assert close(one.logits, other.logits)
    one, other = one.select([0, 0]), other.select([0, 0])
    for tokens in ([100, 200], [300, 400]):
        one, other = makers.step(one, tokens), lean.step(other, tokens)
        assert close(one.logits, other.logits)
    makers_own, ours = makers.throughout(one.hidden, (100, 300)), lean.throughout(one.hidden, (100, 300))
    assert makers_own.shape == ours.shape == (3, 32_768)
    assert close(makers_own, ours)
    rows = [(100, 300), (200, 400)]
    one, other = makers.begun(one.hidden, rows), lean.begun(one.hidden, rows)
    assert close(one.logits, other.logits)
    assert close(makers.step(one, [100, 200]).logits, lean.step(other, [100, 200]).logits)


def close(one: Floats, other: Floats) -> bool:
    """What the last layer is given is rounded to bytes."""
    differ = np.abs(one - other)
    return one.shape == other.shape and bool(differ.max() < 0.3 and differ.std() < 0.03)


def test_it_is_made_once(moonshine_folder: Path, cache: Path) -> None:
    path = lean_decoder(moonshine_folder / DECODER_FILE, cache)
    made = path.stat()
    assert lean_decoder(moonshine_folder / DECODER_FILE, cache) == path
    assert path.stat().st_mtime_ns == made.st_mtime_ns


def test_a_cache_that_cannot_be_written(moonshine_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    decoder = moonshine_folder / DECODER_FILE
    assert lean_decoder(decoder, tmp_path / "file" / "ears") == decoder


def test_a_file_of_another_shape_is_left_as_it_is(moonshine_folder: Path, tmp_path: Path) -> None:
    assert lean_decoder(moonshine_folder / ENCODER_FILE, tmp_path) == moonshine_folder / ENCODER_FILE
    (tmp_path / "broken.onnx").write_bytes(b"not onnx")
    assert lean_decoder(tmp_path / "broken.onnx", tmp_path) == tmp_path / "broken.onnx"


def test_a_decoder_whose_words_are_no_bytes_is_left_as_it_is(tmp_path: Path) -> None:
    """The maker also has one of floats: the matrix is then simply there."""
    words = numpy_helper.from_array(
        np.zeros((4, 8), np.float32), "model.decoder.embed_tokens.weight_transposed"
    )
    scores = helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1, 8])
    product = helper.make_node("MatMul", ["hidden", words.name], ["logits"])
    branch = helper.make_graph([product], "branch", [], [scores], [words])
    both = helper.make_node("If", ["first"], ["logits"], then_branch=branch, else_branch=branch)
    first = helper.make_tensor_value_info("first", onnx.TensorProto.BOOL, [])
    onnx.save(helper.make_model(helper.make_graph([both], "decoder", [first], [scores])), tmp_path / "d.onnx")
    assert lean_decoder(tmp_path / "d.onnx", tmp_path / "cache") == tmp_path / "d.onnx"


@pytest.mark.parametrize("suffix", [".onnx", ".weights"])
def test_a_damaged_file_in_the_cache_is_made_anew(
    moonshine_folder: Path, tmp_path: Path, suffix: str
) -> None:
    model, cache = tmp_path / "model", tmp_path / "cache"
    model.mkdir()
    for name in (ENCODER_FILE, DECODER_FILE, TOKENIZER_FILE):
        (model / name).symlink_to(moonshine_folder / name)
    path = lean_decoder(model / DECODER_FILE, cache)
    damaged = path.with_suffix(suffix)
    damaged.write_bytes(damaged.read_bytes()[:1000])
    MoonshineModel(model, cache)
    assert not path.exists()
