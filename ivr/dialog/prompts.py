"""Prompts from the texts of a desk and its language: parsed, named, their values checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TypeAlias

from ivr.dialog.faults import did_you_mean
from ivr.dialog.language import Language
from ivr.dialog.schema import DeskText
from ivr.dialog.source import Key, Problem, Source
from ivr.dialog.steps import Prompt, Prompts
from ivr.dialog.tables import Table
from ivr.dialog.terms import DUE, STANDARD_VALUES, Standard
from ivr.dialog.text import Ref, Text, parse_text
from ivr.inquiry import Inquiry

ROUTE = "route"
"""In the texts of a flow: the label of the route that led there."""

Path: TypeAlias = tuple[Key, ...]
Known: TypeAlias = Mapping[str, Table | None]
"""The slots that a text may use, with the data table of each."""


def filled(prompts: Prompts, name: str, values: Mapping[str, Text]) -> Prompts:
    """The ladder under another name with some of its values known."""
    return tuple(
        Prompt(f"{name}.{n}", prompt.text.filled(values), prompt.place) for n, prompt in enumerate(prompts, 1)
    )


class Writer:
    """Makes the prompts of one file; faults go to `problems`."""

    def __init__(
        self, source: Source, problems: list[Problem], lookups: Mapping[str, Inquiry] | None = None
    ) -> None:
        self.source = source
        self.problems = problems
        self.lookups = lookups or {}

    def beside(self, file: str) -> str:
        """How messages call a file beside this one."""
        return str(PurePath(self.source.file).parent / file)

    def problem(self, path: Path, what: str, remedy: str) -> None:
        """Note a fault of the value at `path`."""
        lines = self.source.lines
        shown = (part for n, part in enumerate(path) if isinstance(part, str) or path[: n + 1] in lines)
        self.problems.append(Problem(self.source.place(*path), ".".join(map(str, shown)), what, remedy))

    def parse(self, text: str, path: Path) -> Text:
        """A text with its values."""
        try:
            return parse_text(text)
        except ValueError as error:
            self.problem(path, str(error), "Write the braces as words, or name a slot")
            return Text((text,))

    def prompt(self, name: str, text: str, path: Path) -> Prompt:
        """One prompt."""
        return Prompt(name, self.parse(text, path), self.source.place(*path))

    def ladder(self, name: str, texts: Iterable[str], path: Path, start: int = 1) -> Prompts:
        """Prompts ``name.1``, ``name.2``, ..."""
        return tuple(self.prompt(f"{name}.{n + start}", text, (*path, n)) for n, text in enumerate(texts))

    def opening(self, name: str, texts: tuple[str, ...]) -> Prompts:
        """`greeting` and `closed`: a single text has the bare name. They come before any value is known."""
        prompts = self.ladder(name, texts, (name,))
        for n, prompt in enumerate(prompts):
            for ref in prompt.text.refs:
                self.problem((name, n), f"{ref} has no value yet", "Write it out")
        return (Prompt(name, prompts[0].text, prompts[0].place),) if len(prompts) == 1 else prompts

    def check(self, text: Text, known: Known, path: Path, owner: str) -> None:
        """Every value of a text must be a slot of its flow, every column one of the slot's table."""
        for ref in text.refs:
            if ref == Ref(ROUTE) or (ref.name in DUE and not ref.column):
                continue
            if ref.name not in known and ref.column and ref.name in self.lookups:
                names = [kept.name for kept in self.lookups[ref.name].keep]
                if ref.column not in names:
                    what = f"{ref} names a value that lookup {ref.name!r} does not keep"
                    self.problem(path, what, did_you_mean(ref.column, names))
            elif ref.name not in known:
                what = f"{ref} is used, but {owner} has no slot {ref.name!r}"
                self.problem(path, what, did_you_mean(ref.name, {*known, *self.lookups}))
            elif ref.column:
                table = known[ref.name]
                if table is None:
                    self.problem(path, f"{ref} needs a data table", f"Give slot {ref.name!r} a `from`")
                elif ref.column not in table.columns:
                    what = f"{ref} names a column that table {table.name!r} does not have"
                    self.problem(path, what, did_you_mean(ref.column, table.columns))


def standard_prompts(text: DeskText, desk: Writer, words: Language) -> dict[Standard, Prompts]:
    """The language's prompts with the desk's own wordings; () where there is none."""
    language = Writer(words.source, desk.problems)
    own: dict[Standard, tuple[tuple[str, ...], Path]] = {
        name: (texts, ("prompts", name.value)) for name, texts in text.prompts.items()
    }
    if text.handoff.say is not None:
        own[Standard.HANDOFF] = (text.handoff.say, ("handoff", "say"))
    if text.handoff.closed is not None:
        own[Standard.HANDOFF_CLOSED] = (text.handoff.closed, ("handoff", "closed"))
    found: dict[Standard, Prompts] = {}
    for name in Standard:
        writer = desk if name in own else language
        texts, path = own.get(name, (words.text.prompts.get(name, ()), ("prompts", name.value)))
        found[name] = writer.ladder(name.value, texts, path)
        known = STANDARD_VALUES.get(name, frozenset())
        for n, prompt in enumerate(found[name]):
            for ref in prompt.text.refs:
                if ref.name not in known or ref.column:
                    what = f"{ref} has no value in this prompt"
                    writer.problem((*path, n), what, did_you_mean(ref.name, known))
    return found


def must_hear(wanted: Iterable[str], names: tuple[str, ...], writer: Writer) -> frozenset[str]:
    """The prompts that `no_barge_in` means: those of that name, and those whose name goes on behind a dot."""
    found: set[str] = set()
    for n, name in enumerate(wanted):
        meant = {known for known in names if known == name or known.startswith(f"{name}.")}
        if not meant:
            writer.problem(("no_barge_in", n), f"no prompt {name!r}", did_you_mean(name, names))
        found |= meant
    return frozenset(found)
