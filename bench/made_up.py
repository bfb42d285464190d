"""The made-up desks of bench/data, and what callers say to them, typed and as heard by a recognizer."""

from __future__ import annotations

import csv
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML

from ivr.meaning import Choice, Command, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.words import commands

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    """What a caller says to a desk: `meaning` None is out of scope; `kind` says where the text is from."""

    text: str
    meaning: Intent | Command | None
    kind: str
    confidence: float = 1.0
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MadeUpDesk:
    name: str
    use: str
    vocabulary: Vocabulary
    cases: tuple[Case, ...]


def choices_of(file: str) -> tuple[Choice, ...]:
    """A directory as choices."""
    with (DATA / file).open(encoding="utf-8", newline="") as table:
        return tuple(
            Choice(row["name"], (row["name"], *filter(None, row["say"].split("|"))))
            for row in csv.DictReader(table)
        )


def heard() -> list[dict[str, object]]:
    """Recognized speech: project-made sentences, synthetic voices, 8 kHz µ-law, with and without noise."""
    with (DATA / "heard.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def desks() -> list[MadeUpDesk]:
    """All desks with their cases."""
    raw = YAML(typ="safe", pure=True).load((DATA / "desks.yaml").read_text(encoding="utf-8"))
    rows = heard()
    phrases = commands("en")
    return [_desk(desk, rows, phrases) for desk in raw]


def desks_of_examples(path: Path, many: int, seed: int = 1) -> list[MadeUpDesk]:
    """Desks that are nothing but labelled sentences, some intents of a file of them each.

    What other intents of the file say is out of scope.
    """
    rng = random.Random(seed)
    by_intent: dict[str, list[str]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            by_intent.setdefault(row["intent"], []).append(row["text"])
    out = []
    for number in range(many):
        names = rng.sample(sorted(by_intent), rng.choice((6, 12, 24)))
        examples = rng.choice((3, 8, 16))
        intents, cases = [], []
        for name in names:
            texts = rng.sample(by_intent[name], examples + 6)
            half = examples // 2  # a desk's own sentences are templates or examples
            intents.append(
                IntentSpec(name, tuple(_literal(t) for t in texts[:half]), tuple(texts[half:examples]))
            )
            cases.extend(Case(text, Intent(name), "typed") for text in texts[examples:])
        others = sorted(set(by_intent) - set(names))
        cases.extend(
            Case(rng.choice(by_intent[rng.choice(others)]), None, "typed") for _ in range(2 * len(names))
        )
        out.append(
            MadeUpDesk(
                f"{path.parent.name}{number}",
                "fit",
                Vocabulary("en-US", tuple(intents), commands("en")),
                tuple(cases),
            )
        )
    return out


def _literal(text: str) -> str:
    """A sentence as a template."""
    return re.sub(r"([\[\](){}|\\])", r"\\\1", text)


def _desk(raw: dict, rows: list[dict], phrases: tuple) -> MadeUpDesk:
    intents = []
    cases: list[Case] = []
    said = {text for intent in raw["intents"].values() for text in intent["callers"]} | set(raw["outside"])
    for name, intent in raw["intents"].items():
        specs = tuple(_slot(slot, spec) for slot, spec in intent.get("slots", {}).items())
        intents.append(IntentSpec(name, tuple(intent["say"]), (), specs))
        cases.extend(Case(text, Intent(name), "typed") for text in intent["callers"])
    cases.extend(Case(text, None, "typed") for text in raw["outside"])
    for row in rows:
        if row["desk"] != raw["name"]:
            continue
        meaning = Intent(row["intent"]) if row.get("intent") else None
        kind = "heard" if row["said"] in said else "heard template"
        cases.append(Case(row["heard"], meaning, kind, row["confidence"], row.get("slots", {})))
    cases.extend(
        Case(row["heard"], Command(row["intent"]), "heard command", row["confidence"])
        for row in rows
        if row["desk"] == ""
    )
    return MadeUpDesk(raw["name"], raw["use"], Vocabulary("en-US", tuple(intents), phrases), tuple(cases))


def _slot(name: str, raw: dict) -> SlotSpec:
    kind = SlotType(raw["type"])
    if kind is SlotType.NAME:
        return SlotSpec(name, kind, choices=choices_of(f"{raw['from']}.csv"))
    choices = tuple(Choice(value, tuple(ways)) for value, ways in raw.get("choices", {}).items())
    length = tuple(raw["length"]) if "length" in raw else None
    return SlotSpec(name, kind, length, choices)
