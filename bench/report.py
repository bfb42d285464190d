"""How every bench reports: a table for people, ``bench/results/<name>.json`` for machines.

A result is what was measured, its value and unit, and the mark it has to meet (None: no mark). Values of
several runs are given as the median with the spread (least to most).
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import operator
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
_COMPARE: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `mark` is ("<=" or ">=", value); `spread` least and most of the runs."""

    what: str
    value: float
    unit: str
    mark: tuple[str, float] | None = None
    spread: tuple[float, float] | None = None

    @property
    def met(self) -> bool | None:
        """Whether the mark is met; None without a mark."""
        return None if self.mark is None else _COMPARE[self.mark[0]](self.value, self.mark[1])


def of_runs(what: str, values: Sequence[float], unit: str, mark: tuple[str, float] | None = None) -> Result:
    """The median of several runs, with their spread."""
    return Result(what, statistics.median(values), unit, mark, (min(values), max(values)))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def report(name: str, results: Sequence[Result], packages: Sequence[str] = ()) -> bool:
    """Print the table and write the JSON file; whether every mark is met."""
    versions = "  ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
    console = Console(width=None if Console().is_terminal else 140)
    table = Table("what", "value", "spread", "mark", "met", title=f"bench-{name}", title_justify="left")
    for result in results:
        spread = "" if result.spread is None else f"{result.spread[0]:.4g} - {result.spread[1]:.4g}"
        met = f"[{'green' if result.met else 'red'}]{met_text(result)}[/]" if met_text(result) else ""
        value = "not measured" if math.isnan(result.value) else f"{result.value:.4g} {result.unit}"
        table.add_row(escape(result.what), value, spread, mark_text(result), met)
    console.print(table)
    console.print(
        f"{os.cpu_count()} cores  {platform.machine()}  Python {platform.python_version()}  {versions}"
    )
    write(name, results)
    return all(result.met is not False for result in results)


def mark_text(result: Result) -> str:
    """The mark as people write it, "" without one."""
    return "" if result.mark is None else f"{result.mark[0]} {result.mark[1]:g}"


def met_text(result: Result) -> str:
    """Whether the mark is met, "" without one."""
    return {None: "", True: "yes", False: "no"}[result.met]


def write(name: str, results: Sequence[Result]) -> None:
    """Write the JSON file, whole; a value that could not be measured is null."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "what": result.what,
            "value": None if math.isnan(result.value) else result.value,
            "unit": result.unit,
            "mark": mark_text(result) or None,
            "met": result.met,
        }
        for result in results
    ]
    path = RESULTS / f"{name}.json"
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")
    aside.replace(path)
