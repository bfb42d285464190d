"""The settings we give as examples, and those in the documents, can be used as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.dialog.load import find_desk
from ivr.serving.settings import load_serving

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples" / "serve").glob("*.toml"))
IN_DOCS = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "serve.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_read_and_its_desks_are_there(file: Path) -> None:
    load_settings(file, {})
    serving = load_serving(file)
    assert all(line.listen.loopback for line in serving.lines)
    for desk in serving.all_desks():
        assert find_desk(desk, ROOT).is_file()


@pytest.mark.parametrize("text", IN_DOCS, ids=range(len(IN_DOCS)))
def test_settings_in_the_documents_are_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "ivr.toml"
    file.write_text(text)
    assert load_serving(file).lines


def test_the_dialplan_and_the_settings_name_the_same_addresses() -> None:
    dialplan = (ROOT / "examples" / "asterisk" / "extensions.conf").read_text()
    serving = load_serving(ROOT / "examples" / "serve" / "ivr.toml")
    assert f"IVR_HTTP=http://{serving.http.listen}\n" in dialplan
    assert f"IVR_SOUND={serving.lines[0].listen}\n" in dialplan
