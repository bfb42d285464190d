"""The report for spreadsheets: one line a call, as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ivr.reporting.rows import Row

_COLUMNS = (
    "call",
    "desk",
    "started",
    "seconds",
    "caller",
    "need",
    "matters",
    "result",
    "detail",
    "person",
    "disposition",
    "turns",
    "not_understood",
    "median_wait",
    "queue_wait",
    "call_back",
    "call_back_kept",
    "follow_ups",
    "follow_ups_kept",
    "follow_ups_broken",
    "satisfaction",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(rows: Sequence[Row]) -> str:
    """All rows under a header. What a spreadsheet would run as a formula is text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for row in rows:
        values = row.to_json() | {"matters": "; ".join(row.matters)}
        writer.writerow([_cell(values[name]) for name in _COLUMNS])
    return buffer.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
