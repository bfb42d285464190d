"""CSV files whose rows are looked up. A file that has changed is read anew."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.inquiry import MOST_ROWS, Named, filled
from ivr.lookups.source import NoAnswerError, Row

MOST_BYTES = 50_000_000


class CsvSource:
    """The rows whose columns have these values; upper and lower case do not count."""

    def __init__(self, file: Path, by: Named) -> None:
        self._file = file
        self._by = by
        self._lock = threading.Lock()
        self._state: tuple[int, int] = (0, 0)
        self._index: dict[tuple[str, ...], list[Row]] = {}

    def close(self) -> None:
        """Nothing is open."""

    def rows(self, values: Mapping[str, str], seconds: float) -> Sequence[Row]:
        """The rows of the answer. Raises NoAnswerError."""
        wanted = tuple(_plain(filled(value, values)) for _, value in self._by)
        with self._lock:
            self._read()
            return self._index.get(wanted, [])[:MOST_ROWS]

    def _read(self) -> None:
        try:
            status = self._file.stat()
            state = (status.st_mtime_ns, status.st_size)
            if state == self._state:
                return
            if status.st_size > MOST_BYTES:
                raise NoAnswerError(
                    f"{self._file.name} is larger than {MOST_BYTES // 1_000_000} MB", passing=False
                )
            reader = csv.DictReader(io.StringIO(self._file.read_text(encoding="utf-8-sig"), newline=""))
            index: dict[tuple[str, ...], list[Row]] = {}
            for row in reader:
                key = tuple(_plain(row.get(name) or "") for name, _ in self._by)
                index.setdefault(key, []).append(row)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise NoAnswerError(f"{self._file.name} cannot be read ({type(error).__name__})") from None
        self._index, self._state = index, state


def _plain(value: str) -> str:
    return " ".join(value.casefold().split())


def columns(file: Path) -> tuple[str, ...]:
    """The names in the first line. Raises OSError, UnicodeDecodeError, csv.Error."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return tuple(cell.strip() for cell in next(csv.reader(lines), []))
