from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from ivr.errors import VoiceError
from ivr.mouth import pyttsx3_voice
from ivr.mouth.pyttsx3_voice import ANSWER_SECONDS, REST_SECONDS, RESTARTS, Pyttsx3Voice

SENTENCE = "Thank you for calling Northwind, how can I help you today?"


def workers() -> list[psutil.Process]:
    """The worker processes of this one, zombies too; not their forks."""
    return [
        child
        for child in psutil.Process().children()
        if child.status() == psutil.STATUS_ZOMBIE or is_worker(child)
    ]


def is_worker(process: psutil.Process) -> bool:
    return "ivr.mouth.worker" in process.cmdline()


@pytest.fixture
def voice():
    """A voice of its own, and the check that nothing of it is left behind."""
    before = {child.pid for child in psutil.Process().children()}
    voice = Pyttsx3Voice("en-US")
    yield voice
    voice.close()
    assert {child.pid for child in psutil.Process().children()} <= before


def worker_of(voice: Pyttsx3Voice) -> psutil.Process:
    return psutil.Process(voice._worker._process.pid)


def folder_of(voice: Pyttsx3Voice) -> Path:
    return voice._worker._folder


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_speaks_at_the_line_rate_equally_loud_and_trimmed(espeak, measure, rate):
    pcm = espeak.speak(SENTENCE, rate)
    assert 2.5 < len(pcm) / rate < 5.0
    assert measure.speech_dbfs(pcm, rate) == pytest.approx(-20, abs=1.5)
    assert measure.peak_dbfs(pcm) <= -1
    before, after = measure.silence_around(pcm, rate)
    assert before <= 0.05
    assert after <= 0.10
    assert measure.share(pcm, rate, 100, 3_400) > 0.8


@pytest.mark.parametrize(
    ("language", "text", "voice"),
    [
        ("en-GB", "Good morning.", "gmw/en"),
        ("de-DE", "Guten Morgen, wie kann ich Ihnen helfen?", "gmw/de"),
        ("ko", "안녕하세요, 무엇을 도와 드릴까요?", "ko"),
        ("zh-CN", "您好，请问有什么可以帮您？", "sit/cmn"),
        ("cmn", "您好。", "sit/cmn"),
    ],
)
def test_languages(measure, language, text, voice):
    opened = Pyttsx3Voice(language)
    try:
        pcm = opened.speak(text, 8_000)
        assert opened.name.startswith("pyttsx3 2.99 espeak-ng ")
        assert opened.name.endswith(voice)
        assert opened.language == language
        assert 0.3 < len(pcm) / 8_000 < 6.0
        assert measure.speech_dbfs(pcm, 8_000) == pytest.approx(-20, abs=1.5)
    finally:
        opened.close()


@pytest.mark.parametrize("language", ["tlh", "english", "fo", ""])
def test_a_language_nobody_speaks_is_refused(language):
    """Faroese is listed by espeak-ng, without the dictionary that it needs."""
    before = workers()
    with pytest.raises(VoiceError):
        Pyttsx3Voice(language)
    assert workers() == before


def test_an_unknown_voice_is_refused_though_pyttsx3_swallows_it():
    with pytest.raises(VoiceError, match="zz9"):
        Pyttsx3Voice("en", voice="gmw/en-us+zz9")


def test_other_voices_and_speeds_sound_different(espeak):
    deep, fast = Pyttsx3Voice("en-US", voice="gmw/en-us+m3"), Pyttsx3Voice("en-US", speed=1.5)
    try:
        usual, other, quick = (v.speak(SENTENCE, 8_000) for v in (espeak, deep, fast))
        assert len({espeak.name, deep.name, fast.name}) == 3
        assert len(quick) < 0.8 * len(usual)
        assert len(other) != len(usual) or not np.array_equal(other, usual)
    finally:
        deep.close()
        fast.close()
    with pytest.raises(VoiceError, match="speed"):
        Pyttsx3Voice("en", speed=3)


def test_the_same_text_is_the_same_sound_whatever_was_said_before_and_by_whom(espeak):
    first = espeak.speak(SENTENCE, 8_000)
    espeak.speak("Something else, quite different.", 8_000)
    assert np.array_equal(first, espeak.speak(SENTENCE, 8_000))
    code = f"""
from ivr.mouth.pyttsx3_voice import Pyttsx3Voice
import sys
voice = Pyttsx3Voice("en-US")
voice.speak("One two three.", 8000)
sys.stdout.buffer.write(voice.speak({SENTENCE!r}, 8000).tobytes())
voice.close()
"""
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert other == first.tobytes()


@pytest.mark.parametrize("text", ["", "   ", "...", "—!", "\0\n"])
def test_nothing_to_say_is_a_short_silence(espeak, text):
    pcm = espeak.speak(text, 8_000)
    assert len(pcm) == 800
    assert not pcm.any()


def test_long_texts_are_spoken_to_their_end(espeak):
    """pyttsx3 crashes over some 18,000 characters at once and loses the end of long ones."""
    once = len(espeak.speak("This is number one.", 8_000))
    many = len(espeak.speak("This is number one. " * 40, 8_000))
    assert many == pytest.approx(40 * (once + 0.25 * 8_000), rel=0.02)
    assert len(espeak.speak("and so on " * 200, 8_000)) > 100 * 8_000


def test_text_reaches_no_shell_and_no_file(espeak, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in (
        "$(touch hit) `touch hit`; touch hit",
        "'; touch hit #",
        "<audio src='hit'/>",
        "../hit.wav",
        "%s%n {0}",
    ):
        assert espeak.speak(text, 8_000).any()
    assert not list(tmp_path.iterdir())


def test_files_of_the_current_folder_are_not_imported(tmp_path, monkeypatch):
    for name in ("json", "pyttsx3", "soundfile"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    Pyttsx3Voice("en-US").close()


def test_what_cannot_be_pronounced_is_an_error_and_costs_no_restart(voice):
    swedish = Pyttsx3Voice("chr")  # Cherokee: no digits
    try:
        worker = worker_of(swedish).pid
        with pytest.raises(VoiceError, match="12"):
            swedish.speak("12", 8_000)
        assert worker_of(swedish).pid == worker
    finally:
        swedish.close()


def test_threads_take_turns(espeak):
    texts = [f"This is sentence number {n}." for n in range(8)]
    alone = [espeak.speak(text, 8_000) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: espeak.speak(text, 8_000), texts))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_memory_and_files_do_not_grow(voice):
    voice.speak(SENTENCE, 8_000)
    size = worker_of(voice).memory_info().rss
    for number in range(20):
        voice.speak(f"Number {number}.", 8_000)
    assert worker_of(voice).memory_info().rss < size * 1.2
    assert {path.name for path in folder_of(voice).iterdir()} == {"complaints.txt"}


# --- death, hanging, replacement ---------------------------------------------------------------------


def speak_while(voice: Pyttsx3Voice, fault: Callable[[psutil.Process], None]) -> tuple[np.ndarray, float]:
    """Stop the worker, so that a sentence is certainly not finished, begin one, and let the fault happen."""
    worker = worker_of(voice)
    worker.suspend()
    sent = threading.Event()
    write = voice._worker._process.stdin.flush

    def flushed() -> None:
        write()
        sent.set()

    voice._worker._process.stdin.flush = flushed  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        sound = pool.submit(voice.speak, SENTENCE, 8_000)
        assert sent.wait(5)
        fault(worker)
        return sound.result(30), time.monotonic() - began


def test_killed_in_the_middle_of_a_sentence_it_is_replaced_and_the_sentence_spoken(voice):
    usual = voice.speak(SENTENCE, 8_000)
    old, folder = worker_of(voice), folder_of(voice)
    sound, seconds = speak_while(voice, lambda worker: worker.send_signal(signal.SIGKILL))
    assert np.array_equal(sound, usual)
    assert seconds < 4
    assert not old.is_running()
    assert not folder.exists()


def test_hanging_it_is_replaced_after_five_seconds(voice):
    usual = voice.speak(SENTENCE, 8_000)
    old = worker_of(voice)
    sound, seconds = speak_while(voice, lambda worker: None)
    assert np.array_equal(sound, usual)
    assert ANSWER_SECONDS <= seconds < ANSWER_SECONDS + 3
    assert not old.is_running()


def test_killed_between_sentences_it_is_replaced(voice):
    usual = voice.speak(SENTENCE, 8_000)
    worker = worker_of(voice)
    worker.kill()
    assert np.array_equal(voice.speak(SENTENCE, 8_000), usual)
    assert worker_of(voice).pid != worker.pid


def test_an_engine_that_crashes_takes_its_fork_along_and_nothing_else(voice):
    """The fork is shot while it speaks; the worker answers with an error and is replaced all the same."""
    stop = threading.Event()
    shot: list[int] = []

    def shoot(worker: psutil.Process) -> None:
        while not stop.is_set() and not shot:
            for fork in worker.children():
                os.kill(fork.pid, signal.SIGSEGV)
                shot.append(fork.pid)

    hunter = threading.Thread(target=shoot, args=(worker_of(voice),))
    hunter.start()
    try:
        assert len(voice.speak(SENTENCE, 8_000)) > 8_000
    finally:
        stop.set()
        hunter.join()
    assert shot


class FaultyPython:
    """An interpreter that stands in for the worker's and answers each request with the same fault."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "python"
        self.starts = folder / "starts"
        self._monkeypatch = monkeypatch
        self._real = sys.executable

    def answer(self, python: str) -> None:
        self.path.write_text(
            f"#!{self._real}\n"
            "import json, os, sys, wave\n"
            f"open({str(self.starts)!r}, 'a').write('x')\n"
            "for line in sys.stdin:\n"
            "    request = json.loads(line)\n"
            "    file = os.path.join(sys.argv[-1], request['file'])\n"
            f"    {python}\n"
            "    sys.stdout.flush()\n"
        )
        self.path.chmod(0o755)
        self._monkeypatch.setattr(sys, "executable", str(self.path))

    def heal(self) -> None:
        self._monkeypatch.setattr(sys, "executable", self._real)

    @property
    def started(self) -> int:
        return len(self.starts.read_text()) if self.starts.exists() else 0


@pytest.fixture
def faulty(tmp_path, monkeypatch) -> FaultyPython:
    return FaultyPython(tmp_path, monkeypatch)


WRITE = "w = wave.open(file, 'wb'); w.setnchannels(1); w.setsampwidth(2); w.setframerate(22050); "


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("raise SystemExit('no such module')", "no such module"),
        ("print('Audio saved')", "Audio saved"),
        ("print('{}')", "no sound was written"),
        (WRITE + "w.writeframes(bytes(800)); w.close(); print('{}')", "0.02 s of sound"),
        (WRITE + "w.writeframes(bytes(22050 * 2 * 600)); w.close(); print('{}')", "600.00 s of sound"),
        ("open(file, 'w').write('RIFF'); print('{}')", "no sound was written"),
        ("print(json.dumps({'error': 'OSError: no space left'}))", "no space left"),
    ],
    ids=["dies", "nonsense", "no file", "cut short", "too long", "broken file", "error"],
)
def test_a_worker_that_stays_faulty_is_an_error_after_one_retry_and_then_works_again(
    voice, faulty, answer, said
):
    faulty.answer(answer)
    worker_of(voice).kill()
    with pytest.raises(VoiceError, match=said) as caught:
        voice.speak(SENTENCE, 8_000)
    assert "\n" not in str(caught.value)
    assert faulty.started == 1
    faulty.heal()
    assert voice.speak(SENTENCE, 8_000).any()


def test_after_a_few_restarts_in_a_row_it_rests_instead_of_keeping_callers_waiting(faulty):
    now = [100.0]
    voice = Pyttsx3Voice("en-US", clock=lambda: now[0])
    try:
        faulty.answer("raise SystemExit('broken')")
        worker_of(voice).kill()
        with pytest.raises(VoiceError):
            voice.speak(SENTENCE, 8_000)
        with pytest.raises(VoiceError, match=f"rests for {REST_SECONDS:g} s"):
            voice.speak(SENTENCE, 8_000)
        tried = faulty.started
        assert tried == RESTARTS - 1
        for _ in range(5):
            with pytest.raises(VoiceError):
                voice.speak(SENTENCE, 8_000)
        assert faulty.started == tried
        faulty.heal()
        with pytest.raises(VoiceError):
            voice.speak(SENTENCE, 8_000)
        now[0] += REST_SECONDS
        assert voice.speak(SENTENCE, 8_000).any()
    finally:
        voice.close()


def test_restarts_that_help_are_not_counted():
    voice = Pyttsx3Voice("en-US", clock=lambda: 100.0)
    try:
        for _ in range(RESTARTS + 2):
            worker_of(voice).kill()
            assert voice.speak("Hello.", 8_000).any()
    finally:
        voice.close()


def test_no_interpreter_or_no_temporary_folder_is_an_error_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(VoiceError, match="cannot be started"):
        Pyttsx3Voice("en-US")
    monkeypatch.setattr(pyttsx3_voice.tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(VoiceError, match="no temporary folder"):
        Pyttsx3Voice("en-US")


# --- the end -----------------------------------------------------------------------------------------


def test_close_ends_the_process_and_clears_away(voice):
    process, folder = worker_of(voice), folder_of(voice)
    voice.close()
    voice.close()
    assert not process.is_running()
    assert not folder.exists()
    with pytest.raises(VoiceError, match="closed"):
        voice.speak("Hello.", 8_000)


def test_close_kills_a_worker_that_does_not_listen(voice):
    process = worker_of(voice)
    process.suspend()
    voice.close()
    assert not process.is_running()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_parent_s_death_ends_the_worker(how):
    code = """
from ivr.mouth.pyttsx3_voice import Pyttsx3Voice
import sys
voice = Pyttsx3Voice("en-US")
print(voice._worker._process.pid, voice._worker._folder, flush=True)
sys.stdin.read()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        pid, folder = parent.stdout.readline().split()
        worker = psutil.Process(int(pid))
        assert is_worker(worker)
        parent.send_signal(how)
        parent.wait()
        gone, alive = psutil.wait_procs([worker], timeout=10)
    assert gone
    assert not alive
    assert not Path(folder).exists()


def test_control_c_is_the_parent_s_business(voice):
    worker = worker_of(voice)
    worker.send_signal(signal.SIGINT)
    assert voice.speak(SENTENCE, 8_000).any()
    assert worker_of(voice).pid == worker.pid
    assert os.getpgid(worker.pid) != os.getpgid(0)


def test_a_slower_tempo_is_longer_in_one_voice(espeak):
    text = "Please tell me the number of your order."
    plain, slow = (len(espeak.speak(text, 8_000, tempo)) for tempo in (1.0, 0.65))
    assert 1.25 * plain < slow < 1.8 * plain
