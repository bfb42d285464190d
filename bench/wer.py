"""``make bench-wer``: words that Moonshine gets wrong on telephone prompts, and what recognizing costs.

The prompts are those of Debian's asterisk-core-sounds-en-wav: 8 kHz, one professional speaker, with
transcripts; the package is installed with apt-get where it is missing and this runs as root. Not scored are
prompts that are no speech (tones, silence), those whose transcript carries a note in brackets, and those
with a number of three or more digits, a decimal or a web address, because nobody knows how the speaker read
it.

Both transcripts are normalized alike: lower case; ``#`` is "pound", ``*`` "star", ``&`` "and", ``%``
"percent"; numerals are spelled out with num2words; apostrophes go, all other marks are spaces. WER counts a
compound written apart ("voice mail" for "voicemail") as two errors; the second figure does not, because a
space is not audible. "As a call" is the way through detector, endpointer and listener, with 2 s of silence
around a prompt.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from num2words import num2words
from rapidfuzz.distance import Levenshtein

from bench.report import Result, percentile, report
from ivr.config import load_settings
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.endpointer import Endpointer
from ivr.ears.listener import Listener, Spoken
from ivr.ears.pool import RecognizerPool
from ivr.ears.recognizer import RECOGNIZER_RATE, Recognizer
from ivr.ears.silero import SileroVad
from ivr.errors import IvrError
from ivr.meaning import Completeness
from ivr.media.pcm import NARROWBAND, Pcm, duration, frames, silence
from ivr.media.resample import resample
from ivr.media.wav import read_wav

PACKAGE = "asterisk-core-sounds-en-wav"
SOUNDS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TRANSCRIPTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
SENTENCE_WORDS = 3
_SIGNS = {"#": " pound ", "*": " star ", "&": " and ", "%": " percent "}
_UNSCORED = re.compile(r"[\[<(]|\d{3}|\d\.\d|www\.")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recorded prompt and its normalized words."""

    pcm: Pcm
    words: list[str]


@dataclass(frozen=True, slots=True)
class Score:
    """One prompt read: words, errors, errors without those of spacing, wall-clock seconds."""

    words: int
    errors: int
    heard_errors: int
    seconds: float


def normalized(text: str) -> list[str]:
    """The words of a transcript, brought to one spelling."""
    text = text.lower()
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"(\d+)(?:st|nd|rd|th)\b", lambda m: num2words(int(m[1]), to="ordinal"), text)
    text = re.sub(r"\d+", lambda m: f" {num2words(int(m[0]))} ", text)
    return re.sub(r"[^a-z]+", " ", re.sub(r"['’]", "", text)).split()


def heard_errors(right: list[str], read: list[str], most: int = 4) -> int:
    """Word errors where up to `most` words that are the same letters in a row count as right."""
    rows, columns = len(right) + 1, len(read) + 1
    cost = [[i + j for j in range(columns)] for i in range(rows)]
    for i in range(1, rows):
        for j in range(1, columns):
            wrong = cost[i - 1][j - 1] + (right[i - 1] != read[j - 1])
            cost[i][j] = min(cost[i - 1][j] + 1, cost[i][j - 1] + 1, wrong)
            for a in range(1, min(i, most) + 1):
                for b in range(1, min(j, most) + 1):
                    if a + b > 2 and "".join(right[i - a : i]) == "".join(read[j - b : j]):
                        cost[i][j] = min(cost[i][j], cost[i - a][j - b])
    return cost[-1][-1]


def prompts() -> list[Prompt]:
    """The prompts that can be scored; installs the package where that is possible."""
    if not TRANSCRIPTS.is_file():
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            sys.exit(f"bench-wer needs the Debian package {PACKAGE}. Run: apt-get install {PACKAGE}")
        print(f"Installing {PACKAGE} ...", flush=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", PACKAGE], check=True, stdout=subprocess.DEVNULL)
    found = []
    with gzip.open(TRANSCRIPTS, "rt", encoding="utf-8") as lines:
        for line in lines:
            name, colon, text = line.strip().partition(":")
            file = SOUNDS / f"{name}.wav"
            if not colon or name.startswith(";") or _UNSCORED.search(text) or not file.is_file():
                continue
            found.append(Prompt(read_wav(file, rate=NARROWBAND)[0], normalized(text)))
    return [prompt for prompt in found if prompt.words]


async def read_whole(recognizer: Recognizer, pool: RecognizerPool, prompt: Prompt) -> str:
    """The whole prompt as one utterance."""
    stream = recognizer.stream()
    stream.feed(resample(prompt.pcm, NARROWBAND, RECOGNIZER_RATE))
    return next((hypothesis.text for hypothesis in await pool.run(stream, stream.finish)), "")


async def read_as_a_call(recognizer: Recognizer, pool: RecognizerPool, prompt: Prompt) -> str:
    """The prompt through detector, endpointer and listener, with the silence of a caller who is done."""
    listener = Listener(
        NARROWBAND,
        SileroVad(NARROWBAND),
        Endpointer(),
        recognizer,
        pool,
        lambda _: Completeness.UNKNOWN,
        wait_for_readings=True,
    )
    sound = np.concatenate([silence(0.5, NARROWBAND), prompt.pcm, silence(1.5, NARROWBAND)])
    events = [event for frame in frames(sound, NARROWBAND) for event in await listener.feed(frame)]
    return " ".join(event.heard.text for event in events if isinstance(event, Spoken))


def interval(scores: list[Score], errors: list[int], rounds: int = 1000) -> tuple[float, float]:
    """95 % of the rates that other prompts of the same kind would give (bootstrap over prompts), in %."""
    rng = np.random.default_rng(0)
    words, wrong = np.array([score.words for score in scores]), np.array(errors)
    picks = rng.integers(0, len(scores), (rounds, len(scores)))
    rates = 100 * wrong[picks].sum(axis=1) / words[picks].sum(axis=1)
    return float(np.percentile(rates, 2.5)), float(np.percentile(rates, 97.5))


def rate(what: str, scores: list[Score], errors: list[int], mark: float | None) -> Result:
    """Errors of all words, in %."""
    value = 100 * sum(errors) / sum(score.words for score in scores)
    return Result(what, value, "%", None if mark is None else ("<=", mark), interval(scores, errors))


async def measure(recognizer: Recognizer, scored: list[Prompt]) -> list[Result]:
    """Read all prompts in both ways."""
    process, pool, results = psutil.Process(), RecognizerPool(1), []
    audio = sum(duration(prompt.pcm, NARROWBAND) for prompt in scored)
    for way, read in {"whole": read_whole, "as a call": read_as_a_call}.items():
        scores, before = [], process.cpu_times()
        for prompt in scored:
            began = time.perf_counter()
            words = normalized(await read(recognizer, pool, prompt))
            seconds = time.perf_counter() - began
            errors = Levenshtein.distance(prompt.words, words)
            scores.append(Score(len(prompt.words), errors, heard_errors(prompt.words, words), seconds))
        after = process.cpu_times()
        cpu = (after.user + after.system) - (before.user + before.system)
        sentences = [score for score in scores if score.words >= SENTENCE_WORDS]
        longer = f"  of the {len(sentences)} with {SENTENCE_WORDS} words or more"
        results += [
            rate(f"WER, {len(scores)} prompts, {way}", scores, [s.errors for s in scores], 9.5),
            rate("  where spaces do not count", scores, [s.heard_errors for s in scores], None),
            rate(longer, sentences, [s.errors for s in sentences], None),
            Result("  CPU time of each second of speech", cpu / audio, "s", ("<=", 0.06)),
        ]
        if way == "whole":
            times = [1000 * score.seconds for score in scores]
            results += [
                Result("  time of a prompt, median", percentile(times, 0.5), "ms"),
                Result("  time of a prompt, 95th percentile", percentile(times, 0.95), "ms"),
            ]
    await pool.close()
    return results


def main() -> None:
    """Read all prompts twice, whole and as a call, and report."""
    try:
        recognizer = open_recognizer(RecognizerKind.MOONSHINE, "en", load_settings())
    except IvrError as error:
        sys.exit(str(error))
    results = asyncio.run(measure(recognizer, prompts()))
    recognizer.close()
    sys.exit(0 if report("wer", results, ("onnxruntime", "numpy", "tokenizers", "num2words")) else 1)


if __name__ == "__main__":
    main()
