"""What is said to a question, read and understood in its state: yes or no, one of two, a choice, a farewell.

    python -m bench.asked [--many 400] [--seed 5]

Made-up desks, synthetic speakers of `bench.held_speech` with its noise, 8 kHz mu-law. Four in five answer the
question, one in five says something else: a phrase of the desk, a command, a sentence of CLINC150's training
set. An answer counts as understood from the score at which a desk acts on it, and as misunderstood where
another meaning has that score.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.held_speech import Speech, Texts, vocabularies
from bench.report import Result, report
from ivr.config import load_settings
from ivr.dialog.expect import ALWAYS, ONE_OF_TWO, YES_NO
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.recognizer import RECOGNIZER_RATE
from ivr.meaning import Answer, Choice, Command, Expect, Meaning, SlotSpec, SlotType
from ivr.media.pcm import NARROWBAND
from ivr.media.resample import resample
from ivr.understanding.matcher import Matcher

NOW = datetime(2026, 11, 25, 10, 0)
LEAST = 0.45
"""The score from which an answer to a question counts."""
OTHERS = 0.2
LIGHT = SlotSpec(
    "light",
    SlotType.CHOICE,
    choices=tuple(
        Choice(value, ways)
        for value, ways in {
            "green": ("green",),
            "red": ("red",),
            "blinking": ("blinking", "flashing"),
            "off": ("off", "dark"),
        }.items()
    ),
)
PLACE = SlotSpec(
    "where",
    SlotType.CHOICE,
    choices=tuple(Choice(one, (one,)) for one in ("kitchen", "bedroom", "hall", "garden", "bathroom")),
)
YES = ("yes", "yes please", "yeah", "that's right", "correct", "yes it is", "sure", "yes, that's correct")
NO = ("no", "no thanks", "nope", "no it isn't", "no, that's wrong", "no it's not")
FIRST = ("the first", "the first one", "the first one please", "number one", "the first of those")
SECOND = ("the second", "the second one", "the second one please", "number two", "the other one")
NEITHER = ("neither", "neither of them", "none of those", "something else")
BYE = (
    "no",
    "no thank you",
    "no thanks",
    "no, that's all",
    "no thank you, goodbye",
    "no, that's everything, thanks",
    "that's all, thank you, bye",
)
FRAMES = ("{}", "{}", "it's {}", "it is {}", "I think it's {}", "that's {}", "well, {}")
PLACES = ("{}", "in the {}", "the {}", "it's in the {}", "in the {}, I think")


@dataclass(frozen=True, slots=True)
class Asked:
    """A state of a dialog, and what answers it: a text and every meaning that is right."""

    name: str
    expect: Expect
    answers: tuple[tuple[str, frozenset[Meaning]], ...]


def states() -> list[Asked]:
    """The questions."""

    def said(*groups: tuple[Sequence[str], Sequence[Meaning]]) -> tuple[tuple[str, frozenset[Meaning]], ...]:
        return tuple((text, frozenset(meanings)) for texts, meanings in groups for text in texts)

    yes_no = said((YES, (Command.YES,)), (NO, (Command.NO, Command.WRONG)))
    two = said(
        (FIRST, (Command.FIRST,)), (SECOND, (Command.SECOND,)), (NEITHER, (Command.NEITHER, Command.NO))
    )
    return [
        Asked("is that right?", Expect(likely=("order",), commands=ALWAYS | YES_NO), yes_no),
        Asked("this or that?", Expect(likely=("order",), commands=ALWAYS | ONE_OF_TWO), two),
        Asked(
            "anything else?",
            Expect(commands=ALWAYS | YES_NO | {Command.WRONG}, more=True),
            said((BYE, (Command.NO, Command.GOODBYE))),
        ),
        Asked("which color?", Expect(slot=LIGHT, commands=ALWAYS), _framed(LIGHT, FRAMES)),
        Asked("where?", Expect(slot=PLACE, commands=ALWAYS), _framed(PLACE, PLACES)),
    ]


def _framed(slot: SlotSpec, frames: Sequence[str]) -> tuple[tuple[str, frozenset[Meaning]], ...]:
    answer: frozenset[Meaning] = frozenset({Answer(slot.name)})
    return tuple(
        (f"{frame.format(way)}", answer) for one in slot.choices for way in one.say for frame in frames
    )


def main() -> int:
    """Print how answers and others are understood."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--many", type=int, default=400)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="print what was not understood")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    texts = Texts(rng)
    speech = Speech(rng, texts.sentences)
    recognizer = open_recognizer(RecognizerKind.MOONSHINE, "en-US", load_settings())
    matcher = Matcher(vocabularies()["pizza"][0])
    counts: dict[str, Counter[str]] = {one.name: Counter() for one in states()}
    for _ in range(options.many):
        asked = rng.choice(states())
        other = rng.random() < OTHERS
        text, meant = rng.choice(asked.answers) if not other else (_other(texts, rng), frozenset())
        pcm, voice, snr = speech.say(text)
        grammar = matcher.grammar(asked.expect)
        stream = recognizer.stream((), lambda grammar=grammar: grammar)
        stream.feed(resample(pcm, NARROWBAND, RECOGNIZER_RATE))
        readings = stream.finish()
        found = matcher.match(readings, asked.expect, NOW)
        best = found[0] if found and found[0].score >= LEAST else None
        if other:
            answering = {meaning for _, meanings in asked.answers for meaning in meanings}
            verdict = "other taken for an answer" if best and best.meaning in answering else "other left"
        elif best is None:
            verdict = "not understood"
        else:
            right = best.meaning in meant and (not best.slots or best.slots[0].value in _value(asked, text))
            verdict = "understood" if right else "misunderstood"
        counts[asked.name][verdict] += 1
        if options.show and verdict not in ("understood", "other left"):
            held = " / ".join(f"{one.text} {one.confidence:.2f} {one.fit or 0:.2f}" for one in readings[:4])
            means = best.meaning if best else (found[0].meaning, round(found[0].score, 2)) if found else ""
            print(f"{asked.name:15} {verdict:25} {text!r} {voice} {snr}: {held} -> {means}")
    return 0 if report("asked", _results(counts), ["onnxruntime", "hibari-tts"]) else 1


def _value(asked: Asked, text: str) -> set[str]:
    """The choices named in a text."""
    assert asked.expect.slot is not None
    words = text.replace(",", "").split()
    return {one.value for one in asked.expect.slot.choices if any(way in words for way in one.say)}


def _other(texts: Texts, rng: random.Random) -> str:
    while True:
        desk, kind, text = texts.pick()
        if kind in ("phrase", "sentence", "piece", "caller") and (kind != "phrase" or desk == "pizza"):
            return text


def _results(counts: dict[str, Counter[str]]) -> list[Result]:
    out = []
    total: Counter[str] = Counter()
    for name, some in [*counts.items(), ("all", total)]:
        answered = sum(some[one] for one in ("understood", "not understood", "misunderstood"))
        others = some["other taken for an answer"] + some["other left"]
        for what in ("understood", "misunderstood"):
            share = 100.0 * some[what] / max(1, answered)
            out.append(Result(f"{name} answers {what} ({answered})", share, "%"))
        taken = 100.0 * some["other taken for an answer"] / max(1, others)
        out.append(Result(f"{name} other speech taken for an answer ({others})", taken, "%"))
        total.update(some)
    return out


if __name__ == "__main__":
    raise SystemExit(main())
