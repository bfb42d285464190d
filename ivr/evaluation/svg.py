"""The few shapes that the pictures of a report are drawn with, as SVG text."""

from __future__ import annotations

from html import escape


def drawing(width: float, height: float, name: str) -> str:
    """The beginning of a picture; `name` is read to those who do not see it. Ends with ``</svg>``."""
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(name)}" {size}>'


def draw_line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A line of the class `kind`."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def draw_text(
    kind: str, x: float, y: float, words: str, anchor: str = "start", size: float | None = None
) -> str:
    """`words` at a place, in the class `kind`."""
    font = "" if size is None else f' font-size="{size}"'
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{font}'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'
