"""Functions of other packages: ``[project.entry-points."ivr.lookups"]``, ``name = "module:function"``.

A function takes a mapping of text to text and gives a mapping, a list of mappings, or None for nothing. It
is called in a thread of its own, several calls at once; what it raises is a failure that may pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ivr.errors import DeskError
from ivr.inquiry import Python, filled
from ivr.lookups.source import NoAnswerError, Row

GROUP = "ivr.lookups"


def find(name: str) -> EntryPoint | None:
    """The entry point of that name."""
    return next(iter(entry_points(group=GROUP, name=name)), None)


class PythonSource:
    """One function."""

    def __init__(self, asked: Python, place: str) -> None:
        """Raises DeskError where no installed package offers it, or it cannot be loaded."""
        entry = find(asked.entry)
        if entry is None:
            raise DeskError(
                f"no installed package offers {asked.entry!r}",
                place=place,
                remedy=f"Install the package that names it under {GROUP}",
            )
        try:
            self._function: Callable[[Mapping[str, str]], Any] = entry.load()
        except (ImportError, AttributeError) as error:
            raise DeskError(
                f"{asked.entry!r} cannot be loaded ({error})", place=place, remedy="Mend its package"
            ) from None
        self._arguments = asked.arguments

    def close(self) -> None:
        """Nothing is open."""

    def rows(self, values: Mapping[str, str], seconds: float) -> Sequence[Row]:
        """The rows of the answer. Raises NoAnswerError."""
        arguments = {name: filled(value, values) for name, value in self._arguments}
        try:
            answer = self._function(arguments)
        # Code of others: whatever it raises costs this answer, not the call.
        except Exception as error:  # noqa: BLE001
            raise NoAnswerError(f"it raised {type(error).__name__}") from None
        if answer is None:
            return ()
        if isinstance(answer, Mapping):
            return (answer,)
        if isinstance(answer, Sequence) and all(isinstance(row, Mapping) for row in answer):
            return answer
        raise NoAnswerError("it gave neither a mapping nor a list of mappings", passing=False)
