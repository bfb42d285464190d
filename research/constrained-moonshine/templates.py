"""Templates in hassil's notation as a word graph, for the measurements.

In the product understanding/grammar.py parses templates; lowering its trees takes the same few lines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.wordgraph import Tag, WordGraph, WordGraphBuilder

_TOKEN = re.compile(r"[\[\]()|;]|\{[^{}]*\}|<[^<>]*>|[^\s\[\]()|;{}<>]+")

Values = Sequence[tuple[str, str]]
"""(what may be said, as a template; the value, "" = the words as said)."""


class TemplateError(ValueError):
    """A template that cannot be read."""


@dataclass(frozen=True, slots=True)
class _Tree:
    kind: str
    text: str = ""
    parts: tuple[_Tree, ...] = ()


class Templates:
    """``[optional]``, ``(one|other)``, ``(any;order)``, ``{slot}``, ``{list:slot}``, ``<rule>``."""

    def __init__(self, lists: Mapping[str, Values] | None = None, rules: Mapping[str, str] | None = None) -> None:
        self.builder = WordGraphBuilder()
        self._lists, self._rules = dict(lists or {}), dict(rules or {})
        self._trees: dict[str, _Tree] = {}

    def graph(self, templates: Iterable[str]) -> WordGraph:
        starts = [self._text(text, self.builder.end, None) for text in templates]
        return self.builder.graph(self.builder.either(starts))

    def _text(self, text: str, then: int, tag: Tag | None) -> int:
        tree = self._trees.get(text)
        if tree is None:
            tree = self._trees[text] = _parse(text)
        return self._lead(tree, then, tag)

    def _lead(self, tree: _Tree, then: int, tag: Tag | None) -> int:
        lead = self._lead
        match tree.kind:
            case "word":
                return self.builder.word(tree.text, then, tag)
            case "sequence":
                for part in reversed(tree.parts):
                    then = lead(part, then, tag)
                return then
            case "either":
                return self.builder.either([lead(part, then, tag) for part in tree.parts])
            case "optional":
                return self.builder.either([then, lead(tree.parts[0], then, tag)])
            case "order":
                orders = itertools.permutations(tree.parts)
                return self.builder.either([lead(_Tree("sequence", "", o), then, tag) for o in orders])
            case "rule":
                return self._text(self._rules[tree.text], then, tag)
            case _:
                name, _, slot = tree.text.partition(":")
                return self.builder.either(
                    [self._text(say, then, Tag(slot or name, value)) for say, value in self._lists[name]]
                )


def _parse(text: str) -> _Tree:
    tokens = _TOKEN.findall(text)
    tree, rest = _group(tokens, 0, "")
    if rest != len(tokens) or "".join(tokens) != "".join(text.split()):
        raise TemplateError(f"brackets do not match in {text!r}")
    return tree


def _group(tokens: Sequence[str], at: int, closing: str) -> tuple[_Tree, int]:
    branches: list[list[_Tree]] = [[]]
    marks: set[str] = set()
    while at < len(tokens) and tokens[at] not in ")]":
        token = tokens[at]
        at += 1
        if token in "([":
            inner, at = _group(tokens, at, ")" if token == "(" else "]")
            branches[-1].append(inner if token == "(" else _Tree("optional", "", (inner,)))
        elif token in "|;":
            marks.add(token)
            branches.append([])
        elif token[0] in "{<":
            branches[-1].append(_Tree("slot" if token[0] == "{" else "rule", token[1:-1].strip()))
        else:
            branches[-1].append(_Tree("word", token))
    if closing:
        if at == len(tokens) or tokens[at] != closing:
            raise TemplateError(f"a bracket without {closing}")
        at += 1
    parts = tuple(branch[0] if len(branch) == 1 else _Tree("sequence", "", tuple(branch)) for branch in branches)
    if len(parts) == 1:
        return parts[0], at
    return _Tree("order" if marks == {";"} else "either", "", parts), at
