"""Fit the weights of the matcher on the desks marked `use: fit`, and print how they do on the others.

`python -m bench.calibrate` prints the weights to put into ivr/understanding/calibration.py and names.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from bench.logit import Sample, calibration_error, fit
from bench.made_up import Case, MadeUpDesk, choices_of, desks, desks_of_examples, heard
from ivr.meaning import Choice, SlotSpec, SlotType
from ivr.understanding.calibration import probabilities
from ivr.understanding.matcher import Matcher
from ivr.understanding.phonemes import Sounds
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import Utterance, utterance
from ivr.understanding.words import load_words

NAME_SLOTS = [("staff_fit", SlotSpec("person", SlotType.NAME, choices=choices_of("staff_fit.csv")))]
PIZZA = {
    "size": {
        "small": ("small", "nine inch"),
        "regular": ("regular", "twelve inch"),
        "family": ("family size", "sixteen inch"),
    },
    "pizza": {
        "margherita": ("margherita",),
        "pepperoni": ("pepperoni",),
        "four cheese": ("four cheese",),
        "vegetarian": ("vegetarian", "veggie"),
        "hawaiian": ("hawaiian",),
        "seafood": ("seafood",),
    },
    "topping": {
        "mushrooms": ("mushrooms", "some mushrooms"),
        "onions": ("red onions", "onions"),
        "olives": ("black olives", "olives"),
        "peppers": ("peppers", "green peppers"),
        "extra cheese": ("extra cheese",),
    },
    "when": {"collection": ("to collect", "for collection"), "delivery": ("delivered", "for delivery")},
}
CHOICE_SLOTS = [
    (
        "pizza",
        SlotSpec(name, SlotType.CHOICE, choices=tuple(Choice(value, ways) for value, ways in values.items())),
    )
    for name, values in PIZZA.items()
]
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
NOW = datetime(2026, 11, 25, 10, 0)
CANDIDATES = 16
OUT_OF_SCOPE = 0.25
"""Share of utterances that fit nothing, as assumed of a desk's callers."""
NAMESAKES = 0.1
"""Weight of callers who ask for a stranger with a first name of the directory, beside the others."""
SHORT, SHORT_NAMES = ("can I speak to {0}", "mister {0} please"), 0.2
"""How people ask for somebody by the first or last name alone, and the weight of those who do."""
WHOLE = 3.0
"""Least weight of a whole phrase: the fitted desks have few phrases that differ in one word and mean another
thing ("put me through to billing", "put me through to {person}"), real desks have many."""
MADE_UP = 3.0
"""Weight of a made-up desk, with speech, beside one of written examples."""
SHARE = {"typed": 1.0, "heard": 1.0, "heard template": 0.5, "heard command": 0.25}


def samples_of(desk: MadeUpDesk, without: tuple[str, ...] = ()) -> tuple[list[str], list[Sample], list[Case]]:
    """Column names, features of the best candidates of every case with the right one, and the cases."""
    matcher = Matcher(desk.vocabulary, without=without)
    targets = [target.meaning for target in matcher.book.targets]
    names: list[str] = []
    out: list[Sample] = []
    cases: list[Case] = []
    for case in desk.cases:
        if not case.text.strip():
            continue
        columns = matcher.columns(case.text, NOW)
        names = ["bias", *columns]
        table = np.column_stack([np.ones(len(targets)), *columns.values()])
        some = np.argsort(-table[:, 1:].sum(axis=1), kind="stable")[:CANDIDATES]
        right = targets.index(case.meaning) if case.meaning in targets else -1
        place = np.flatnonzero(some == right)
        if case.meaning is not None and not len(place):
            continue  # not among the best: nothing can be learnt from it (it counts as wrong when measured)
        out.append((table[some], int(place[0]) if len(place) else -1, SHARE[case.kind]))
        cases.append(case)
    return names, out, cases


def main() -> None:
    """Fit and report."""
    fit_options()
    made_up = desks()
    fitted = [(desk, MADE_UP) for desk in made_up if desk.use == "fit"]
    if SHARED.is_dir():
        for name in ("clinc150", "banking77"):
            fitted.extend((desk, 1.0) for desk in desks_of_examples(SHARED / name / "train.jsonl", 12))
    names: list[str] = []
    samples: list[Sample] = []
    for desk, mass in fitted:
        names, some, _ = samples_of(desk)
        inside = sum(share for _, gold, share in some if gold >= 0)
        outside = sum(share for _, gold, share in some if gold < 0)
        factor = OUT_OF_SCOPE / (1 - OUT_OF_SCOPE) * inside / max(outside, 1e-9)
        samples.extend(
            (x, gold, mass * share / inside * (factor if gold < 0 else 1.0)) for x, gold, share in some
        )
    free = {"bias", "strange", "command", "aside"}
    least = np.array([-np.inf if name in free else WHOLE if name == "whole" else 0.0 for name in names])
    weights = fit(samples, least)
    for name, weight in zip(names, weights, strict=True):
        print(f'        "{name}": {weight:.2f},')
    for use in ("fit", "check"):
        for desk in (desk for desk in made_up if desk.use == use):
            report(desk, weights)
    if SHARED.is_dir():
        for name in ("clinc150", "banking77"):
            for desk in desks_of_examples(SHARED / name / "train.jsonl", 4, seed=2):
                report(desk, weights)


def fit_options() -> None:
    """Weights of `Sureness`: names of a directory, and choices of an order, against what else is said."""
    rows = heard()
    words, sounds = load_words("en"), Sounds("en")
    everything = [utterance(str(row["heard"]), words, sounds) for row in rows]
    for title, slots in (("NAMES", NAME_SLOTS), ("CHOICES", CHOICE_SLOTS)):
        samples: list[Sample] = []
        for desk, spec in slots:
            mine = _option_samples(spec, desk, rows, everything)
            said_it = sum(gold >= 0 for _, gold, _ in mine)
            other = said_it / (len(mine) - said_it)
            samples.extend((x, gold, 1.0 if gold >= 0 else other) for x, gold, _ in mine)
            if spec.type is SlotType.NAME:
                ours = [
                    (row, said) for row, said in zip(rows, everything, strict=True) if row["desk"] == desk
                ]
                # Callers also ask for people who are not there, and for people by one of their names.
                namesakes = replace(spec, choices=_namesakes(spec.choices))
                strangers = _option_samples(namesakes, desk, *map(list, zip(*ours, strict=True)))
                samples.extend((x, -1, NAMESAKES * said_it / len(strangers)) for x, _, _ in strangers)
                short = [
                    {"desk": desk, "slots": {spec.name: choice.value}, "heard": frame.format(name)}
                    for choice in spec.choices
                    for frame, name in zip(SHORT, choice.value.split(), strict=True)
                ]
                typed = [utterance(row["heard"], words, sounds) for row in short]
                called = _option_samples(spec, desk, short, typed)
                samples.extend((x, gold, SHORT_NAMES * said_it / len(called)) for x, gold, _ in called)
        columns = samples[0][0].shape[1]
        least, most = np.full(columns, -np.inf), np.full(columns, np.inf)
        least[-1] = most[-1] = 1.0  # the prior counts as it is
        weights = fit(samples, least, most)
        print(f"{title} = Sureness({', '.join(f'{weight:.2f}' for weight in weights[:-1])})")


def _option_samples(spec: SlotSpec, desk: str, rows: list[dict], everything: list[Utterance]) -> list[Sample]:
    """Where the options of a slot may stand in what was heard; other desks never name them."""
    reader = SlotReader(spec, "", everything[0].words, everything[0].sounds, "en").options
    assert reader is not None
    out: list[Sample] = []
    for row, said in zip(rows, everything, strict=True):
        right = row.get("slots", {}).get(spec.name) if row["desk"] == desk else None
        if (places := reader.places(said)) and (right or row["desk"] != desk):
            best = {place.option.value: place for place in reversed(places) if not place.beside}
            if not best:
                continue
            columns = np.array([[*place.columns, place.prior] for place in best.values()])
            out.append((columns, list(best).index(right) if right in best else -1, 1.0))
    return out


def _namesakes(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The same first names with the last names of others."""
    lasts = [choice.value.split()[-1] for choice in choices]
    shifted = (*lasts[7:], *lasts[:7])
    return tuple(
        Choice(f"{choice.value.split()[0]} {last}", tuple(f"{way.split()[0]} {last}" for way in choice.say))
        for choice, last in zip(choices, shifted, strict=True)
    )


def report(desk: MadeUpDesk, weights: np.ndarray) -> None:
    """One line for each kind of text: how often the best is right, and what three thresholds let through."""
    _, samples, cases = samples_of(desk)
    for kinds in (("typed", "heard"), ("heard template",), ("heard command",)):
        scores, rights, golds = [], [], []
        for (features, gold, _), case in zip(samples, cases, strict=True):
            if case.kind not in kinds:
                continue
            chance = probabilities(features @ weights)
            best = int(chance.argmax())
            scores.append(chance[best])
            rights.append(best == gold)
            golds.append(gold)
        if not scores:
            continue
        score, right, inside = np.array(scores), np.array(rights), np.array(golds) >= 0
        line = f"{desk.use:6}{desk.name:12}{' '.join(kinds):16} n={len(score):4}"
        line += f" first right {right[inside].mean():.3f}"
        for threshold in (0.25, 0.45, 0.75):
            passed = score >= threshold
            false = passed[~inside].mean() if (~inside).any() else 0.0
            good, bad = (passed & right)[inside].mean(), (passed & ~right)[inside].mean()
            line += f" | {threshold}: right {good:.2f} wrong {bad:.2f} false {false:.2f}"
        print(line, f"| ECE {calibration_error(score, right):.3f}")


if __name__ == "__main__":
    main()
