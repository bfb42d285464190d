"""Sentence templates: ``[optional] (one|other) {slot}``, the notation of Home Assistant's hassil.

Groups nest, ``[a|b]`` is an optional choice, a backslash takes the next character literally, and a group that
touches a word makes words of both: ``invoice[s]``. A template is kept as a tree and never written out as a
whole: its sentences are counted and any of them can be made by its number.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ivr.errors import DeskError

MAX_LENGTH = 2_000
MAX_DEPTH = 20
MAX_SENTENCES = 10_000
"""A template with more sentences than this is refused: it says more than its writer can have meant."""

_MAX_GLUED = 64
_SLOT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

Sentence: TypeAlias = tuple[str, ...]
"""Words in matching form; a slot is written as ``{name}``."""


class TemplateError(DeskError):
    """A template that cannot be read; `column` counts characters from 1."""

    def __init__(self, what: str, column: int, remedy: str) -> None:
        self.column = column
        super().__init__(what, place=f"column {column}", remedy=remedy)


@dataclass(frozen=True, slots=True)
class Group:
    """One of several sequences; an empty sequence among them makes it optional."""

    options: tuple[Sequence, ...]


Sequence: TypeAlias = "tuple[str | Group, ...]"
"""Words, ``{slots}`` and groups, one after another."""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: its text, its tree, the names of its slots and how many sentences it stands for."""

    text: str
    body: Sequence
    slots: tuple[str, ...]
    count: int

    def sentence(self, number: int) -> Sentence:
        """The sentence of a number from 0 to count - 1 (not all sentences of a template need differ)."""
        return _numbered(self.body, number)

    def sentences(self, limit: int) -> tuple[Sentence, ...]:
        """At most `limit` different sentences.

        First the shortest one through every word of the template, so that no word is missing, then others
        spread evenly over all there are.
        """
        found = dict.fromkeys(itertools.islice(_through_every_word(self.body), limit))
        stride = max(1, round(self.count * 0.618034))
        while math.gcd(stride, self.count) != 1:
            stride += 1
        for step in range(min(self.count, 2 * limit)):
            if len(found) >= limit:
                break
            found.setdefault(self.sentence(step * stride % self.count))
        return tuple(sentence for sentence in found if sentence)


def parse(text: str, words: Callable[[str], tuple[str, ...]]) -> Template:
    """Read a template; `words` brings literal text to matching form.

    Raises TemplateError with the column and the remedy.
    """
    if len(text) > MAX_LENGTH:
        raise TemplateError(
            f"template of {len(text)} characters (at most {MAX_LENGTH})", MAX_LENGTH, "Split it into several"
        )
    body = _Parser(text, words).parse()
    count = _count(body)
    if count > MAX_SENTENCES:
        raise TemplateError(
            f"template stands for {count:,} sentences (at most {MAX_SENTENCES:,})",
            1,
            "Split it into several templates or leave out optional words: polite words need not be written",
        )
    if not _shortest(body):
        raise TemplateError(
            "template fits a caller who says nothing", 1, "Leave at least one word or slot outside [ ]"
        )
    slots = tuple(dict.fromkeys(label[1:-1] for label in labels(body) if label[0] == "{"))
    return Template(text, body, slots, count)


# --- sentences of a tree -----------------------------------------------------------------------------


def labels(body: Sequence) -> Iterator[str]:
    """Every word and slot of a tree, in the order they are written."""
    for item in body:
        if isinstance(item, str):
            yield item
        else:
            for option in item.options:
                yield from labels(option)


def _count(body: Sequence) -> int:
    return math.prod(sum(map(_count, item.options)) for item in body if isinstance(item, Group))


def _numbered(body: Sequence, number: int) -> Sentence:
    out: list[str] = []
    for item in body:
        if isinstance(item, str):
            out.append(item)
            continue
        number, rest = divmod(number, sum(map(_count, item.options)))
        for option in item.options:
            if rest < (size := _count(option)):
                out.extend(_numbered(option, rest))
                break
            rest -= size
    return tuple(out)


def _shortest(body: Sequence) -> Sentence:
    out: list[str] = []
    for item in body:
        options = ((item,),) if isinstance(item, str) else tuple(map(_shortest, item.options))
        shortest: Sentence = min(options, key=len)
        out.extend(shortest)
    return tuple(out)


def _through_every_word(body: Sequence) -> Iterator[Sentence]:
    yield _shortest(body)
    for index, item in enumerate(body):
        if isinstance(item, Group):
            before, after = _shortest(body[:index]), _shortest(body[index + 1 :])
            for option in item.options:
                for through in _through_every_word(option):
                    yield (*before, *through, *after)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Atom:
    """A word, slot or group as written. `spellings` is all it can be in letters, None if that is too much."""

    item: str | Group
    spellings: tuple[str, ...] | None
    spaced_before: bool = False
    spaced_after: bool = False


class _Parser:
    def __init__(self, text: str, words: Callable[[str], tuple[str, ...]]) -> None:
        self.text = text
        self.words = words
        self.at = 0

    def parse(self) -> Sequence:
        atoms = self._atoms(depth=0)
        if self.at < len(self.text):
            char = self.text[self.at]
            if char == "|":
                raise self._error('"|" outside a group', 'Write (one|other), or "\\|" for the sign itself')
            raise self._error(
                f'"{char}" closes nothing', f'Remove it, or write "\\{char}" for the sign itself'
            )
        return self._join(atoms)

    def _error(self, what: str, remedy: str, at: int | None = None) -> TemplateError:
        return TemplateError(what, (self.at if at is None else at) + 1, remedy)

    def _atoms(self, depth: int) -> list[_Atom]:
        atoms: list[_Atom] = []
        spaced = False
        while self.at < len(self.text) and (char := self.text[self.at]) not in "])}|":
            if char.isspace():
                spaced = True
                self.at += 1
                continue
            atom = self._slot() if char == "{" else self._group(depth) if char in "[(" else self._word()
            atom.spaced_before = spaced
            if spaced and atoms:
                atoms[-1].spaced_after = True
            atoms.append(atom)
            spaced = False
        if spaced and atoms:
            atoms[-1].spaced_after = True
        return atoms

    def _word(self) -> _Atom:
        letters: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "[](){}|" or char.isspace():
                break
            if char == "\\":
                self.at += 1
                if self.at == len(self.text):
                    raise self._error("a backslash ends the template", 'Write "\\\\" for the sign itself')
                char = self.text[self.at]
            letters.append(char)
            self.at += 1
        word = "".join(letters)
        return _Atom(word, (word,))

    def _slot(self) -> _Atom:
        opened = self.at
        closed = self.text.find("}", opened)
        if closed < 0:
            raise self._error('"{" is never closed', 'Close the name of the slot with "}"')
        name = self.text[opened + 1 : closed].strip()
        if not _SLOT_NAME.match(name):
            what = f'"{name}" is no name of a slot' if name else "a slot without a name"
            raise self._error(what, "Use letters, digits and _, beginning with a letter")
        self.at = closed + 1
        return _Atom(f"{{{name}}}", None)

    def _group(self, depth: int) -> _Atom:
        if depth >= MAX_DEPTH:
            raise self._error(f"groups nested deeper than {MAX_DEPTH}", "Split the template into several")
        opened, opening = self.at, self.text[self.at]
        closing = "]" if opening == "[" else ")"
        options: list[list[_Atom]] = []
        while True:
            self.at += 1
            options.append(self._atoms(depth + 1))
            if self.at == len(self.text):
                raise self._error(f'"{opening}" is never closed', f'Close it with "{closing}"', opened)
            if self.text[self.at] != "|":
                break
        if (char := self.text[self.at]) != closing:
            raise self._error(f'"{char}" where "{closing}" was expected', f"Close column {opened + 1} first")
        self.at += 1
        joined = [self._join(option) for option in options]
        if not any(joined):
            raise self._error("an empty group", "Write words into it or remove it", opened)
        if opening == "[":
            options.append([])
            joined.append(())
        return _Atom(Group(tuple(dict.fromkeys(joined))), _spellings(options))

    def _join(self, atoms: list[_Atom]) -> Sequence:
        """The words, slots and groups of a sequence; atoms that touch are one word together."""
        out: list[str | Group] = []
        for cluster in _clusters(atoms):
            if len(cluster) == 1 and isinstance(cluster[0].item, Group):
                out.append(cluster[0].item)
            elif (spellings := _product(cluster)) is None:
                out.append(str(cluster[0].item))
            else:
                options = tuple(dict.fromkeys(self.words(spelling) for spelling in spellings))
                out.extend(options[0] if len(options) == 1 else (Group(options),))
        return tuple(out)


def _clusters(atoms: list[_Atom]) -> Iterator[list[_Atom]]:
    """Atoms in groups that touch; what cannot be spelled out in few ways stands alone."""
    cluster: list[_Atom] = []
    for atom in atoms:
        touches = cluster and not cluster[-1].spaced_after and not atom.spaced_before
        if cluster and not (touches and _product([*cluster, atom]) is not None):
            yield cluster
            cluster = []
        cluster.append(atom)
    if cluster:
        yield cluster


def _product(atoms: list[_Atom]) -> tuple[str, ...] | None:
    """All spellings of atoms one after another, with the white space between, before and after them."""
    out: tuple[str, ...] = ("",)
    for atom in atoms:
        if atom.spellings is None or len(out) * len(atom.spellings) > _MAX_GLUED:
            return None
        before, after = " " * atom.spaced_before, " " * atom.spaced_after
        out = tuple(f"{head}{before}{spelling}{after}" for head in out for spelling in atom.spellings)
    return out


def _spellings(options: list[list[_Atom]]) -> tuple[str, ...] | None:
    found: dict[str, None] = {}
    for option in options:
        if (spelled := _product(option)) is None:
            return None
        found.update(dict.fromkeys(spelled))
    return tuple(found) if len(found) <= _MAX_GLUED else None
