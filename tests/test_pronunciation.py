from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ivr.mouth.hibari_voice import HibariVoice
from ivr.pronunciation import pronunciation
from ivr.understanding.phonemes import EnglishSpeller


def test_ears_and_mouth_share_one() -> None:
    assert pronunciation() is pronunciation(british=False)
    assert EnglishSpeller()._g2p is pronunciation()
    assert HibariVoice("en-US")._engine.g2p is pronunciation()


def test_threads_get_what_one_alone_gets() -> None:
    texts = [f"Call number {number}, kwizzle {number}." for number in range(40)]
    alone = [pronunciation()(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pronunciation(), texts)) == alone
    assert "kw" in alone[0]
