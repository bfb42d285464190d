"""Files of a model that cannot be opened, whatever is wrong with them."""

from __future__ import annotations

from pathlib import Path

import onnxruntime as ort
import pytest

from ivr.modelfiles import DamagedError, open_graph, open_tokenizer


@pytest.mark.parametrize("data", [None, b"", b"junk" * 100, b"\x08\x07\x12\x04test:\x10"])
def test_what_is_no_model_is_damaged(tmp_path: Path, data: bytes | None) -> None:
    file = tmp_path / "file"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(DamagedError, match=r"\w"):
        open_graph(file, ort.SessionOptions())
    with pytest.raises(DamagedError, match=r"\w"):
        open_tokenizer(file)


def test_a_folder_is_none_either(tmp_path: Path) -> None:
    with pytest.raises(DamagedError):
        open_graph(tmp_path, ort.SessionOptions())
    with pytest.raises(DamagedError):
        open_tokenizer(tmp_path)


def test_a_mistake_of_ours_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        open_graph(tmp_path)  # type: ignore[call-arg]
