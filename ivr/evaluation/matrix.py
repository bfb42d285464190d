"""A confusion matrix as a picture: rows what should be, columns what came, as inline SVG.

Colours are classes and variables of the page it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape

from ivr.evaluation.svg import draw_text, drawing

OTHERS = "others"
NOTHING, REJECTED = "out of scope", "rejected"
_LONGEST = 30


def draw_matrix(counts: Counter[tuple[str, str]], name: str = "confusion matrix") -> str:
    """How often the first of each pair became the second; what is right lies on the diagonal."""
    rows = _ordered({row for row, _ in counts}, NOTHING)
    columns = _ordered({column for _, column in counts} | ({*rows} - {NOTHING}), REJECTED)
    cell = 26 if len(columns) <= 16 else 18
    left = 12 + 7.2 * min(_LONGEST, max(map(len, rows), default=0))
    top = 12 + 5.2 * min(_LONGEST, max(map(len, columns), default=0))
    width, height = left + cell * len(columns) + top * 0.6 + 10, top + cell * len(rows) + 8
    out = [drawing(width, height, name)]
    for x, column in enumerate(columns):
        place = f"translate({left + cell * (x + 0.6):.0f} {top - 6:.0f}) rotate(-50)"
        out.append(f'<text class="label" transform="{place}">{escape(_short(column))}</text>')
    for y, row in enumerate(rows):
        total = sum(counts[row, column] for column in columns)
        out.append(draw_text("label", left - 6, top + cell * (y + 0.5) + 4, _short(row), "end"))
        for x, column in enumerate(columns):
            out.append(_cell(row, column, counts[row, column], total, left + cell * x, top + cell * y, cell))
    return "".join([*out, "</svg>"])


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
    number = draw_text("", x + size / 2, y + size / 2 + font / 3, str(count), "middle", font)
    return (
        f'<g class="cell {kind}" {data}><title>{title}</title>'
        f'<rect {place} fill-opacity="{strength:.2f}"/>{number}</g>'
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
