"""The report of trials that people read: one HTML file with the calls, their words and their sound in it."""

from __future__ import annotations

import base64
import io
import os
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from urllib.parse import quote

import soundfile

from ivr.evaluation.matrix import draw_matrix
from ivr.trials.result import Report, Result

MOST_BYTES = 40_000_000
"""Of sound inside the file; what failed comes first, recordings beyond it are named by their path."""


def page(report: Report, heading: str, folder: Path) -> str:
    """The report as HTML; `folder` is where it will lie."""
    failed = len(report.results) - report.passed
    title = f"{report.passed} of {len(report.results)} calls came out as expected"
    minutes = f"{report.seconds / 60:.1f} minutes of calls in {report.took:.0f} s"
    speed = f"{report.speed:.1f} times as fast as real time"
    details = (heading, minutes, speed) if report.sound else (heading, f"{report.took:.0f} s")
    first = sorted(report.results, key=lambda result: result.passed)
    player = _Player(folder)
    return Template(
        resources.files(__package__ or "ivr.trials").joinpath("report.html").read_text("utf-8")
    ).substitute(
        title=escape(title if failed else f"All {title}" if report.results else title),
        subtitle=escape(" · ".join(details)),
        matrix=draw_matrix(report.outcomes, "outcomes"),
        calls="".join(_call(result, player) for result in first),
    )


def _call(result: Result, player: _Player) -> str:
    call = result.trial.call
    kind, opened = ("passed", "") if result.passed else ("failed", " open")
    wrong = "".join(f"<li>{escape(what)}</li>" for what in result.wrong)
    ended = result.outcome if result.passed else f"{result.outcome}, not {result.expected}"
    if result.outcome == result.expected:
        ended = result.outcome
    length = f"{result.seconds:.0f} s, {result.turns} turns, {result.trial.way}"
    return (
        f'<details class="{kind}"{opened} data-meant="{escape(result.expected)}" '
        f'data-taken="{escape(result.outcome)}">'
        f"<summary><b>{escape(result.trial.desk)} / {escape(call.call)}</b>"
        f"<span>{escape(call.about)}</span>"
        f'<span class="sub">{escape(ended)}</span><span class="sub">{length}</span></summary>'
        f"{f'<ul>{wrong}</ul>' if wrong else ''}{player(result)}"
        f"<pre>{escape(result.conversation)}</pre>"
        f'<p class="sub">{escape(result.trial.shown)}</p></details>'
    )


class _Player:
    """Players for recordings, both sides as left and right, until there is too much of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left = MOST_BYTES

    def __call__(self, result: Result) -> str:
        if result.recording is None or not result.recording.is_file():
            return ""
        data = _flac(result.recording)
        if len(data) > self._left:
            source = quote(os.path.relpath(result.recording, self._folder).replace(os.sep, "/"))
        else:
            self._left -= len(data)
            source = f"data:audio/flac;base64,{base64.b64encode(data).decode('ascii')}"
        return f'<audio controls preload="none" src="{escape(source)}"></audio>'


def _flac(path: Path) -> bytes:
    """The recording, about half as large: every browser plays FLAC."""
    samples, rate = soundfile.read(path, dtype="int16")
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
