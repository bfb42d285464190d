"""The pictures of a report as inline SVG: confusion matrix, histograms of scores, reliability.

Colours are classes and variables of the page (``report.html``), so that they follow its light or dark form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from ivr.evaluation.judge import Judged
from ivr.evaluation.measures import Bin

MOST_LABELS = 40
"""Rows and columns of a matrix that is still a picture."""
OTHERS = "others"
NOTHING, REJECTED = "out of scope", "rejected"

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
    rows = _ordered({row for row, _ in counts}, NOTHING)
    columns = _ordered({column for _, column in counts} | ({*rows} - {NOTHING}), REJECTED)
    cell = 26 if len(columns) <= 16 else 18
    left = 12 + 6.4 * min(30, max(map(len, rows), default=0))
    top = 12 + 5.2 * min(30, max(map(len, columns), default=0))
    width, height = left + cell * len(columns) + top * 0.6 + 10, top + cell * len(rows) + 8
    out = [_open(width, height, "confusion matrix")]
    for x, column in enumerate(columns):
        place = f"translate({left + cell * (x + 0.6):.0f} {top - 6:.0f}) rotate(-50)"
        out.append(f'<text class="label" transform="{place}">{escape(_short(column))}</text>')
    for y, row in enumerate(rows):
        total = sum(counts[row, column] for column in columns)
        middle = top + cell * (y + 0.5) + 4
        name = _short(row)
        out.append(_text("label", left - 6, middle, name, "end"))
        for x, column in enumerate(columns):
            out.append(_cell(row, column, counts[row, column], total, left + cell * x, top + cell * y, cell))
    return "".join([*out, "</svg>"])


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


def _ordered(names: Iterable[str], last: str) -> list[str]:
    return sorted(names, key=lambda name: (name == last, name == OTHERS, name))


def _cell(row: str, column: str, count: int, total: int, x: float, y: float, size: float) -> str:
    right = row == column or (row == NOTHING and column == REJECTED)
    place = f'x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{size - 1:.0f}" height="{size - 1:.0f}" rx="2"'
    if not count:
        return f'<rect class="empty{" diagonal" if right else ""}" {place}/>'
    kind = "others" if row == column == OTHERS else "right" if right else "wrong"
    share = count / total
    strength = 0.15 + 0.75 * share if right else 0.3 + 0.7 * share
    title = f"{escape(row)} taken for {escape(column)}: {count} of {total}"
    data = f'data-meant="{escape(row)}" data-taken="{escape(column)}"'
    font = min(11 if size > 20 else 9, round(1.5 * (size - 2) / len(str(count))))
    number = _text("", x + size / 2, y + size / 2 + font / 3, str(count), "middle", font)
    return (
        f'<g class="cell {kind}" {data}><title>{title}</title>'
        f'<rect {place} fill-opacity="{strength:.2f}"/>{number}</g>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"


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
    out = [_open(right + 14, bottom + 36, "scores")]
    if 0.0 < threshold <= 1.0:
        x = left + (right - left) * threshold
        out.append(_line(x, 14, x, bottom - gap, "threshold"))
        anchor = "start" if threshold < 0.6 else "end"
        where = x + (4 if anchor == "start" else -4)
        text = f"threshold {threshold:.2f}"
        out.append(_text("mark", where, 12, text, anchor))
    for number, (name, kind, scores) in enumerate(groups):
        base = top + number * (high + gap) + high
        bins = Counter(min(_SCORE_BINS - 1, int(score * _SCORE_BINS)) for score in scores)
        tallest = max(bins.values())
        rejected = sum(score < threshold for score in scores)
        text = f"{name}: {len(scores)}, {rejected} of them rejected"
        out.append(_text("label", left, base - high - 4, text))
        out.append(_line(left, base, right, base, "axis"))
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
    out.append(_text("label", (left + right) / 2, foot + 34, "score", "middle"))
    return "".join([*out, "</svg>"])


def reliability_diagram(bins: Sequence[Bin]) -> str:
    """Share of right answers at each score: on the diagonal a score is a chance."""
    left, right, top, bottom = 44.0, 344.0, 14.0, 314.0
    size = right - left
    out = [_open(right + 14, bottom + 40, "reliability")]
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
            f"{_text('small', x + wide / 2, bottom - 4, str(one.n), 'middle')}</g>"
        )
    out.append(_line(left, bottom, right, top, "diagonal"))
    out.append(_line(left, bottom, right, bottom, "axis"))
    out.append(_line(left, top, left, bottom, "axis"))
    out.extend(_scale(left, right, bottom + 2))
    for number in range(0, 11, 2):
        y = bottom - size * number / 10
        out.append(_text("small", left - 6, y + 4, f"{number / 10:.1f}", "end"))
    out.append(_text("label", (left + right) / 2, bottom + 34, "score", "middle"))
    place = f"translate(11 {(top + bottom) / 2:.0f}) rotate(-90)"
    out.append(f'<text class="label" transform="{place}" text-anchor="middle">share right</text>')
    return "".join([*out, "</svg>"])


def _best_right(one: Judged) -> bool:
    return one.got == one.case.intent


def _open(width: float, height: float, name: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" {size}>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(kind: str, x: float, y: float, text: str, anchor: str = "start", size: float | None = None) -> str:
    font = "" if size is None else f' font-size="{size}"'
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{font}'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'


def _scale(left: float, right: float, y: float) -> Iterable[str]:
    for number in range(0, 11, 2):
        x = left + (right - left) * number / 10
        yield _text("small", x, y + 13, f"{number / 10:.1f}", "middle")
