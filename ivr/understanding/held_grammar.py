"""What may be said in a state of the dialog, as the word graph a recognizer is held to.

Templates are lowered in the spelling of their writers, slots by the ways to say their values. A part of a
template with a slot that any words, dates or amounts may fill cannot be held and is left out; asked for such
a slot, nothing is held. What is polite or a hesitation, and no word of the desk, is a filler. Words that are
also said as one ("that is": "that's") may be; what leads to one of several choices ("it's in the") as well.

Where something was asked, whatever does not answer it is said aside, and costs the search more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ivr.errors import DeskError
from ivr.meaning import Command, Expect, Intent, Meaning, SlotSpec, SlotType, Vocabulary
from ivr.understanding.by_state import ByState
from ivr.understanding.grammar import Group, Sequence, parse
from ivr.understanding.words import Words
from ivr.wordgraph import WordGraph, WordGraphBuilder

MOST_DIGITS = 16

ANSWERS = frozenset({Command.YES, Command.NO, Command.FIRST, Command.SECOND, Command.NEITHER, Command.WRONG})
"""Commands that answer a question."""

Allowed = Callable[[Meaning], bool]


class HeldGrammars:
    """The grammars of a desk's states: compiled when first asked for, kept; used by several threads."""

    def __init__(self, vocabulary: Vocabulary, words: Words) -> None:
        self._vocabulary = vocabulary
        self._words = words
        self._known: ByState[WordGraph | None] = ByState()
        self._examples = not vocabulary.is_corpus  # which nobody repeats word for word

    def of(self, expect: Expect, allowed: Allowed) -> WordGraph | None:
        """The grammar of a state, None where nothing can be held or it would be too large."""
        return self._known.of(expect, lambda: self._compile(expect, allowed), expect.more)

    def _compile(self, expect: Expect, allowed: Allowed) -> WordGraph | None:
        make = _Lowering(self._words)
        asked = expect.slot
        answers: list[int] = []
        wants: list[int] = []
        alarms: list[int] = []
        try:
            if asked is not None and asked.type is not SlotType.YES_NO:
                value = make.slot(asked, make.builder.end)
                if value == make.builder.nothing:
                    return None
                answers.append(make.led_to(asked, value))
                if _known_length(asked) and allowed(Command.NO):  # read back wrongly: "no, five two ..."
                    answers.extend(make.sentence_then(no, value) for no in sorted(self._words.no_first))
            for intent in self._vocabulary.intents:
                if allowed(Intent(intent.name)):
                    slots = {spec.name: spec for spec in intent.slots}
                    wants.extend(make.template(text, slots) for text in intent.templates)
                    if self._examples:
                        wants.extend(make.sentence(text) for text in intent.examples)
                groups = {spec.name: spec for spec in intent.groups}
                alarms.extend(make.template(text, groups) for text in intent.alarms)
            answering = ANSWERS | ({Command.GOODBYE} if expect.more else frozenset())
            answers.extend(self._commands(make, allowed, lambda command: command in answering))
            others = list(self._commands(make, allowed, lambda command: command not in answering))
            if all(start == make.builder.nothing for start in (*answers, *wants, *others, *alarms)):
                return None
            others.extend(make.sentence(word) for word in sorted(rivals(self._words)))
            if not answers:
                starts, aside = [*wants, *others], []
            elif expect.more:  # "anything else?" asks for another want
                starts, aside = [*answers, *wants], others
            else:
                starts, aside = answers, [*wants, *others]
            either = make.builder.either
            fillers = (self._words.fillers | self._words.polite) - make.spelled
            graph = make.builder.graph(
                either(starts),
                tuple(sorted(fillers)),
                either(alarms) if alarms else None,
                either(aside) if aside else None,
                self._words.shorts,
            )
        except DeskError:  # too much to hold: everything is still read freely
            return None
        return None if graph.empty else graph

    def _commands(
        self, make: _Lowering, allowed: Callable[[Command], bool], of_these: Callable[[Command], bool]
    ) -> Iterable[int]:
        for command, texts in self._vocabulary.commands:
            if allowed(command) and of_these(command):
                yield from (make.template(text, {}) for text in texts)


def rivals(words: Words) -> frozenset[str]:
    """Words that are heard on every telephone and sound like short phrases ("five" like "bye"): the digits.

    They may be said in every state, and where the desk has no use for them they mean nothing.
    """
    return frozenset(word for word, value in words.numbers.units.items() if value < 10)


def _known_length(asked: SlotSpec) -> bool:
    """Whether a number has so many digits and no other: where it may be longer, "no, nine not four" is like
    "no, nine oh four oh oh oh"."""
    return asked.type is SlotType.DIGITS and asked.length is not None and asked.length[0] == asked.length[1]


class _Lowering:
    """Trees of templates as states of a word graph, built from their ends."""

    def __init__(self, words: Words) -> None:
        self.builder = WordGraphBuilder()
        self.spelled: set[str] = set()
        """Every word of the graph, in lower case."""
        self._words = words
        self._shorts = {tuple(map(str.lower, whole)): short for short, whole in words.shorts.items()}
        self._slots: dict[tuple[int, int], int] = {}

    def template(self, text: str, slots: Mapping[str, SlotSpec]) -> int:
        """A template as a whole phrase."""
        return self._sequence(_parsed(text), self.builder.end, slots)

    def sentence(self, text: str) -> int:
        """A plain sentence; one that writes numerals is left out."""
        words = [word.strip('.,;:?!"') for word in text.split()]
        if not all(any(map(str.isalpha, word)) and not any(map(str.isdigit, word)) for word in words if word):
            return self.builder.nothing
        return (
            self._words_then([word for word in words if word], self.builder.end)
            if any(words)
            else self.builder.nothing
        )

    def sentence_then(self, text: str, then: int) -> int:
        """Plain words, then `then`."""
        return self._words_then(text.split(), then)

    def led_to(self, spec: SlotSpec, value: int) -> int:
        """The value of a slot, alone or after what leads to one of several choices."""
        if spec.type is not SlotType.CHOICE:
            return value
        led = [self._sequence(_parsed(text), value, {}) for text in self._words.leading]
        return self.builder.either([value, *led])

    def slot(self, spec: SlotSpec, then: int) -> int:
        """A value of a slot, then `then`; `nothing` for slots that cannot be held."""
        key = (id(spec), then)
        if key not in self._slots:
            self._slots[key] = self._slot(spec, then)
        return self._slots[key]

    def _slot(self, spec: SlotSpec, then: int) -> int:
        if spec.choices:
            ways = (way for choice in spec.choices for way in (choice.say or (choice.value,)))
            starts = [self._way(way, then) for way in ways]
            if spec.type is SlotType.NAME:
                starts.extend(self._parts(spec, then))
            return self.builder.either(starts)
        if spec.type is SlotType.DIGITS and spec.length and spec.length[1] <= MOST_DIGITS:
            return self._digits(spec.length, then)
        return self.builder.nothing

    def _way(self, way: str, then: int) -> int:
        return self._sequence(_parsed(way), then, {})

    def _parts(self, spec: SlotSpec, then: int) -> Iterable[int]:
        """First and last names said alone, as far as they are no common word (see `names`)."""
        common = self._words.light | self._words.polite | self._words.fillers
        for choice in spec.choices:
            name = choice.value.split()
            if len(name) > 1:
                yield from (
                    self._words_then([part], then)
                    for part in (name[0], name[-1])
                    if part.lower() not in common
                )

    def _digits(self, length: tuple[int, int], then: int) -> int:
        """`length` digits one by one, doubled or tripled."""
        least, most = length
        digits = [word for word, value in self._words.numbers.units.items() if value < 10]
        digits += list(self._words.digits.words)
        left = [then]
        for many in range(1, most + 1):
            ways = [self._words_then([digit], left[many - 1]) for digit in digits]
            for repeat, times in self._words.digits.repeats.items():
                if 1 < times <= many:
                    ways += [self._words_then([repeat, digit], left[many - times]) for digit in digits]
            left.append(self.builder.either([*ways, *([then] if many <= most - least else [])]))
        return left[most]

    def _sequence(self, body: Sequence, then: int, slots: Mapping[str, SlotSpec]) -> int:
        following: tuple[str, int] | None = None
        for item in reversed(body):
            after = then
            if isinstance(item, Group):
                then = self.builder.either([self._sequence(option, then, slots) for option in item.options])
            elif item.startswith("{"):
                then = self.slot(slots[item[1:-1]], then)
            else:
                then = self._word(item, then, following)
            following = (item, after) if isinstance(item, str) else None
        return then

    def _words_then(self, words: list[str], then: int) -> int:
        following: tuple[str, int] | None = None
        for word in reversed(words):
            after, then = then, self._word(word, then, following)
            following = (word, after)
        return then

    def _word(self, word: str, then: int, following: tuple[str, int] | None) -> int:
        """A word, or one with the word that follows, of which is known what comes then."""
        self.spelled.add(word.lower())
        start = self.builder.word(word, then)
        if following is None:
            return start
        short = self._shorts.get((word.lower(), following[0].lower()))
        return (
            start if short is None else self.builder.either([start, self.builder.word(short, following[1])])
        )


def _parsed(text: str) -> Sequence:
    return parse(text, lambda literal: tuple(literal.split())).body
