"""Which recognizer a desk gets."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from ivr.config import Settings, load_settings
from ivr.ears import choose
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.recognizer import Recognizer
from ivr.errors import ModelError


def nothing_in(tmp_path: Path) -> Settings:
    return load_settings(environ={"IVR_MODELS": str(tmp_path)})


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path]]:
    """Opening is noted instead of loading half a gigabyte."""
    seen: list[tuple[str, Path]] = []
    monkeypatch.setattr(choose, "VoskRecognizer", lambda path, language: seen.append((language, path)))
    monkeypatch.setattr(choose, "Moonshine", lambda path, *_: seen.append(("moonshine", path)))
    return seen


def vosk_model(models: Path, folder: str) -> Path:
    (models / folder).mkdir()
    (models / folder / "final.mdl").write_bytes(b"x")
    return models / folder


def test_english_without_vosk_is_moonshine(tmp_path: Path, moonshine_folder: Path) -> None:
    (tmp_path / "moonshine-tiny-en").symlink_to(moonshine_folder)
    recognizer = open_recognizer(RecognizerKind.MOONSHINE, "en-US", nothing_in(tmp_path))
    assert recognizer.name.startswith("moonshine tiny")  # with a second opinion where its package is there


def test_auto_prefers_vosk_where_the_language_is_installed(
    tmp_path: Path, opened: list[tuple[str, Path]], moonshine_folder: Path
) -> None:
    english = vosk_model(tmp_path, "vosk-model-small-en-us-0.15")
    chinese = vosk_model(tmp_path, "vosk-model-small-cn-0.22")
    (tmp_path / "moonshine-tiny-en").symlink_to(moonshine_folder)
    open_recognizer(RecognizerKind.AUTO, "en-GB", nothing_in(tmp_path))
    open_recognizer(RecognizerKind.MOONSHINE, "en-GB", nothing_in(tmp_path))
    open_recognizer(RecognizerKind.VOSK, "zh-Hans-CN", nothing_in(tmp_path))
    assert opened == [("en", english), ("moonshine", tmp_path / "moonshine-tiny-en"), ("zh", chinese)]


def test_auto_falls_back_to_moonshine_for_english(
    tmp_path: Path, opened: list[tuple[str, Path]], moonshine_folder: Path
) -> None:
    vosk_model(tmp_path, "vosk-model-small-de-0.15")
    (tmp_path / "moonshine-tiny-en").symlink_to(moonshine_folder)
    open_recognizer(RecognizerKind.AUTO, "EN", nothing_in(tmp_path))
    assert opened == [("moonshine", tmp_path / "moonshine-tiny-en")]


@pytest.mark.parametrize(
    ("kind", "language", "message"),
    [
        (RecognizerKind.AUTO, "en-US", r"no recognizer for en-US is .* install moonshine-tiny-en$"),
        (
            RecognizerKind.VOSK,
            "en",
            r"no vosk recognizer for en is installed\. Run: .* en-us$",
        ),
        (RecognizerKind.AUTO, "de-AT", r"no recognizer for de-AT is installed\. Run: ivr models install de$"),
        (RecognizerKind.MOONSHINE, "de", r"^no moonshine recognizer knows the language de\. Use another"),
        (RecognizerKind.AUTO, "tlh", r"^no recognizer knows the language tlh\. .* 'ivr\.recognizers'$"),
    ],
)
def test_nothing_there_names_the_command(
    tmp_path: Path, kind: RecognizerKind, language: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        open_recognizer(kind, language, nothing_in(tmp_path))


def test_a_package_may_offer_a_further_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def __init__(self, language: str, answer: object) -> None:
            self.language, self.answer = language, answer

        def load(self) -> object:
            return lambda language, settings: self.answer if language == self.language else None

    engine = object()
    offers = {choose.ENTRY_POINTS: [Entry("xx", 1), Entry("tlh", engine)]}
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: offers[group])
    found: Recognizer | object = open_recognizer(RecognizerKind.AUTO, "tlh", nothing_in(tmp_path))
    assert found is engine
    with pytest.raises(ModelError):
        open_recognizer(RecognizerKind.VOSK, "tlh", nothing_in(tmp_path))
