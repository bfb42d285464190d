"""Bar charts as inline SVG; each bar leads to the calls behind it.

Colours are classes of the page (``report.html``), so that they follow its light, dark and printed form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TypeAlias
from urllib.parse import quote

Value: TypeAlias = tuple[str, int, str]
"""A label, how many calls, and the link to them: ``key=value``."""

_WIDE = 520.0
_LETTER = 7.4
"""Pixels of a letter of a label, wide ones."""


def columns(title: str, values: Sequence[Value]) -> str:
    """Upright bars, with as many labels as have room."""
    left, right, top, bottom = 40.0, _WIDE - 10, 46.0, 258.0
    ticks = round_ticks(max((count for _, count, _ in values), default=0))
    tall = (bottom - top) / ticks[-1]
    step = (right - left) / max(1, len(values))
    longest = max((len(label) for label, _, _ in values), default=1)
    every = max(1, -(-int((longest + 1) * _LETTER) // max(1, int(step))))

    def parts() -> Iterator[str]:
        for tick in ticks:
            y = bottom - tick * tall
            yield f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield _text("tick", left - 7, y + 4, str(tick), "end")
        for number, (label, count, link) in enumerate(values):
            x = left + step * number
            middle, y = x + step / 2, bottom - count * tall
            bar = _rect(x + step * 0.1, y, step * 0.8, bottom - y)
            shown = _text("value", middle, y - 4, str(count), "middle")
            yield _bar(label, count, link, f"{_rect(x, top, step, bottom - top, 'hit')}{bar}{shown}")
            if number % every == 0:
                yield _text("tick", middle, bottom + 17, label, "middle")

    return _drawing(title, bottom + 26, parts())


def rows(title: str, values: Sequence[Value]) -> str:
    """Lying bars, one below the other in their order."""
    high, top = 30.0, 36.0
    left = 16 + _LETTER * max((len(label) for label, _, _ in values), default=1)
    most = max((count for _, count, _ in values), default=0)

    def parts() -> Iterator[str]:
        for number, (label, count, link) in enumerate(values):
            y = top + high * number
            wide = (_WIDE - 60 - left) * count / max(1, most)
            yield _text("tick", left - 8, y + 20, label, "end")
            shown = _text("value", left + wide + 6, y + 20, str(count), "start")
            bar = (
                f"{_rect(left, y, _WIDE - left - 10, high, 'hit')}{_rect(left, y + 4, wide, high - 8)}{shown}"
            )
            yield _bar(label, count, link, bar) or shown
        end = top + high * len(values)
        yield f'<line class="grid" x1="{left:.1f}" x2="{left:.1f}" y1="{top}" y2="{end:.1f}"/>'

    return _drawing(title, top + high * len(values) + 10, parts())


def round_ticks(most: int) -> list[int]:
    """Round whole numbers from 0 to at least `most`, five or six steps at the outside."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * 5 >= most:
                return list(range(0, max(1, -(-most // step)) * step + 1, step))
        size *= 10


def _bar(label: str, count: int, link: str, inside: str) -> str:
    """A bar that is a link; nothing where there are no calls to lead to."""
    if not count:
        return ""
    name = escape(f"{label}: {count} {'call' if count == 1 else 'calls'}")
    return f'<a href="#{quote(link)}" aria-label="{name}"><title>{name}</title>{inside}</a>'


def _rect(x: float, y: float, wide: float, high: float, kind: str = "bar") -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def _text(kind: str, x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _drawing(title: str, high: float, parts: Iterator[str]) -> str:
    head = _text("title", 4, 18, title, "start")
    size = f'viewBox="0 0 {_WIDE:.0f} {high:.0f}"'
    return f'<svg {size} role="group" aria-label="{escape(title)}">{head}{"".join(parts)}</svg>'
