"""Every language pyttsx3's engine speaks (espeak-ng on Linux), from a child process that can be replaced."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

import ivr
from ivr.errors import VoiceError
from ivr.media.pcm import Pcm
from ivr.mouth.languages import EngineVoice, choose_voice
from ivr.mouth.speaking import speak_text

ANSWER_SECONDS = 5.0
"""A sentence takes 20-60 ms; a worker that has not answered after this hangs, and is killed."""

START_SECONDS = 10.0
"""A worker starts in 0.2 s; on a busy machine with cold disks it takes longer."""

RESTARTS = 3
"""So many replacements in a row that did not help; then the voice is given up for `REST_SECONDS`."""

REST_SECONDS = 30.0

WORDS_PER_MINUTE = 160
"""Speed 1.0. Over the telephone slower than espeak-ng's own 175."""

SPEEDS = (0.5, 2.0)

# What is plausible for a sentence at speed 1.0, in seconds; measured extremes at 160 words a minute: 0.039
# (199 times "W") and 0.57 (a 15-digit number) per letter or digit, 1.1 for one emoji, 0.35 for "...".
_LEAST_PER_LETTER = 0.02
_MOST_PER_CHARACTER = 1.5
_MOST_EXTRA = 3.0

_COMPLAINTS = "complaints.txt"  # the worker's standard error: the reason when it dies


class Pyttsx3Voice:
    """A voice of pyttsx3. Safe to use from several threads, which take turns.

    language  BCP 47 tag; VoiceError names the known ones when no voice speaks it
    voice     an engine's own voice id ("gmw/en-us+f3") instead of the one found by language
    speed     0.5 (slow) to 2.0
    """

    def __init__(
        self,
        language: str,
        *,
        voice: str = "",
        speed: float = 1.0,
        answer_seconds: float = ANSWER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise VoiceError(f"speed {speed:g} is out of range", place="pyttsx3", remedy="Give 0.5 to 2.0")
        self._language = language
        self._speed = speed
        self._answer_seconds = answer_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False
        self._replaced = 0
        self._rests_until = 0.0
        with self._lock:
            hello = self._ask({"ask": "voices"})
        engine = str(hello["engine"])
        known = [EngineVoice(str(name), tuple(tags)) for name, tags in hello["voices"]]
        try:
            self._voice = voice or choose_voice(language, known).id
            self._name = f"{engine} {self._voice}" + (f" x{speed:g}" if speed != 1.0 else "")
            # Some voices are listed without the dictionary they need and speak nothing at all.
            self._try_out()
        except VoiceError:
            self.close()
            raise

    @property
    def name(self) -> str:
        """Engine, version, voice, a speed other than 1: "pyttsx3 2.99 espeak-ng 1.52.0 gmw/en-us x1.2"."""
        return self._name

    @property
    def language(self) -> str:
        """The tag the voice was opened for."""
        return self._language

    def speak(self, text: str, rate: int, tempo: float = 1.0) -> Pcm:
        """See `Synthesizer.speak`. Waits for other threads' sentences."""
        speed = self._speed * tempo
        return speak_text(text, self._language, rate, self._name, lambda one: self._say(one, speed))

    def close(self) -> None:
        """End the worker process. Harmless when repeated."""
        with self._lock:
            self._closed = True
            if self._worker:
                self._worker.end()
                self._worker = None

    def _try_out(self) -> None:
        try:
            speak_text("a o 1", self._language, 8_000, self._name, lambda one: self._say(one, self._speed))
        except VoiceError as error:
            raise VoiceError(
                f"voice {self._voice!r} does not speak ({error.what})",
                place="pyttsx3",
                remedy="Choose another language, or give a voice",
            ) from None

    def _say(self, sentence: str, speed: float) -> tuple[NDArray[np.float32], int]:
        request = {
            "ask": "speak",
            "text": sentence,
            "voice": self._voice,
            "words_per_minute": round(WORDS_PER_MINUTE * speed),
        }
        with self._lock:
            sound: tuple[NDArray[np.float32], int] = self._ask(request, speed)["sound"]
        return sound

    def _ask(self, request: dict[str, Any], speed: float = 1.0) -> dict[str, Any]:
        """The answer of a worker, or of the one that replaces it when it dies, hangs or answers nonsense."""
        if self._closed:
            raise VoiceError("is closed", place="pyttsx3")
        trouble = ""
        for _ in range(2):
            if self._replaced >= RESTARTS and self._clock() < self._rests_until:
                break
            try:
                if self._worker is None:
                    self._worker = _Worker()
                reply = self._worker.ask(request, self._answer_seconds, speed)
            except _WorkerFailedError as failure:
                trouble = str(failure)
                if self._worker:
                    self._worker.kill()
                    self._worker = None
                self._replaced += 1
                self._rests_until = self._clock() + REST_SECONDS
            else:
                self._replaced = 0
                return reply
        again = f" and rests for {REST_SECONDS:g} s" if self._replaced >= RESTARTS else ""
        raise VoiceError(
            f"the voice failed although it was restarted{again}" + (f" ({trouble})" if trouble else ""),
            place="pyttsx3",
            remedy="Check the free memory and the temporary folder; another voice or recordings avoid it",
        )


class _WorkerFailedError(Exception):
    """The worker is of no use any more; the text says why."""


class _Worker:
    """One child process ``python -m ivr.mouth.worker`` and the folder in which it leaves its sounds."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="ivr-voice-"))
        except OSError as error:
            raise _WorkerFailedError(f"no temporary folder ({error.strerror})") from None
        try:
            with (self._folder / _COMPLAINTS).open("wb") as complaints:
                self._process = self._start(complaints)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise _WorkerFailedError(f"cannot be started ({error.strerror})") from None
        self._replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="pyttsx3 replies", daemon=True)
        self._reader.start()
        self._answered = False

    def ask(self, request: dict[str, Any], seconds: float, speed: float) -> dict[str, Any]:
        """Send a request and wait for its reply; for "speak" the reply's "sound" is (samples, rate).

        Raises _WorkerFailedError when the reply is late, an error, or a sound that cannot be that sentence.
        """
        assert self._process.stdin
        name = f"{next(self._numbers)}.wav"
        try:
            self._process.stdin.write(json.dumps(request | {"file": name}).encode() + b"\n")
            self._process.stdin.flush()
            line = self._replies.get(timeout=seconds if self._answered else max(seconds, START_SECONDS))
        except OSError:
            line = b""
        except queue.Empty:
            raise _WorkerFailedError(f"no answer in {seconds:g} s") from None
        if not line:
            raise _WorkerFailedError(self._last_words())
        self._answered = True
        try:
            reply: dict[str, Any] = json.loads(line)
        except ValueError:
            raise _WorkerFailedError(f"answered {line[:40]!r}") from None
        if "error" in reply:
            raise _WorkerFailedError(reply["error"])
        if request["ask"] == "speak":
            reply["sound"] = _read_sound(self._folder / name, request["text"], speed)
        return reply

    def _start(self, complaints: BinaryIO) -> subprocess.Popen[bytes]:
        # -P and the path: the worker finds this ivr, and nothing that lies in the current folder.
        paths = [str(Path(ivr.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "ivr.mouth.worker", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)},
            start_new_session=True,  # with its forks a group that is killed as one, and untouched by Ctrl-C
        )

    def end(self) -> None:
        """Let the process end by itself, which it does when its input ends; kill it if it does not."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self.kill()

    def kill(self) -> None:
        """End the process and its forks at once, and clear away what they left."""
        # Before `wait`, while the process is at most a zombie, its number cannot belong to another group.
        if self._process.returncode is None:
            if sys.platform == "win32":
                self._process.kill()
            else:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            if pipe is self._process.stdout:
                self._reader.join()
            with contextlib.suppress(OSError):
                pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._replies.put(line)
        self._replies.put(b"")

    def _last_words(self) -> str:
        """The last line that the process complained with: the reason when Python could not even start it."""
        try:
            lines = (self._folder / _COMPLAINTS).read_bytes()[-2_000:].decode("utf-8", "replace").split("\n")
        except OSError:
            lines = []
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"the worker died: {said}" if said else "the worker died"


def _read_sound(file: Path, text: str, speed: float) -> tuple[NDArray[np.float32], int]:
    """The engine's file as mono float samples and its rate; the file is removed. See the module's limits."""
    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        file.unlink()
    except (OSError, soundfile.LibsndfileError) as error:
        raise _WorkerFailedError(f"no sound was written ({error})") from None
    seconds = len(samples) / rate
    least = _LEAST_PER_LETTER * sum(char.isalnum() for char in text) / speed
    most = (_MOST_EXTRA + _MOST_PER_CHARACTER * len(text)) / speed
    if not least <= seconds <= most:
        raise _WorkerFailedError(f"{seconds:.2f} s of sound for {len(text)} characters")
    return samples.mean(axis=1, dtype=np.float32), int(rate)
