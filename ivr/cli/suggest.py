"""``ivr suggest``: what a desk should learn from its calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.console import count_progress, err, errors, out, print_json
from ivr.cli.options import ConfigOption, JsonOption, desk_names, here, settings
from ivr.dialog.check import refuse_faults
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.schema import ThresholdsText
from ivr.errors import StateError
from ivr.evaluation.missed import Missed, find_logs, read_missed
from ivr.evaluation.suggest import Group, Present
from ivr.evaluation.suggest import suggest as groups_of
from ivr.meaning import Vocabulary
from ivr.records.layout import CALLS
from ivr.show import printable
from ivr.understanding.learned_cache import learned_model
from ivr.understanding.matcher import Matcher
from ivr.understanding.phonemes import Sounds
from ivr.understanding.words import commands, load_words

_MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was left out: answers to questions, what is understood by now, calls of other desks."""

    calls: int
    answers: int
    by_now: int
    unreadable: int


def suggest(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder with records of calls; default: those of this installation."),
    ] = None,
    desk: Annotated[
        str | None,
        typer.Option(
            metavar="DESK",
            autocompletion=desk_names,
            help="The desk as it is now: its name, folder or YAML file.",
        ),
    ] = None,
    least: Annotated[int, typer.Option(min=1, help="Leave out what was said less often.")] = 1,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List what callers said and were not understood, grouped, each with the line to add to the desk.

    With --desk, only calls of that desk count, and what it understands by now is left out. Without, what was
    guessed at the time of each call says which intent it may belong to.

    Exit status: 0 done, 2 bad input.
    """
    with errors():
        chosen = refuse_faults(load_desk(desk, here())) if desk is not None else None
        setup = settings(config)
        logs = find_logs(folder if folder is not None else setup.state / CALLS)
        thresholds = chosen.thresholds if chosen is not None else ThresholdsText()
        found: list[Missed] = []
        answers = unreadable = 0
        with count_progress() as progress:
            for log in progress.track(logs, description="calls"):
                try:
                    one = read_missed(log, thresholds.offer)
                except StateError as error:
                    unreadable += 1
                    err.one_line(f"[yellow]passed over:[/yellow] {printable(str(error))}")
                    continue
                found += [some for some in one.missed if chosen is None or some.desk == chosen.name]
                answers += one.answers
        present = _present(chosen, setup.cache)
        left = [one for one in found if not present.understands(one, thresholds.confirm)]
        by_now, found = len(found) - len(left), left
        language = chosen.language if chosen is not None else "en"
        groups = groups_of(found, load_words(language), Sounds(language), present)
        groups = tuple(group for group in groups if group.count >= least)
        counts = _Counts(len(logs), answers, by_now, unreadable)
        if as_json:
            print_json(_json(groups, counts, chosen))
        else:
            _show(groups, counts, chosen, Counter(one.desk for one in found))


def _present(desk: Desk | None, cache: Path) -> Present:
    """What is understood now, as calls understand it.

    Without a desk only what every desk understands: "no" is not worth learning.
    """
    if desk is None:
        return Present(Matcher(Vocabulary("en", (), commands("en"))), frozenset())
    vocabulary = desk.vocabulary(commands(desk.language))
    learned = learned_model(vocabulary, cache / "understanding")
    return Present(Matcher(vocabulary, learned=learned), frozenset(desk.intents))


def _json(groups: tuple[Group, ...], counts: _Counts, desk: Desk | None) -> dict[str, object]:
    return {
        "calls": counts.calls,
        "not_understood": sum(group.count for group in groups),
        "understood_by_now": counts.by_now,
        "answers_to_questions": counts.answers,
        "unreadable": counts.unreadable,
        "groups": [
            {
                "count": group.count,
                "intent": group.intent,
                "chance": round(group.chance, 3),
                "examples": list(group.examples),
                "calls": list(group.calls),
                "line": group.line,
                "place": _place(group, desk),
            }
            for group in groups
        ],
    }


def _place(group: Group, desk: Desk | None) -> str | None:
    """Where the line belongs: ``file:line`` of the intent's last template."""
    if desk is None or group.intent is None or group.intent not in desk.intents:
        return None
    intent = desk.intents[group.intent]
    return str(intent.templates[-1][1] if intent.templates else intent.flow.place)


def _show(groups: tuple[Group, ...], counts: _Counts, desk: Desk | None, desks: Counter[str]) -> None:
    total = sum(group.count for group in groups)
    more = f"; {counts.by_now} more are understood by now" if counts.by_now else ""
    more += f"; {counts.answers} more were answers to a desk's questions" if counts.answers else ""
    out.one_line(f"{counts.calls} calls, {total} utterances not understood{more}")
    if desk is None and len(desks) > 1:
        names = ", ".join(f"{name} ({count})" for name, count in desks.most_common())
        out.one_line(f"[dim]of several desks: {printable(names)}. Choose one with --desk[/dim]")
    for group in groups:
        which = "[dim]no intent is near[/dim]"
        if group.intent is not None:
            sure = "probably" if group.chance >= 0.5 else "perhaps"
            which = f"{sure} [bold]{printable(group.intent)}[/bold] ({group.chance:.0%})"
        out.one_line(f"\n[bold]{group.count} ×[/bold]  {which}")
        for example in group.examples[:_MOST_EXAMPLES]:
            out.one_line(f"     {printable(example)}")
        if len(group.examples) > _MOST_EXAMPLES:
            out.one_line(f"     [dim]and {len(group.examples) - _MOST_EXAMPLES} more wordings[/dim]")
        place = _place(group, desk)
        where = f"intents.{group.intent}.say" if group.intent is not None else "a new intent's `say`"
        after = f", after {place}" if place else ""
        out.one_line(f"  [dim]add to {printable(where + after)}:[/dim]")
        out.one_line(f"      [green]{printable(group.line)}[/green]")
