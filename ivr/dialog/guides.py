"""Guides as they are used: every step is a flow that asks one question and waits for its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.dialog.desk import Flow, Slot
from ivr.dialog.faults import did_you_mean
from ivr.dialog.prompts import Path, Writer
from ivr.dialog.schema_guides import (
    DONE,
    FAILED,
    SOLVED,
    UNSOLVED,
    GuideStepText,
    GuideText,
    GuideWordsText,
)
from ivr.dialog.steps import GuideAnswer, GuideStep, Prompts
from ivr.dialog.terms import Check, Standard
from ivr.meaning import Choice, SlotSpec, SlotType

BACK, SKIP, TERM = "back", "skip", "the word "
"""Values of the answer to a step that are no answers of the desk's."""


def step_flow(guide: str, step: str) -> str:
    """The name of the flow of a step; no intent can have it."""
    return f"{guide}.{step}"


def guide_of(flow: str) -> str:
    """The guide of whose steps a flow is one, by its name; "" for other flows."""
    guide, dot, _ = flow.partition(".")
    return guide if dot else ""


def beginning(guide: str, text: GuideText) -> str:
    """The flow of the first step."""
    return step_flow(guide, next(iter(text.steps)))


@dataclass(slots=True)
class GuideCompiler:
    """Compiles the guides of a desk. `intents` are the names that a guide may go on with."""

    writer: Writer
    words: GuideWordsText
    standard: Mapping[Standard, Prompts]
    intents: Iterable[str]

    def flows(self, name: str, guide: GuideText) -> Iterator[Flow]:
        """A flow for every step."""
        path: Path = ("guides", name)
        for key in (SOLVED, UNSOLVED):
            self._intent(getattr(guide, key), (*path, key))
        terms = {
            f"{TERM}{term.say[0]}": self._prompts(
                f"guides.{name}.terms.{key}", term.means, (*path, "terms", key, "means")
            )
            for key, term in guide.terms.items()
        }
        asks = tuple(
            Choice(f"{TERM}{term.say[0]}", tuple(self._explain(term.say))) for term in guide.terms.values()
        )
        steps = list(guide.steps)
        for n, (key, step) in enumerate(guide.steps.items()):
            following = steps[n + 1] if n + 1 < len(steps) else SOLVED
            yield self._flow(name, guide, key, step, following, terms, asks)

    def _flow(
        self,
        name: str,
        guide: GuideText,
        key: str,
        step: GuideStepText,
        following: str,
        terms: Mapping[str, Prompts],
        asks: tuple[Choice, ...],
    ) -> Flow:
        path: Path = ("guides", name, "steps", key)
        base = f"guides.{name}.{key}"
        answers: dict[str, GuideAnswer] = {}
        choices: list[Choice] = []
        for answer, text in step.answers.items():
            at = (*path, "answers", answer)
            own = {DONE: self.words.done, FAILED: self.words.failed}.get(answer, ())
            if answer in (BACK, SKIP):
                self.writer.problem(at, f"{answer!r} has a meaning in every guide", "Choose another name")
            if not (text.say or own):
                self.writer.problem(at, "nothing that callers can say means it", "Write `say`")
            value = answer.replace("_", " ")
            choices.append(Choice(value, (*text.say, *own)))
            target = text.next or (UNSOLVED if answer == FAILED else following)
            tell = self._prompts(f"{base}.{answer}", text.tell or (), (*at, "tell"))
            answers[value] = GuideAnswer(tell, self._target(name, guide, target, (*at, "next")))
        for value, ways in ((BACK, self.words.back), (SKIP, self.words.skip)):
            if ways:
                choices.append(Choice(value, ways))
        done = answers.get(DONE) or next(iter(answers.values()))
        ask = self.standard[Standard.GUIDE_ASK]
        if step.ask is not None:
            ask = self._prompts(f"{base}.ask", step.ask, (*path, "ask"))
        place = self.writer.source.place(*path)
        slot = Slot(
            spec=SlotSpec(key, SlotType.CHOICE, None, (*choices, *asks)),
            ask=ask,
            confirm=(),
            confirm_given=True,
            read_back=Check.NEVER,
            keys=False,
            optional=False,
            table=None,
            place=place,
            wait=step.wait,
        )
        do = self._prompts(f"{base}.do", step.do, (*path, "do"))
        label = step.label or key.replace("_", " ")
        made = GuideStep(key, label, do, answers, BACK, done.go, terms, place)
        return Flow(step_flow(name, key), guide.label, True, (slot,), (made,), (), place)

    def _target(self, name: str, guide: GuideText, target: str, path: Path) -> str:
        """The flow that a `next` means."""
        if target in guide.steps:
            return step_flow(name, target)
        if target in (SOLVED, UNSOLVED):
            return str(getattr(guide, target))
        self._intent(target, path, (*guide.steps, SOLVED, UNSOLVED))
        return target

    def _intent(self, name: str, path: Path, others: tuple[str, ...] = ()) -> None:
        if name not in self.intents:
            known = (*others, *self.intents)
            self.writer.problem(path, f"no step or intent {name!r}", did_you_mean(name, known))

    def _prompts(self, name: str, texts: Iterable[str], path: Path) -> Prompts:
        made = self.writer.ladder(name, texts, path)
        for n, prompt in enumerate(made):
            self.writer.check(prompt.text, {}, (*path, n), "a guide")
        return made

    def _explain(self, ways: tuple[str, ...]) -> Iterator[str]:
        term = f"({'|'.join(ways)})"
        for pattern in self.words.explain:
            yield pattern.replace("{term}", term)
