"""The pictures of a report as inline SVG: confusion matrix, histograms of scores, reliability.

Colours are classes and variables of the page (``report.html``), so that they follow its light or dark form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ivr.evaluation.judge import Judged
from ivr.evaluation.matrix import NOTHING, OTHERS, REJECTED, draw_matrix
from ivr.evaluation.measures import Bin
from ivr.evaluation.svg import draw_line, draw_text, drawing

MOST_LABELS = 40
"""Rows and columns of a matrix that is still a picture."""

_SCORE_BINS = 25


# --- confusion matrix ------------------------------------------------------------------------------------


def confusion_matrix(judged: Sequence[Judged]) -> str:
    """Rows what was meant, columns what it was taken for; of many intents those most often confused."""
    labelled = [one for one in judged if one.case.judged]
    shown = set(shown_labels(labelled))
    counts: Counter[tuple[str, str]] = Counter()
    for one in labelled:
        meant = NOTHING if one.case.intent is None else _shown(one.case.intent, shown)
        taken = REJECTED if one.taken_for is None else _shown(one.taken_for, shown)
        counts[meant, taken] += 1
    return draw_matrix(counts)


def shown_labels(labelled: Sequence[Judged]) -> tuple[str, ...]:
    """The labels of the matrix by name: all, or those with most mistakes."""
    mistakes: Counter[str] = Counter()
    for one in labelled:
        for name in (one.case.intent, one.taken_for):
            if name is not None:
                mistakes[name] += not one.intent_right
    if len(mistakes) <= MOST_LABELS:
        return tuple(sorted(mistakes))
    return tuple(sorted(name for name, count in mistakes.most_common(MOST_LABELS) if count))


def _shown(name: str, shown: set[str]) -> str:
    return name if name in shown else OTHERS


# --- scores ------------------------------------------------------------------------------------------------


def score_histogram(judged: Sequence[Judged], threshold: float) -> str:
    """How scores of right, wrong and out-of-scope cases lie about the threshold, each to its own scale."""
    labelled = [one for one in judged if one.case.judged]
    groups = [
        ("right intent", "good", [one.score for one in labelled if one.case.in_scope and _best_right(one)]),
        (
            "wrong intent",
            "bad",
            [one.score for one in labelled if one.case.in_scope and not _best_right(one)],
        ),
        ("out of scope", "aside", [one.score for one in labelled if not one.case.in_scope]),
    ]
    groups = [group for group in groups if group[2]]
    left, right, top, high, gap = 14.0, 470.0, 40.0, 74.0, 26.0
    bottom = top + len(groups) * (high + gap)
    out = [drawing(right + 14, bottom + 36, "scores")]
    drawn = 0.0 < threshold <= 1.0
    x = left + (right - left) * threshold
    if drawn:
        out.append(draw_line(x, 16, x, 23, "threshold"))
        anchor = "start" if threshold < 0.6 else "end"
        where = x + (4 if anchor == "start" else -4)
        text = f"threshold {threshold:.2f}"
        out.append(draw_text("mark", where, 12, text, anchor))
    for number, (name, kind, scores) in enumerate(groups):
        base = top + number * (high + gap) + high
        bins = Counter(min(_SCORE_BINS - 1, int(score * _SCORE_BINS)) for score in scores)
        tallest = max(bins.values())
        rejected = sum(score < threshold for score in scores)
        if drawn:  # not through the words above it
            out.append(draw_line(x, base - high, x, base, "threshold"))
        text = f"{name}: {len(scores)}, {rejected} of them rejected"
        out.append(draw_text("label", left, base - high - 4, text))
        out.append(draw_line(left, base, right, base, "axis"))
        step = (right - left) / _SCORE_BINS
        for place, count in bins.items():
            tall = max(1.5, high * count / tallest)
            out.append(
                f'<rect class="{kind}" x="{left + step * place + 0.5:.1f}" y="{base - tall:.1f}" '
                f'width="{step - 1:.1f}" height="{tall:.1f}"><title>{place / _SCORE_BINS:.2f} to '
                f"{(place + 1) / _SCORE_BINS:.2f}: {count}</title></rect>"
            )
    foot = bottom - gap
    out.extend(_scale(left, right, foot + 2))
    out.append(draw_text("label", (left + right) / 2, foot + 34, "score", "middle"))
    return "".join([*out, "</svg>"])


def reliability_diagram(bins: Sequence[Bin]) -> str:
    """Share of right answers at each score: on the diagonal a score is a chance."""
    left, right, top, bottom = 44.0, 344.0, 14.0, 314.0
    size = right - left
    out = [drawing(right + 14, bottom + 40, "reliability")]
    most = max((one.n for one in bins), default=0)
    for one in bins:
        if not one.n:
            continue
        x, wide = left + size * one.low, size * (one.high - one.low)
        tall = max(1.0, size * one.right)
        title = f"score {one.score:.2f}, right {one.right:.2f}, {one.n} cases"
        strength = 0.25 + 0.6 * one.n / most
        out.append(
            f'<g><title>{title}</title><rect class="good" fill-opacity="{strength:.2f}" x="{x + 1:.1f}" '
            f'y="{bottom - tall:.1f}" width="{wide - 2:.1f}" height="{tall:.1f}"/>'
            f'<circle class="dot" cx="{left + size * one.score:.1f}" cy="{bottom - tall:.1f}" r="3.5"/>'
            f"{draw_text('small', x + wide / 2, bottom - 4, str(one.n), 'middle')}</g>"
        )
    out.append(draw_line(left, bottom, right, top, "diagonal"))
    out.append(draw_line(left, bottom, right, bottom, "axis"))
    out.append(draw_line(left, top, left, bottom, "axis"))
    out.extend(_scale(left, right, bottom + 2))
    for number in range(0, 11, 2):
        y = bottom - size * number / 10
        out.append(draw_text("small", left - 6, y + 4, f"{number / 10:.1f}", "end"))
    out.append(draw_text("label", (left + right) / 2, bottom + 34, "score", "middle"))
    place = f"translate(11 {(top + bottom) / 2:.0f}) rotate(-90)"
    out.append(f'<text class="label" transform="{place}" text-anchor="middle">share right</text>')
    return "".join([*out, "</svg>"])


def _best_right(one: Judged) -> bool:
    return one.got == one.case.intent


def _scale(left: float, right: float, y: float) -> Iterable[str]:
    for number in range(0, 11, 2):
        x = left + (right - left) * number / 10
        yield draw_text("small", x, y + 13, f"{number / 10:.1f}", "middle")
