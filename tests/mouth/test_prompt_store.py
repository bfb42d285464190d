from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults
import numpy as np
import pytest

from ivr.errors import AudioError, StateError, UnknownError, VoiceError
from ivr.events import Trouble
from ivr.media.pcm import Pcm
from ivr.media.wav import write_wav
from ivr.mouth.prompts import PromptStore
from ivr.mouth.sentences import Sentence, pause_after

RATE = 8_000
THREE = "First one. Second one. Third one."


class HandVoice:
    """A voice whose sentences take as long as the test wants: sound of 10 ms a letter once allowed."""

    def __init__(self, name: str = "hand 1", *, free: bool = True, fails: tuple[str, ...] = ()) -> None:
        self.name = name
        self.language = "en-US"
        self.spoken: list[str] = []
        self.began = threading.Semaphore(0)
        self._allowed = threading.Semaphore(10_000 if free else 0)
        self._fails = fails

    def allow(self, sentences: int = 1) -> None:
        self._allowed.release(sentences)

    def speak(self, text: str, rate: int, tempo: float = 1.0) -> Pcm:
        self.spoken.append(text)
        self.began.release()
        assert self._allowed.acquire(timeout=10)
        if text in self._fails:
            raise VoiceError("fell silent", place=self.name)
        return np.full(int(len(text) * rate / tempo) // 100, len(text), dtype=np.int16)

    def close(self) -> None:
        self.allow(100)


async def heard(store: PromptStore, text: str, name: str = "p", rate: int = RATE) -> list[Sentence]:
    return [sentence async for sentence in store.sentences(name, text, rate)]


@pytest.fixture
def stores(tmp_path) -> Iterator[list[PromptStore]]:
    """Stores that the test opened; closed after it."""
    opened: list[PromptStore] = []
    yield opened
    for store in opened:
        store._voice.close()
        store.close()


@pytest.fixture
def store_of(stores, tmp_path):
    def open_store(voice: HandVoice, cache: Path | None = tmp_path / "cache", **options) -> PromptStore:
        stores.append(PromptStore(voice, cache, **options))
        return stores[-1]

    return open_store


async def test_a_prompt_comes_sentence_by_sentence_with_pauses_between(store_of):
    voice = HandVoice()
    sentences = await heard(store_of(voice), THREE)
    assert [s.text for s in sentences] == ["First one.", "Second one.", "Third one."]
    for sentence, last in zip(sentences, (False, False, True), strict=True):
        sound = len(sentence.text) * RATE // 100
        assert (sentence.pcm[:sound] == len(sentence.text)).all()
        assert not sentence.pcm[sound:].any()
        assert len(sentence.pcm) - sound == (0 if last else round(pause_after(sentence.text) * RATE))


async def test_the_first_sentence_is_out_while_the_next_is_made(store_of):
    voice = HandVoice(free=False)
    source = store_of(voice).sentences("p", THREE, RATE)
    first = asyncio.ensure_future(anext(source))
    await asyncio.to_thread(voice.began.acquire)
    assert voice.spoken == ["First one."]
    voice.allow()
    assert (await first).text == "First one."
    await asyncio.to_thread(voice.began.acquire)  # without being asked for
    assert voice.spoken == ["First one.", "Second one."]  # one ahead, not all of a long prompt
    voice.allow(2)
    assert (await anext(source)).text == "Second one."
    assert (await anext(source)).text == "Third one."
    with pytest.raises(StopAsyncIteration):
        await anext(source)


async def test_fixed_is_there_at_once_or_not_at_all(store_of):
    voice = HandVoice()
    store = store_of(voice)
    assert store.fixed("p", THREE, RATE) is None
    await heard(store, "First one. Second one.")
    assert store.fixed("p", THREE, RATE) is None
    made = await heard(store, THREE)
    fixed = store.fixed("p", THREE, RATE)
    assert fixed is not None
    assert [s.text for s in fixed] == [s.text for s in made]
    assert all(np.array_equal(a.pcm, b.pcm) for a, b in zip(fixed, made, strict=True))
    assert store.fixed("p", THREE, 16_000) is None
    assert voice.spoken == ["First one.", "Second one.", "Third one."]


async def test_what_one_process_made_another_finds(store_of):
    await heard(store_of(HandVoice()), THREE)
    voice = HandVoice()
    store = store_of(voice)
    assert store.fixed("p", THREE, RATE) is not None
    await heard(store, THREE)
    assert voice.spoken == []


async def test_another_voice_language_rate_or_text_is_another_sound(store_of):
    await heard(store_of(HandVoice()), "Hello.")
    for voice, text, rate in (
        (HandVoice("hand 2"), "Hello.", RATE),
        (HandVoice(), "Hello!", RATE),
        (HandVoice(), "Hello.", 16_000),
    ):
        assert store_of(voice).fixed("p", text, rate) is None
    british = HandVoice()
    british.language = "en-GB"
    assert store_of(british).fixed("p", "Hello.", RATE) is None


async def test_a_damaged_file_is_made_again(store_of, tmp_path):
    (before,) = await heard(store_of(HandVoice()), "Hello.")
    (file,) = (tmp_path / "cache").rglob("*.pcm")
    file.write_bytes(file.read_bytes()[:-10])
    voice = HandVoice()
    (after,) = await heard(store_of(voice), "Hello.")
    assert voice.spoken == ["Hello."]
    assert np.array_equal(before.pcm, after.pcm)
    assert store_of(HandVoice()).fixed("p", "Hello.", RATE) is not None


async def test_calls_that_want_the_same_sentence_wait_for_one_synthesis(store_of):
    voice = HandVoice(free=False)
    store = store_of(voice)
    calls = [asyncio.ensure_future(heard(store, "Hello there.")) for _ in range(5)]
    await asyncio.to_thread(voice.began.acquire)
    calls[0].cancel()
    await asyncio.sleep(0)
    voice.allow()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(result[0].text == "Hello there." for result in results[1:])
    assert voice.spoken == ["Hello there."]


async def test_a_call_that_leaves_does_not_take_away_what_another_waits_for(store_of):
    voice = HandVoice(free=False)
    store = store_of(voice)
    busy = [asyncio.ensure_future(heard(store, f"Call {n}.")) for n in range(2)]
    for _ in range(2):
        await asyncio.to_thread(voice.began.acquire)
    leaves, stays = (asyncio.ensure_future(heard(store, "Hello there.")) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.sleep(0)
    voice.allow(3)
    assert [s.text for s in await stays] == ["Hello there."]
    await asyncio.gather(*busy)


async def test_synthesis_does_not_hold_up_the_event_loop_and_is_bounded(store_of):
    voice = HandVoice(free=False)
    store = store_of(voice)
    calls = [asyncio.ensure_future(heard(store, f"Call {n}.")) for n in range(6)]
    for _ in range(2):
        await asyncio.to_thread(voice.began.acquire)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(voice.spoken) == 2
    voice.allow(6)
    assert len(await asyncio.gather(*calls)) == 6


async def test_a_failing_voice_is_an_error_for_its_sentence_and_tried_again_next_time(store_of):
    voice = HandVoice(fails=("Second one.",))
    store = store_of(voice)
    got: list[str] = []
    with pytest.raises(VoiceError):
        async for sentence in store.sentences("p", THREE, RATE):
            got.append(sentence.text)
    assert got == ["First one."]
    with pytest.raises(VoiceError):
        await heard(store, THREE)
    assert voice.spoken.count("Second one.") == 2
    assert store.fixed("p", THREE, RATE) is None


async def test_nothing_to_say_is_a_short_silence(store_of):
    store = store_of(HandVoice())
    for sentences in (await heard(store, " \n"), list(store.fixed("p", "", RATE) or ())):
        (sentence,) = sentences
        assert len(sentence.pcm) == 800
        assert not sentence.pcm.any()


# --- recordings ----------------------------------------------------------------------------------------


def record(folder: Path, name: str, seconds: float = 1.0) -> None:
    t = np.arange(round(seconds * 8_000)) / 8_000
    folder.mkdir(exist_ok=True)
    write_wav(folder / f"{name}.wav", (9_000 * np.sin(2 * np.pi * 300 * t)).astype(np.int16), 8_000)


@pytest.mark.parametrize("rate", [8_000, 16_000])
async def test_a_recording_is_played_instead_of_the_text(store_of, tmp_path, rate):
    record(tmp_path / "prompts", "greeting")
    voice = HandVoice()
    store = store_of(voice, recordings=tmp_path / "prompts")
    assert store.recorded == {"greeting"}
    (sentence,) = await heard(store, "Hello. How are you?", "greeting", rate)
    assert sentence.text == "Hello. How are you?"
    assert len(sentence.pcm) / rate == pytest.approx(1.0, abs=0.1)
    (fixed,) = store.fixed("greeting", "Hello. How are you?", rate) or ()
    assert np.array_equal(fixed.pcm, sentence.pcm)
    assert voice.spoken == []
    assert [s.text for s in await heard(store, "Bye.", "farewell", rate)] == ["Bye."]


def test_a_broken_recording_fails_when_the_desk_is_opened(store_of, tmp_path):
    record(tmp_path / "prompts", "fine")
    (tmp_path / "prompts" / "greeting.wav").write_bytes(b"RIFF")
    with pytest.raises(AudioError, match="greeting.wav"):
        store_of(HandVoice(), recordings=tmp_path / "prompts")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", ""])
async def test_names_that_leave_the_folder_are_refused(store_of, tmp_path, name):
    record(tmp_path, "x")
    store = store_of(HandVoice(), recordings=tmp_path / "prompts")
    with pytest.raises(UnknownError):
        await heard(store, "Hello.", name)
    with pytest.raises(UnknownError):
        store.fixed(name, "Hello.", RATE)


# --- trouble with the cache folder -----------------------------------------------------------------------


async def test_without_a_usable_folder_it_works_from_memory_and_says_so_once(store_of):
    told: list[Trouble] = []
    with faults.without_rights() as folder:
        folder.chmod(0o555)
        voice = HandVoice()
        store = store_of(voice, folder, report=told.append)
        for _ in range(3):
            assert len(await heard(store, THREE)) == 3
        assert store.fixed("p", THREE, RATE) is not None
    assert voice.spoken == ["First one.", "Second one.", "Third one."]
    assert len(told) == 1
    assert str(folder) in told[0].what


async def test_memory_keeps_what_was_used_last(store_of):
    voice = HandVoice()
    store = store_of(voice, None, memory_bytes=3 * 2 * 800)  # three sentences of ten letters
    for text in ("aaaaaaaaa.", "bbbbbbbbb.", "ccccccccc.", "aaaaaaaaa.", "ddddddddd."):
        await heard(store, text)
    assert store.fixed("p", "aaaaaaaaa.", RATE) is not None
    assert store.fixed("p", "bbbbbbbbb.", RATE) is None
    assert store.fixed("p", "ddddddddd.", RATE) is not None
    assert voice.spoken.count("aaaaaaaaa.") == 1


# --- rendering everything beforehand -----------------------------------------------------------------------


async def test_render_all_makes_every_prompt_and_counts_them(store_of, tmp_path):
    record(tmp_path / "prompts", "greeting")
    voice = HandVoice()
    store = store_of(voice, recordings=tmp_path / "prompts")
    steps: list[int] = []
    prompts = [("greeting", "Hello."), ("a", THREE), ("b", "Second one."), ("c", "")]
    await store.render_all(prompts, RATE, lambda: steps.append(1))
    assert len(steps) == 4
    assert voice.spoken == ["First one.", "Second one.", "Third one."]
    assert all(store_of(HandVoice(), recordings=tmp_path / "prompts").fixed(*p, RATE) for p in prompts)


async def test_render_all_fails_when_nothing_can_be_kept_or_spoken(store_of, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="IVR_CACHE"):
        await store_of(HandVoice(), tmp_path / "file").render_all([("a", THREE)], RATE)
    with pytest.raises(VoiceError):
        await store_of(HandVoice(fails=("No.",))).render_all([("a", "No.")], RATE)


async def test_render_all_on_a_full_disk(store_of):
    with faults.tiny_disk(16) as disk:
        with pytest.raises(StateError, match=str(disk)):
            await store_of(HandVoice(), disk).render_all(
                [("a", THREE * 3), ("b", "Fourth one. Fifth one.")], RATE
            )
        assert not list(disk.rglob("*.part"))


# --- the real voices ---------------------------------------------------------------------------------------


async def test_a_real_voice_in_several_processes_at_once(espeak, tmp_path):
    code = f"""
import asyncio, pathlib
from ivr.mouth.pyttsx3_voice import Pyttsx3Voice
from ivr.mouth.prompts import PromptStore
voice = Pyttsx3Voice("en-US")
store = PromptStore(voice, pathlib.Path({str(tmp_path)!r}))
asyncio.run(store.render_all([("a", {THREE!r})], 8000))
store.close()
voice.close()
"""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(subprocess.run, [sys.executable, "-c", code], check=False) for _ in range(2)]
        assert [(await asyncio.wrap_future(run)).returncode for run in runs] == [0, 0]
    store = PromptStore(espeak, tmp_path)
    found = store.fixed("a", THREE, 8_000)
    store.close()
    assert found is not None
    assert len(list(tmp_path.rglob("*.pcm"))) == 3
    assert not list(tmp_path.rglob("*.part"))
    made = PromptStore(espeak, None)
    fresh = await heard(made, THREE)
    made.close()
    assert all(np.array_equal(a.pcm, b.pcm) for a, b in zip(found, fresh, strict=True))


def test_a_recording_never_replaces_a_prompt_that_speaks_a_value(store_of, tmp_path):
    record(tmp_path / "prompts", "read_back")
    store = store_of(HandVoice(), recordings=tmp_path / "prompts", fixed=frozenset({"greeting"}))
    assert store.fixed("read_back", "four two", 8_000) is None


async def test_what_is_slower_is_made_when_needed_and_kept_apart(store_of) -> None:
    store = store_of(HandVoice())
    await heard(store, "Hello.")
    assert store.fixed("p", "Hello.", RATE, 0.8) is None
    (slow,) = [one async for one in store.sentences("p", "Hello.", RATE, 0.8)]
    (again,) = store.fixed("p", "Hello.", RATE, 0.8) or ()
    (plain,) = store.fixed("p", "Hello.", RATE) or ()
    assert len(slow.pcm) == len(again.pcm) == int(len(plain.pcm) / 0.8)
