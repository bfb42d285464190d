"""The report that people read: one HTML file with everything in it, also the sound."""

from __future__ import annotations

import base64
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from urllib.parse import quote

from ivr.evaluation.charts import (
    MOST_LABELS,
    confusion_matrix,
    reliability_diagram,
    score_histogram,
)
from ivr.evaluation.judge import Judged
from ivr.evaluation.matrix import NOTHING, REJECTED
from ivr.evaluation.measures import Measures, Times
from ivr.evaluation.sound import LEAD, TAIL, Conditions
from ivr.media.pcm import Pcm
from ivr.media.riff import Encoding, pack_header
from ivr.media.wav import encode

MOST_FAILURES = 1_000
_MOST_SLOTS = 20
MOST_BYTES = 24_000_000
"""Of sound inside the file; recordings beyond it are named by their path."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What was evaluated, for the top of the page; `details` are short phrases."""

    title: str
    details: tuple[str, ...]


def page(
    heading: Heading,
    judged: Sequence[Judged],
    measures: Measures,
    threshold: float,
    conditions: Conditions,
    folder: Path,
) -> str:
    """The report as HTML; `folder` is where it will lie. Raises AudioError when a recording is gone."""
    failures = sorted(
        (one for one in judged if not one.right),
        key=lambda one: (not one.accepted, -one.score, one.case.place),
    )
    shown = failures[:MOST_FAILURES]
    player = _Player(conditions, folder)
    title = f"{len(failures)} of {len(judged)} went wrong"
    if len(failures) > len(shown):
        title += f"; the first {len(shown)}"
    return Template(
        resources.files(__package__ or "ivr.evaluation").joinpath("report.html").read_text("utf-8")
    ).substitute(
        title=escape(heading.title),
        subtitle=escape(" · ".join(heading.details)),
        tiles="".join(_tiles(measures)),
        pictures=_pictures(judged, measures, threshold),
        failures_title=escape(title),
        meant_options=_options(_meant(one) for one in shown),
        taken_options=_options(_taken(one) for one in shown),
        failures="".join(_failure(one, player) for one in shown),
    )


def _tiles(measures: Measures) -> Iterable[str]:
    numbers: Mapping[str, str | None] = {
        "in-scope accuracy": _percent(measures.in_scope_accuracy),
        "out of scope rejected": _percent(measures.oos_recall),
        "accuracy": _percent(measures.accuracy),
        "commands right": _percent(measures.command_acceptance),
        "slots right": _percent(measures.slot_accuracy),
        "word error rate": _percent(measures.wer),
        "calibration error": None
        if measures.calibration_error is None
        else f"{measures.calibration_error:.3f}",
        "ms matching, p50 / p95": _both(measures.match_ms),
        "ms recognizing, p50 / p95": _both(measures.recognize_ms),
    }
    for name, value in numbers.items():
        if value is not None:
            yield f'<div class="tile"><b>{value}</b><span>{name}</span></div>'


def _pictures(judged: Sequence[Judged], measures: Measures, threshold: float) -> str:
    if not any(one.case.judged for one in judged):
        return ""
    names = {name for one in judged for name in (one.case.intent, one.taken_for) if name is not None}
    some = f" The {MOST_LABELS} most confused of {len(names)} intents." if len(names) > MOST_LABELS else ""
    return (
        "<h2>What was taken for what</h2>"
        '<p class="hint">Rows: what was meant. Columns: what it was taken for. A click on a cell shows its '
        f'failures.{some}</p><div class="box">{confusion_matrix(judged)}</div>'
        '<h2>What a score is worth</h2><div class="row">'
        f'<div class="box"><h3>Scores</h3>{score_histogram(judged, threshold)}</div>'
        '<div class="box"><h3>Right answers at each score, number of cases below</h3>'
        f"{reliability_diagram(measures.reliability)}</div></div>{_slot_table(judged)}"
    )


def _failure(one: Judged, player: Callable[[Judged], str]) -> str:
    case = one.case
    taken = _taken(one)
    classes = "failure" if one.accepted else "failure rejected"
    parts = [f'<div class="{classes}" data-meant="{escape(_meant(one))}" data-taken="{escape(taken)}">']
    parts.append('<p class="what">')
    if case.judged:
        if one.intent_right:
            parts.append(f'<span class="tag">{escape(taken)}</span> with wrong slots')
        else:
            colour = "bad" if one.accepted else "aside"
            got = f'<span class="tag {colour}">{escape(taken)}</span>'
            parts.append(f'<span class="tag">{escape(_meant(one))}</span> taken for {got}')
        best = f" for {escape(one.got)}" if not one.accepted and one.got else ""
        parts.append(f"<span>score {one.score:.2f}{best}</span>")
    parts.append(f'<span class="place">{escape(_place(case.place))}</span></p>')
    words = one.hypotheses[0].text if one.hypotheses else ""
    shown = escape(_cut(words)) if words.strip() else '<span class="sub">nothing was heard</span>'
    parts.append(f'<p class="words">{shown}</p>')
    if case.audio is not None:
        if case.transcript is not None:
            parts.append(f'<p class="slots">said: {escape(_cut(case.transcript))}</p>')
        if len(one.hypotheses) > 1:
            also = "".join(
                f"<li>{escape(_cut(some.text))} ({some.confidence:.2f})</li>" for some in one.hypotheses[1:6]
            )
            parts.append(f"<ol start=2>{also}</ol>")
    parts.append(_slots(one))
    parts.append(player(one))
    parts.append("</div>")
    return "".join(parts)


def _slots(one: Judged) -> str:
    wrong = [
        f"{escape(name)} {escape(value)}: <b>{escape(got) if got else 'not heard'}</b>"
        for name, value, got in one.wrong_slots
    ]
    return f'<p class="slots">{" · ".join(wrong)}</p>' if wrong else ""


def _slot_table(judged: Sequence[Judged]) -> str:
    counts = Counter(wrong for one in judged if one.intent_right for wrong in one.wrong_slots)
    if not counts:
        return ""
    rows = "".join(
        f'<tr><td class="n">{count}</td><td>{escape(name)}</td><td>{escape(value)}</td>'
        f"<td>{escape(got) or '<span class=sub>not heard</span>'}</td></tr>"
        for (name, value, got), count in counts.most_common(_MOST_SLOTS)
    )
    head = "<tr><th>cases</th><th>slot</th><th>meant</th><th>taken for</th></tr>"
    return f'<h2>Slots that went wrong</h2><div class="box"><table>{head}{rows}</table></div>'


class _Player:
    """Players for recordings: with the sound as it was heard, until there is too much of it."""

    def __init__(self, conditions: Conditions, folder: Path) -> None:
        self._conditions = conditions
        self._folder = folder
        self._left = MOST_BYTES

    def __call__(self, one: Judged) -> str:
        audio = one.case.audio
        if audio is None:
            return ""
        pcm, rate = self._conditions.heard(audio, one.case.name)
        wav = _wav(pcm[round(LEAD * rate) : len(pcm) - round(TAIL * rate)], rate)
        if len(wav) > self._left:
            path = quote(os.path.relpath(audio, self._folder).replace(os.sep, "/"))
            return f'<audio controls preload="none" src="{escape(path)}" title="as recorded"></audio>'
        self._left -= len(wav)
        data = base64.b64encode(wav).decode("ascii")
        return f'<audio controls preload="metadata" src="data:audio/wav;base64,{data}"></audio>'


def _wav(pcm: Pcm, rate: int) -> bytes:
    return pack_header(Encoding.PCM_16, rate, 1, len(pcm)) + encode(pcm, Encoding.PCM_16)


def _meant(one: Judged) -> str:
    if not one.case.judged:
        return ""
    return NOTHING if one.case.intent is None else one.case.intent


def _taken(one: Judged) -> str:
    if not one.case.judged:
        return ""
    return REJECTED if one.taken_for is None else one.taken_for


def _options(names: Iterable[str]) -> str:
    return "".join(f"<option>{escape(name)}</option>" for name in sorted(set(names)) if name)


def _place(place: str) -> str:
    file, _, line = place.rpartition(":")
    return f"{Path(file).name}:{line}"


def _cut(text: str) -> str:
    return text if len(text) <= 600 else f"{text[:600]}…"


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _both(times: Times | None) -> str | None:
    return None if times is None else f"{_milliseconds(times.p50)} / {_milliseconds(times.p95)}"


def _milliseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
