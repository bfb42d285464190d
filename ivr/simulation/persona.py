"""Who calls: what they want, in which words, with which voice and line. The same seed, the same people."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.dialog.desk import Desk
from ivr.errors import UnknownError
from ivr.meaning import SlotSpec
from ivr.simulation.callers import Callers, Want
from ivr.simulation.facts import said_for
from ivr.trials.callfile import Coding, Engine, LineSound, Noise, Voice

Expand = Callable[[str], Sequence[str]]
"""The sentences a template stands for."""

_OPENINGS = (
    *("", "", "", "hi, ", "hello, ", "good morning, ", "yes hello, ", "um, ", "hi there, ", "well, "),
    *("I was wondering, ", "so, ", "excuse me, ", "right, ", "okay so, ", "maybe you can help me, "),
)
_ENDINGS = (
    "",
    "",
    "",
    "",
    " please",
    ", please",
    " if that's possible",
    " if you don't mind",
    ", thanks",
    " you know",
)
_MOST_EXPANDED = 60
_ESPEAK_SHARE = 0.1
_ESPEAK = ("en-us+m3", "en-us+f2", "en-us+m1", "en-us+f4")
_TUESDAY = datetime(2026, 11, 24, 10, 15)
_SEARCHED = 14 * 48
"""Half hours in which a desk that has hours is expected to open."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A simulated caller.

    number    from 1
    intent    what they want of the desk
    wordings  how they say so; the second when the first was not understood, and so on
    facts     slot: what they say when asked for it
    known     slots whose facts are the caller's own, and not made up
    answers   part of a prompt: what they say to it
    plain     a phrase of the desk for the same want: what comes of that is the place to reach
    at        when they call
    seed      of all that is left to chance in the call
    """

    number: int
    intent: str
    wordings: tuple[str, ...]
    facts: Mapping[str, str]
    known: frozenset[str]
    answers: Mapping[str, str]
    plain: str
    at: datetime
    voice: Voice
    line: LineSound
    seed: int

    @property
    def says(self) -> str:
        """What they say first."""
        return self.wordings[0]


def personas(
    desk: Desk, callers: Callers | None, count: int, seed: int, snr: tuple[float, float], expand: Expand
) -> Iterator[Persona]:
    """`count` callers of `desk`, those of the file in turn, or some made from the desk's own phrases.

    snr  least and most dB of the voice above the noise
    Raises UnknownError for a want that the desk does not know, or a desk that cannot be asked for anything.
    """
    chance = random.Random(seed)
    wants = list(callers.callers) if callers else _own_wants(desk, expand, chance)
    for want in wants:
        _check(desk, want)
    if not wants:
        raise UnknownError(
            "no intent has a phrase", place=desk.file, remedy="Give the intents something to say"
        )
    at = _in_hours(desk)
    common = callers.answers if callers else {}
    for number, (want, says) in enumerate(itertools.islice(_turns(wants, chance), count), 1):
        own = random.Random(f"{seed} {number}")
        facts = _facts(desk, want, own)
        others = [other for other in want.says if other != says]
        own.shuffle(others)
        yield Persona(
            number,
            want.intent,
            tuple(_filled(wording, facts) for wording in (says, *others)),
            facts,
            frozenset(want.facts),
            {**common, **want.answers},
            _plain(desk, want.intent, facts, expand),
            at,
            _voice(own),
            _line(own, snr),
            own.getrandbits(32),
        )


def _turns(wants: list[Want], chance: random.Random) -> Iterator[tuple[Want, str]]:
    """Every wording of every want once, in an order left to chance; then all once more, and so on."""
    while True:
        all_of_them = [(want, says) for want in wants for says in want.says]
        chance.shuffle(all_of_them)
        yield from all_of_them


def _own_wants(desk: Desk, expand: Expand, chance: random.Random) -> list[Want]:
    """Wants from the desk's phrases, said with what people say around them."""
    wants = []
    for name, intent in desk.intents.items():
        phrases = [
            sentence for template, _ in intent.templates for sentence in expand(template)[:_MOST_EXPANDED]
        ]
        phrases += [text for text, _ in intent.examples]
        if phrases:
            some = chance.sample(phrases, min(len(phrases), 12))
            around = [chance.choice(_OPENINGS) + phrase + chance.choice(_ENDINGS) for phrase in some]
            wants.append(Want(intent=name, says=tuple(around)))
    return wants


def _check(desk: Desk, want: Want) -> None:
    intent = desk.intents.get(want.intent)
    if intent is None:
        known = ", ".join(desk.intents)
        raise UnknownError(
            f"the desk has no intent {want.intent!r}", place="callers", remedy=f"It has {known}"
        )
    if not intent.templates and not intent.examples:
        raise UnknownError(
            f"nobody can ask for the intent {want.intent!r}", place="callers", remedy="Give it phrases"
        )


def _slots(desk: Desk) -> dict[str, SlotSpec]:
    """All facts that the desk may ask for, by name; the first of each name."""
    found: dict[str, SlotSpec] = {}
    for flow in desk.flows.values():
        for slot in flow.slots:
            found.setdefault(slot.name, slot.spec)
    return found


def _facts(desk: Desk, want: Want, chance: random.Random) -> dict[str, str]:
    own = {slot.name: slot.spec for slot in desk.intents[want.intent].flow.slots}
    facts = {name: said_for(spec, chance) for name, spec in {**_slots(desk), **own}.items()}
    for name, given in want.facts.items():
        facts[name] = given if isinstance(given, str) else chance.choice(given)
    return facts


def _filled(wording: str, facts: Mapping[str, str]) -> str:
    for name, said in facts.items():
        wording = wording.replace(f"{{{name}}}", said)
    return wording


def _plain(desk: Desk, intent: str, facts: Mapping[str, str], expand: Expand) -> str:
    """The phrase of the intent that names the most of the facts; of those the first."""
    given = desk.intents[intent]
    phrases = [expand(template)[0] for template, _ in given.templates] or [text for text, _ in given.examples]
    return _filled(max(phrases, key=lambda phrase: phrase.count("{")), facts)


def _in_hours(desk: Desk) -> datetime:
    """A moment at which the desk is open."""
    if desk.hours is None:
        return _TUESDAY.replace(tzinfo=ZoneInfo("UTC"))
    first = _TUESDAY.replace(tzinfo=desk.hours.timezone)
    moments = (first + timedelta(minutes=30 * step) for step in range(_SEARCHED))
    return next((moment for moment in moments if desk.hours.is_open(moment)), first)


def _voice(chance: random.Random) -> Voice:
    """A man, a woman or somebody in between, quick or slow; now and then a plainly synthetic voice."""
    speed, seed = round(chance.uniform(0.85, 1.2), 2), chance.randrange(1, 1000)
    if chance.random() < _ESPEAK_SHARE:
        return Voice(engine=Engine.ESPEAK, variant=chance.choice(_ESPEAK), speed=min(speed, 1.05), seed=seed)
    low = chance.random() < 0.5
    pitch = chance.uniform(-12.0, -5.0) if low else chance.uniform(-3.0, 3.0)
    tract = chance.uniform(0.83, 0.93) if low else chance.uniform(0.95, 1.08)
    return Voice(pitch=round(pitch, 1), tract=round(tract, 2), speed=speed, seed=seed)


def _line(chance: random.Random, snr: tuple[float, float]) -> LineSound:
    return LineSound(
        coding=chance.choice((Coding.ULAW, Coding.ALAW)),
        noise=chance.choice((Noise.BABBLE, Noise.PINK, Noise.STREET, Noise.HUM)),
        snr=round(chance.uniform(*snr), 1),
        level=round(chance.uniform(-26.0, -16.0), 1),
    )
