"""``ivr evaluate``: how well labelled callers are understood."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.cells import cell_len

from ivr.cli.call_options import RecognizerOption
from ivr.cli.console import Terminal, busy, count_progress, err, errors, out
from ivr.cli.files import put_json, refuse_results
from ivr.cli.maybe import STDOUT, JsonCommand
from ivr.cli.options import ConfigOption, JsonFileOption, between, desk_names, here, settings
from ivr.dialog.check import refuse_faults
from ivr.dialog.expect import expect
from ivr.dialog.load import load_desk
from ivr.dialog.states import Main
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.errors import UnknownError
from ivr.evaluation.cases import Case, Labels, read_cases, read_examples
from ivr.evaluation.matrix import NOTHING, REJECTED
from ivr.evaluation.measures import Measures, Times, measure
from ivr.evaluation.page import Heading, page
from ivr.evaluation.run import Understanding, check_recordings, wants
from ivr.evaluation.run import evaluate as evaluate_cases
from ivr.evaluation.sound import Conditions, LineKind, Noise
from ivr.evaluation.threshold import cross_validated_threshold
from ivr.meaning import Expect, Vocabulary
from ivr.media.wav import write_atomic
from ivr.show import printable
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import learned_model
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

CLASS = JsonCommand
_MOST_CONFUSIONS = 20


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is evaluated: a desk, or labelled sentences.

    offer  the threshold of a desk that has no examples to choose one by, None for labelled sentences
    """

    name: str
    vocabulary: Vocabulary
    expect: Expect
    recognizer: RecognizerKind
    offer: float | None
    now: datetime

    @property
    def has_examples(self) -> bool:
        return any(intent.examples for intent in self.vocabulary.intents)


def evaluate(
    cases: Annotated[
        Path | None, typer.Argument(metavar="CASES.jsonl", help="Sentences and recordings, one a line.")
    ] = None,
    desk: Annotated[
        str | None,
        typer.Option(metavar="DESK", autocompletion=desk_names, help="A desk's name, folder or YAML file."),
    ] = None,
    examples: Annotated[
        Path | None, typer.Option(metavar="TRAIN.jsonl", help="Labelled sentences instead of a desk.")
    ] = None,
    recognizer: RecognizerOption = None,
    line: Annotated[
        LineKind | None, typer.Option(help="Send recordings over a line: g711 is 8 kHz, µ-law.")
    ] = None,
    noise: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Mix this noise into recordings.")
    ] = None,
    snr: Annotated[
        float | None,
        typer.Option(parser=between(-40.0, 80.0), metavar="DB", help="Active speech over the noise."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses the places in the noise.")] = 0,
    threshold: Annotated[
        float | None,
        typer.Option(
            parser=between(0.0, 1.0),
            metavar="SCORE",
            help="Reject lower scores (0 to 1); 0 rejects nothing. Default: by cross-validation.",
        ),
    ] = None,
    json_file: JsonFileOption = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a report for people.")] = None,
    language: Annotated[str, typer.Option(help="Language of --examples.")] = "en",
    at: Annotated[
        datetime | None, typer.Option(help="When callers call, for dates and times, instead of now.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Measure how well the labelled cases in CASES.jsonl are understood by a desk, or by labelled sentences.

    A case has text or audio (WAV, relative to the file), an intent (null: out of scope), and if wanted slots
    and a transcript.

    Examples:

      ivr evaluate wordings.jsonl --desk company

      ivr evaluate dev.jsonl --examples train.jsonl --json result.json

      ivr evaluate orders.jsonl --desk coffee --line g711 --noise kitchen.wav --snr 15 --html report.html

    Exit status: 0 done, 2 bad input.
    """
    with errors():
        if cases is None and json_file is not None and json_file != STDOUT:
            cases, json_file = Path(json_file), STDOUT  # "--json CASES.jsonl": the file is the cases
        given = _checked(cases, desk, examples, noise, snr, [json_file, html])
        setup = settings(config)
        tried = read_cases(given)
        subject = _of_desk(desk, at) if desk is not None else _of_examples(examples, language, at)
        Labels.of(subject.vocabulary).check(tried)
        conditions = Conditions(
            line, Noise(noise, snr, seed) if noise is not None and snr is not None else None
        )
        conditions.check()
        check_recordings(tried)
        console = err if json_file == STDOUT else out
        with busy("learning from the examples ..."):
            learned = learned_model(subject.vocabulary, setup.cache / "understanding")
            matcher = Matcher(subject.vocabulary, learned=learned)
        limit, chosen = _threshold(threshold, subject, learned)
        understanding = Understanding(
            matcher, subject.expect, subject.vocabulary.language, subject.now, limit
        )
        with count_progress() as progress:
            task = progress.add_task("cases", total=len(tried))
            judged = evaluate_cases(
                tried,
                understanding,
                conditions,
                lambda: open_recognizer(recognizer or subject.recognizer, subject.vocabulary.language, setup),
                lambda: progress.advance(task),
            )
        measures = measure(judged)
        if html is not None:
            details = _details(tried, conditions, limit, chosen, subject.now)
            heading = Heading(f"{given.name}: {subject.name}", details)
            text = page(heading, judged, measures, limit, conditions, html.resolve().parent)
            write_atomic(html, text.encode("utf-8", "replace"))
        put_json(measures.to_json(), json_file)  # before the text for people, whose reader may go away
        _show(console, measures, limit, chosen)
        if html is not None:
            console.one_line(f"report: {printable(str(html))}")


def _checked(
    cases: Path | None,
    desk: str | None,
    examples: Path | None,
    noise: Path | None,
    snr: float | None,
    written: Sequence[str | Path | None],
) -> Path:
    """The file of cases, when the options fit together. Raises UnknownError, StateError."""
    if cases is None:
        raise UnknownError("no cases are named", place="ivr evaluate", remedy="Give a file CASES.jsonl")
    if (desk is None) == (examples is None):
        what = "both --desk and --examples" if desk else "neither --desk nor --examples"
        raise UnknownError(
            what, place="ivr evaluate", remedy="Give one of --desk DESK or --examples TRAIN.jsonl"
        )
    if (noise is None) != (snr is None):
        raise UnknownError("--noise and --snr go together", place="ivr evaluate", remedy="Give both or none")
    read = [path for path in (cases, examples, noise) if path is not None]
    refuse_results(written, read, "ivr evaluate")
    return cases


def _of_desk(name: str, at: datetime | None) -> _Subject:
    desk = refuse_faults(load_desk(name, here()))
    zone = desk.hours.timezone if desk.hours else None
    now = datetime.now(zone) if at is None else at.replace(tzinfo=at.tzinfo or zone)
    vocabulary = desk.vocabulary(commands(desk.language))
    kind = RecognizerKind(desk.recognizer.value)
    return _Subject(desk.name, vocabulary, wants(expect(Main(), desk)), kind, desk.thresholds.offer, now)


def _of_examples(path: Path | None, language: str, at: datetime | None) -> _Subject:
    assert path is not None
    vocabulary = read_examples(path, language)
    return _Subject(path.name, vocabulary, wants(Expect()), RecognizerKind.AUTO, None, at or datetime.now())


def _threshold(given: float | None, subject: _Subject, learned: LearnedModel | None) -> tuple[float, str]:
    """The threshold, and how it was chosen."""
    if given is not None:
        return given, "given"
    if not subject.has_examples and subject.offer is not None:
        return subject.offer, "the desk's `offer`"
    if learned is not None:
        return learned.threshold, "cross-validation on the examples"
    with busy("choosing the threshold by cross-validation ..."):
        return cross_validated_threshold(subject.vocabulary), "cross-validation on the examples"


def _details(
    cases: Sequence[Case], conditions: Conditions, threshold: float, chosen: str, now: datetime
) -> tuple[str, ...]:
    spoken = sum(case.audio is not None for case in cases)
    noise = conditions.noise
    parts = [
        f"{len(cases) - spoken} sentences" if spoken < len(cases) else "",
        f"{spoken} recordings" if spoken else "",
        "8 kHz µ-law" if spoken and conditions.line else "",
        f"{noise.file.name} at {noise.snr:g} dB, seed {noise.seed}" if spoken and noise else "",
        f"threshold {threshold:.3f} ({chosen})",
        f"{now:%Y-%m-%d %H:%M}",
    ]
    return tuple(part for part in parts if part)


# --- for people ------------------------------------------------------------------------------------------


def _show(console: Terminal, measures: Measures, threshold: float, chosen: str) -> None:
    rows: list[tuple[str, ...]] = []
    for name, value in measures.to_json().items():
        shown = getattr(measures, name)
        if isinstance(shown, Times):
            rows.append((name, f"{shown.p50:.2f} / {shown.p95:.2f}", "median / 95th percentile"))
        elif isinstance(shown, float):
            rows.append((name, f"{shown:.1%}", ""))
        elif isinstance(value, int):
            rows.append((name, str(value), ""))
    _columns(console, [*rows, ("threshold", f"{threshold:.3f}", chosen)], right={1})
    if measures.calibration_error is not None:
        console.one_line("\n[bold]reliability[/bold]")
        bins = [
            (f"{one.low:.1f}-{one.high:.1f}", str(one.n), f"{one.score:.2f}", f"{one.right:.2f}")
            for one in measures.reliability
            if one.n
        ]
        _columns(console, [("score", "cases", "mean score", "right"), *bins], right={1, 2, 3})
    if measures.confusions:
        console.one_line("\n[bold]confusions[/bold]")
        pairs = [
            (str(one.count), one.expected or f"({NOTHING})", one.got or f"({REJECTED})")
            for one in measures.confusions[:_MOST_CONFUSIONS]
        ]
        _columns(console, [("cases", "meant", "taken for"), *pairs], right={0})
    if (more := len(measures.confusions) - _MOST_CONFUSIONS) > 0:
        console.one_line(f"[dim]and {more} more pairs; all of them with --json or --html[/dim]")


def _columns(console: Terminal, rows: Sequence[tuple[str, ...]], right: Set[int]) -> None:
    """Rows of plain text, never cut off; the columns `right` end at the same place."""
    widths = [max(cell_len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - cell_len(cell))
            cells.append(space + cell if number in right else cell + space)
        console.one_line(printable("  ".join(cells).rstrip()))
