"""Made-up speech, read freely and held to made-up desks: what the trust in held readings is fitted on.

`python -m bench.held_speech MANY` writes bench/results/held_speech.jsonl: what was said, whether the desk's
grammar holds it, and both kinds of readings of it at 8 kHz mu-law. Speakers are synthetic; nearly half is
quiet, the rest has pink noise or a babble of the same voices. Phrases, commands and digits stand beside what
other desks, sentences of CLINC150's training set, single words of them and strings of digits say.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import soxr

from bench.calibrate import PIZZA
from bench.labelled import DATA as SHARED
from bench.made_up import desks
from bench.report import RESULTS
from ivr.config import load_settings
from ivr.dialog.load import load_desk
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.recognizer import RECOGNIZER_RATE
from ivr.evaluation.sound import active_level, mix
from ivr.meaning import Choice, Expect, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import NARROWBAND, Pcm, from_float
from ivr.media.resample import resample
from ivr.simulation.speakers import RATE, EspeakSpeaker, HibariSpeaker, trimmed
from ivr.trials.callfile import Engine, Voice
from ivr.understanding.held_grammar import rivals
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands, load_words
from ivr.wordgraph import WordGraph

FILE = RESULTS / "held_speech.jsonl"
DESK = Path(__file__).resolve().parent.parent / "grammars" / "digits"
KINDS = {
    "phrase": 5,
    "command": 4,
    "caller": 5,
    "digit": 2,
    "danger": 3,
    "outside": 3,
    "other desk": 3,
    "sentence": 2,
    "piece": 3,
    "word": 3,
    "digits": 2,
}
"""What is said, and how often."""
SNRS = (None, None, None, 20.0, 15.0, 10.0, 6.0)
ESPEAK = 0.12
VARIANTS = ("en-us", "en-us+m3", "en-us+f2", "en-gb-scotland+f4", "en-gb-scotland+m7", "en-us+m1")
MARGIN = 0.3
LONGEST = 16
"""Words said at once at most."""


def vocabularies() -> dict[str, tuple[Vocabulary, list[str]]]:
    """Desks to be fitted on, with the words of danger of every desk, and what is said outside each."""
    plain = _vocabularies()
    danger = tuple(one for one in load_desk(DESK, DESK.parent).vocabulary().intents if one.alarms)
    return {
        name: (replace(vocabulary, intents=(*vocabulary.intents, *danger)), outside)
        for name, (vocabulary, outside) in plain.items()
    }


def _vocabularies() -> dict[str, tuple[Vocabulary, list[str]]]:
    out = {}
    for desk in desks():
        if desk.use == "fit":
            outside = [case.text for case in desk.cases if case.meaning is None and case.kind == "typed"]
            out[desk.name] = (desk.vocabulary, outside)
    slots = tuple(
        SlotSpec(name, SlotType.CHOICE, choices=tuple(Choice(value, ways) for value, ways in values.items()))
        for name, values in PIZZA.items()
    )
    ways = (
        "(I want|can I have|I would like) (a|an) [{size}] {pizza} [pizza] [with {topping}] [{when}]",
        "[a] {size} {pizza} [pizza] (with {topping}|[{when}])",
    )
    out["pizza"] = (Vocabulary("en-US", (IntentSpec("order", ways, (), slots),), commands("en")), [])
    digits = tuple(Choice(word, (word,)) for word in sorted(rivals(load_words("en"))))
    digit = IntentSpec("digit", ("{digit}",), (), (SlotSpec("digit", SlotType.CHOICE, choices=digits),))
    out["digit"] = (Vocabulary("en-US", (digit,), commands("en")), [])
    return out


def intents_of_callers(desk: str) -> dict[str, str]:
    """What callers say to a desk in other words than its own, and the intents they mean."""
    return {
        case.text: case.meaning.name
        for one in desks()
        if one.name == desk
        for case in one.cases
        if case.kind == "typed" and isinstance(case.meaning, Intent)
    }


class Speech:
    """What somebody says, as it arrives."""

    def __init__(self, rng: random.Random, sentences: list[str]) -> None:
        self._rng = rng
        self._noise = np.random.default_rng(rng.randrange(2**32))
        self._hibari, self._espeak = HibariSpeaker(), EspeakSpeaker()
        crowd = [self._someone(text) for text in rng.sample(sentences, 60)]
        rows = [np.concatenate(crowd[first::5]) for first in range(5)]
        shortest = min(map(len, rows))
        self._babble = from_float(np.sum([row[:shortest] for row in rows], axis=0) / 8.0)

    def say(self, text: str) -> tuple[Pcm, str, float | None]:
        """8 kHz with `MARGIN` around, the engine of the voice, and dB of noise."""
        espeak = self._rng.random() < ESPEAK
        sound = self._robot(text) if espeak else self._someone(text)
        pcm = from_float(sound / max(1e-6, float(np.abs(sound).max())) * 0.4)
        level = active_level(pcm, NARROWBAND)
        margin = np.zeros(round(MARGIN * NARROWBAND), dtype=np.int16)
        pcm = np.concatenate([margin, pcm, margin])
        snr = self._rng.choice(SNRS)
        if snr is not None:
            pcm = mix(pcm, level, self._around(len(pcm)), snr)
        return decode_ulaw(encode_ulaw(pcm)), "espeak" if espeak else "hibari", snr

    def _someone(self, text: str) -> np.ndarray:
        rng = self._rng
        voice = Voice(
            speed=rng.uniform(0.8, 1.3),
            pitch=rng.uniform(-12.0, 4.0),
            tract=rng.uniform(0.83, 1.15),
            seed=rng.randrange(10_000),
        )
        return soxr.resample(trimmed(self._hibari.speak(text, voice)), RATE, NARROWBAND)

    def _robot(self, text: str) -> np.ndarray:
        rng = self._rng
        voice = Voice(
            engine=Engine.ESPEAK,
            variant=rng.choice(VARIANTS),
            speed=rng.uniform(0.8, 1.15),
            pitch=rng.uniform(-6.0, 6.0),
        )
        return soxr.resample(trimmed(self._espeak.speak(text, voice)), RATE, NARROWBAND)

    def _around(self, length: int) -> Pcm:
        if self._rng.random() < 0.5:
            start = self._rng.randrange(max(1, len(self._babble) - length))
            return np.resize(self._babble[start : start + length], length)
        spectrum = np.fft.rfft(self._noise.standard_normal(length))
        pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), length)
        return from_float(0.5 * pink / np.abs(pink).max())


class Texts:
    """What may be said to the desks: `pick` gives a desk, a kind of `KINDS`, and a text of it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        with (SHARED / "clinc150" / "train.jsonl").open(encoding="utf-8") as lines:
            self.sentences = [json.loads(line)["text"] for line in lines]
        said = {word for text in self.sentences for word in text.split()}
        self._words = sorted(word for word in said if word.isalpha() and len(word) > 1)
        self._desks = vocabularies()
        self._digits = sorted(rivals(load_words("en")))
        self._callers = {name: intents_of_callers(name) for name in self._desks}
        self.grammars: dict[str, WordGraph] = {}
        self._phrases: dict[str, WordGraph] = {}
        for name, (vocabulary, _) in self._desks.items():
            matcher = Matcher(vocabulary)
            whole, phrases = matcher.grammar(Expect()), matcher.grammar(Expect(commands=frozenset()))
            assert whole is not None
            assert phrases is not None
            self.grammars[name], self._phrases[name] = whole, phrases

    def pick(self) -> tuple[str, str, str]:
        """One that is not empty or too long."""
        while True:
            desk = self._rng.choice(sorted(self._desks))
            (kind,) = self._rng.choices(list(KINDS), KINDS.values())
            text = self._text(desk, kind)
            if 0 < len(text.split()) <= LONGEST:
                return desk, kind, text

    def _text(self, desk: str, kind: str) -> str:
        rng = self._rng
        match kind:
            case "phrase":
                return self._walk(self._phrases[desk])
            case "command":
                return self._walk(self.grammars[desk])
            case "caller":
                return rng.choice(list(self._callers[desk]) or [""])
            case "digit":
                return rng.choice(self._digits)
            case "danger":
                return self._walk(self.grammars[desk], danger=True)
            case "outside":
                return rng.choice(self._desks[desk][1] or [""])
            case "other desk":
                return self._walk(self._phrases[rng.choice(sorted(set(self._desks) - {desk}))])
            case "sentence":
                return rng.choice(self.sentences)
            case "piece":
                words = rng.choice(self.sentences).split()
                start = rng.randrange(max(1, len(words) - 2))
                return " ".join(words[start : start + rng.randint(1, 3)])
            case "word":
                return rng.choice(self._words)
            case _:
                return " ".join(rng.choice([*self._digits, "oh"]) for _ in range(rng.randint(2, 6)))

    def intent(self, desk: str, text: str) -> str | None:
        """What a caller means by a text, None for other texts."""
        return self._callers[desk].get(text)

    def _walk(self, graph: WordGraph, danger: bool = False) -> str:
        """A phrase of a grammar, or one of danger."""
        node, said = graph.dear if danger else graph.start, []
        while True:
            arcs = list(graph.arcs(node))
            if graph.final[node] and (not arcs or self._rng.random() < 0.4):
                return " ".join(said)
            word, node = self._rng.choice(arcs)
            said.append(word)


def holds(graph: WordGraph, text: str) -> bool:
    """Whether it is a phrase of the grammar."""
    nodes = {graph.start, graph.dear}
    for word in text.lower().split():
        nodes = {target for node in nodes for said, target in graph.arcs(node) if said.lower() == word}
    return any(graph.final[node] for node in nodes)


def rows(many: int, seed: int) -> Iterator[dict[str, object]]:
    """Utterances with their readings."""
    rng = random.Random(seed)
    texts = Texts(rng)
    speech = Speech(rng, texts.sentences)
    recognizer = open_recognizer(RecognizerKind.MOONSHINE, "en-US", load_settings())
    for _ in range(many):
        desk, kind, text = texts.pick()
        pcm, voice, snr = speech.say(text)
        graph = texts.grammars[desk]
        stream = recognizer.stream((), lambda graph=graph: graph)
        stream.feed(resample(pcm, NARROWBAND, RECOGNIZER_RATE))
        readings = stream.finish()
        yield {
            "desk": desk,
            "kind": kind,
            "said": text,
            "inside": holds(graph, text),
            "intent": texts.intent(desk, text),
            "voice": voice,
            "snr": snr,
            "free": [[one.text, round(one.confidence, 3)] for one in readings if one.fit is None],
            "held": [
                [one.text, round(one.confidence, 4), round(one.fit, 3), round(one.likelihood or 0.0, 3)]
                for one in readings
                if one.fit is not None
            ],
        }


def main() -> None:
    """Write the file."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    RESULTS.mkdir(parents=True, exist_ok=True)
    with FILE.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows(many, seed=1), 1):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if number % 100 == 0:
                file.flush()
                print(f"{number} of {many}", file=sys.stderr)


if __name__ == "__main__":
    main()
