"""``ivr simulate``: callers that nobody had to record call a desk, and where they came to is counted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.call_options import JobsOption, KeepOption, RecognizerOption, WordsOption, jobs_for
from ivr.cli.console import count_progress, err, errors, out, print_columns
from ivr.cli.files import put_json, refuse_results
from ivr.cli.maybe import STDOUT, JsonCommand
from ivr.cli.options import ConfigOption, DeskArgument, JsonFileOption, between, here, settings
from ivr.dialog.check import refuse_faults
from ivr.dialog.load import load_desk
from ivr.events import Outcome
from ivr.parallel import Work
from ivr.show import printable
from ivr.simulation.callers import CALLERS_FILE, load_callers
from ivr.simulation.holder import SimulationHolder, SimulationOptions, simulated
from ivr.simulation.persona import Persona, personas
from ivr.simulation.place import Place, Verdict
from ivr.simulation.result import Simulated, Simulation
from ivr.understanding.matcher import expand

CLASS = JsonCommand
_COMMAND = "ivr simulate"
_MOST_SHOWN = 12


def simulate(
    desk: DeskArgument,
    calls: Annotated[int, typer.Option(min=1, max=100_000, help="How many callers.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed, the same callers.")] = 1,
    callers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What callers want and say. Default: callers.yaml beside the desk; without one, the desk's "
            "own phrases with what people say around them.",
        ),
    ] = None,
    snr: Annotated[
        tuple[float, float],
        typer.Option(
            metavar="LEAST MOST",
            parser=between(-5, 60),
            help="Decibels of the voice above the noise of the line.",
        ),
    ] = (10.0, 20.0),
    words: WordsOption = False,
    jobs: JobsOption = None,
    recognizer: RecognizerOption = None,
    keep: KeepOption = None,
    at_least: Annotated[
        float,
        typer.Option(metavar="SHARE", parser=between(0, 1), help="Fail when fewer come to the right place."),
    ] = 0.0,
    json_file: JsonFileOption = None,
    config: ConfigOption = None,
) -> None:
    """Let synthetic callers with other wordings, voices and noise call a desk; count who is served.

    Where a call should come to is found by a caller who says a phrase of the desk and is understood word for
    word. A person who is called because the desk did not understand is counted apart from a wrong transfer.

    Examples:

      ivr simulate company --calls 500

      ivr simulate company --words --calls 200 --json simulated.json

      ivr simulate company --snr 5 10 --keep heard --at-least 0.9

    Exit status: 0 done, 1 fewer than --at-least came to the right place, 2 bad input, 130 stopped.
    """
    with errors():
        loaded = refuse_faults(load_desk(desk, here()))
        file = callers or loaded.folder / CALLERS_FILE
        given = load_callers(file) if callers or file.is_file() else None
        refuse_results([json_file], [file], _COMMAND)
        if given is None:
            err.one_line(
                f"[dim]{printable(str(file))} is not there: callers use the desk's own phrases[/dim]"
            )
        people = list(personas(loaded, given, calls, seed, (min(snr), max(snr)), expand))
        options = SimulationOptions(desk, here(), settings(config), words, keep, recognizer)
        simulation = _hold(people, options, jobs_for(calls, jobs), seed)
        put_json(simulation.to_json(), json_file)
        if json_file != STDOUT:
            _show(simulation)
        raise typer.Exit(0 if simulation.share(Verdict.RIGHT) >= at_least else 1)


def _hold(people: list[Persona], options: SimulationOptions, jobs: int, seed: int) -> Simulation:
    began = time.perf_counter()
    with count_progress() as progress:
        task = progress.add_task("callers", total=len(people))

        def done(result: Simulated) -> None:
            if result.verdict is not Verdict.RIGHT:
                reached = result.trouble or str(result.reached)
                what = f"{result.intent}: {result.says!r} heard {result.heard!r}: {reached}"
                err.one_line(f"[red]{result.verdict}[/red] {printable(what)}")
            progress.advance(task)

        results = Work(SimulationHolder, options, _died).do(people, jobs, done)
    return Simulation(options.desk, seed, tuple(results), time.perf_counter() - began)


def _died(persona: Persona) -> Simulated:
    nowhere = Place(Outcome.FAILED, "", frozenset())
    return simulated(persona, nowhere, None, 0.0, trouble="the process that held the call died")


def _show(simulation: Simulation) -> None:
    """The result in a few lines."""
    worst = [(i, f"{right} of {n}") for i, (n, right) in simulation.by_intent.items() if right < n]
    if worst:
        print_columns(("wanted", "right place"), worst[:_MOST_SHOWN])
    counts = ", ".join(
        f"{count} {verdict}"
        for verdict, count in simulation.verdicts.most_common()
        if verdict is not Verdict.RIGHT
    )
    share = simulation.share(Verdict.RIGHT)
    out.one_line(
        f"{len(simulation.results)} callers: {100 * share:.1f} % to the right place"
        + (f"  ({counts})" if counts else "")
    )
    out.one_line(
        f"turns: median {simulation.turns(0.5):.0f}, 95 % within {simulation.turns(0.95):.0f}; "
        f"{simulation.seconds / 60:.0f} minutes of calls  [dim]in {simulation.took:.0f} s[/dim]"
    )
