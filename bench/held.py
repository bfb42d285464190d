"""``make bench-held``: orders and digits read freely and held to the grammar, on the recordings of ../shared.

Orders go through line, detector, endpointer, recognizer and matcher as ``ivr evaluate`` sends them, at 8 kHz
mu-law, without and with kitchen noise. Other speech played at the order desk must be rejected: single digits,
and telephone prompts of Debian's asterisk-core-sounds-en-wav; all that is accepted counts, also commands
("bye" for "five"). Strings are six digits of one speaker with pauses of 0.1 to 0.4 s, asked for as a number
of six digits. Times of reading are of an utterance alone on the machine (see `bench.held_sizes`).

    python -m bench.held --only orders --snr 9 6       # of: reading orders other digits
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import mean

import numpy as np

from bench.held_sizes import large_grammars, reading_time
from bench.report import Result, percentile, report
from bench.wer import prompts
from ivr.config import load_settings
from ivr.dialog.expect import expect
from ivr.dialog.load import load_desk
from ivr.dialog.states import Main
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.recognizer import Recognizer
from ivr.evaluation.cases import Case, read_cases
from ivr.evaluation.judge import Judged
from ivr.evaluation.run import Understanding, evaluate, wants
from ivr.evaluation.sound import Conditions, LineKind, Noise
from ivr.meaning import Expect, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.media.pcm import NARROWBAND, silence
from ivr.media.wav import read_wav, write_wav
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands, load_words

ROOT = Path(__file__).resolve().parent.parent
SPEECH = ROOT.parent / "shared" / "speech"
ORDERS, DIGITS_SAID = SPEECH / "en-commands" / "dev.jsonl", SPEECH / "en-digits" / "dev.jsonl"
KITCHEN = SPEECH / "noise" / "kitchen-8k.wav"
NOISE_DB = (24.0, 21.0, 18.0, 15.0, 12.0, 9.0, 6.0)
REJECT_DB = 15.0
EACH_PROMPT, EACH_DIGIT = 5, 4
"""Of the prompts and of the digits every so many is played at the order desk."""
STRINGS, DIGITS, PAUSES = 60, 6, (0.1, 0.4)
UNITS = load_words("en").numbers.units
NOW = datetime(2026, 11, 25, 10, 0)


def understanding(desk_name: str) -> Understanding:
    """The main state of a desk of the repository."""
    desk = load_desk(ROOT / "grammars" / desk_name, ROOT)
    matcher = Matcher(desk.vocabulary(commands(desk.language)))
    return Understanding(matcher, wants(expect(Main(), desk)), desk.language, NOW, desk.thresholds.offer)


def heard(cases: Sequence[Case], desk: Understanding, snr: float | None) -> tuple[Judged, ...]:
    """The cases at 8 kHz mu-law, with kitchen noise at `snr` dB."""
    noise = None if snr is None else Noise(KITCHEN, snr, seed=1)
    return evaluate(cases, desk, Conditions(LineKind.G711, noise), _open)


def _open() -> Recognizer:
    return open_recognizer(RecognizerKind.MOONSHINE, "en-US", load_settings())


def share(judged: Sequence[Judged]) -> float:
    """Percent that is right in all that is labelled."""
    return 100.0 * mean(one.right for one in judged)


def strings(cases: Sequence[Case], folder: Path) -> list[Case]:
    """Strings of digits, each of one speaker, as recordings in `folder`."""
    rng = random.Random(1)
    speakers: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        assert case.audio is not None
        speakers[case.audio.stem.split("_")[1]].append(case)
    out = []
    for number in range(STRINGS):
        said = rng.sample(speakers[rng.choice(sorted(speakers))], DIGITS)
        parts = []
        for case in said:
            assert case.audio is not None
            parts += [read_wav(case.audio, rate=NARROWBAND)[0], silence(rng.uniform(*PAUSES), NARROWBAND)]
        file = folder / f"{number}.wav"
        write_wav(file, np.concatenate(parts[:-1]), NARROWBAND)
        value = "".join(str(UNITS[case.transcript or ""]) for case in said)
        out.append(Case(f"string {number}", "", file, file.name, True, "number", {"number": value}))
    return out


def number_desk() -> Understanding:
    """A desk that has asked for a number of six digits."""
    slot = SlotSpec("number", SlotType.DIGITS, (DIGITS, DIGITS))
    give = IntentSpec("give", ("[my number is] {number}",), (), (slot,))
    matcher = Matcher(Vocabulary("en-US", (give,), commands("en")))
    return Understanding(matcher, wants(Expect(slot=slot)), "en-US", NOW, 0.25)


def other_speech(numbers: Sequence[Case], folder: Path) -> dict[str, list[Case]]:
    """What fits no order."""
    played = []
    for number, prompt in enumerate(prompts()[::EACH_PROMPT]):
        file = folder / f"prompt{number}.wav"
        write_wav(file, prompt.pcm, NARROWBAND)
        played.append(Case(f"prompt {number}", "", file, file.name, True))
    digits = [replace(case, judged=True, intent=None, transcript=None) for case in numbers[::EACH_DIGIT]]
    return {"digits": digits, "prompts": played}


def reading() -> Iterator[Result]:
    """Times, of utterances of three seconds and of large grammars."""
    coffee = understanding("coffee")
    orders = read_cases(ORDERS)
    recognizer = _open()
    try:
        yield from reading_time(recognizer, orders, coffee.grammar)
        yield from large_grammars(recognizer, orders)
    finally:
        recognizer.close()


def orders_in(noises: Sequence[float]) -> Iterator[Result]:
    """Orders, quiet and in noise."""
    coffee = understanding("coffee")
    orders = read_cases(ORDERS)
    quiet = heard(orders, coffee, None)
    yield Result("orders right, quiet", share(quiet), "%", (">=", 98.0))
    rejected = 100.0 * mean(not one.accepted for one in quiet)
    yield Result("orders rejected, quiet", rejected, "%", ("<=", 5.0))
    shares = []
    for snr in noises:
        shares.append(share(heard(orders, coffee, snr)))
        yield Result(f"orders right, {snr:g} dB", shares[-1], "%")
    if tuple(noises) == NOISE_DB:
        yield Result("orders right, mean in noise", mean(shares), "%", (">=", 93.0))


def other() -> Iterator[Result]:
    """What fits no order, played at the order desk."""
    coffee = understanding("coffee")
    strict = percentile([one.score for one in heard(read_cases(ORDERS), coffee, None)], 0.05)
    with tempfile.TemporaryDirectory() as folder:
        for what, cases in other_speech(read_cases(DIGITS_SAID), Path(folder)).items():
            for snr in (None, REJECT_DB):
                some = heard(cases, coffee, snr)
                where = "quiet" if snr is None else f"{snr:g} dB"
                taken = 100.0 * mean(one.accepted for one in some)
                yield Result(f"{what} accepted as orders, {where}", taken, "%", ("<=", 1.0))
                taken = 100.0 * mean(one.score >= strict for one in some)
                yield Result(f"  at {strict:.2f}, which rejects 5 % of orders", taken, "%")


def digits() -> Iterator[Result]:
    """Single digits, and strings of them."""
    numbers = read_cases(DIGITS_SAID)
    named = [
        replace(case, judged=True, intent="digit", slots={"digit": case.transcript or ""}) for case in numbers
    ]
    yield Result("single digits right", share(heard(named, understanding("digits"), None)), "%", (">=", 98.0))
    with tempfile.TemporaryDirectory() as folder:
        right = share(heard(strings(numbers, Path(folder)), number_desk(), None))
    yield Result(f"{STRINGS} strings of {DIGITS} digits right", right, "%", (">=", 93.0))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = ("reading", "orders", "other", "digits")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="these parts")
    parser.add_argument(
        "--snr", nargs="+", type=float, default=NOISE_DB, help="dB of the orders, instead of all"
    )
    options = parser.parse_args()
    if not SPEECH.is_dir():
        sys.exit("bench-held needs the folder ../shared/speech")
    parts = {"reading": reading, "orders": lambda: orders_in(options.snr), "other": other, "digits": digits}
    results = []
    for name in options.only:
        for result in parts[name]():
            print(f"{result.what}: {result.value:.4g} {result.unit}", flush=True)
            results.append(result)
    report("held", results, ("onnxruntime", "tokenizers"))


if __name__ == "__main__":
    main()
