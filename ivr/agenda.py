"""What the dialog wants done and is not begun: in its order, and what must wait for what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ivr.events import (
    Action,
    Alert,
    CallBackAsked,
    FollowUp,
    HandOff,
    Listen,
    LookUp,
    Say,
    SwitchLanguage,
    Transfer,
)

_AtOnce: TypeAlias = Say | LookUp | SwitchLanguage | HandOff | Alert | CallBackAsked | FollowUp
"""Not after the prompts before them: what is on disk or on its way when the caller hears of it."""


class Agenda:
    """Actions of one call, the next one first."""

    def __init__(self) -> None:
        self._actions: deque[Action] = deque()

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions)

    @property
    def listens(self) -> bool:
        """Whether it will be the caller's turn."""
        return any(isinstance(action, Listen) for action in self._actions)

    def replace(self, actions: Iterable[Action]) -> None:
        """These instead of what is not begun; a prompt that must be heard stays before them."""
        kept = [action for action in self._actions if isinstance(action, Say) and not action.barge_in]
        self._actions = deque([*kept, *actions])

    def prompts_stopped(self, again: Iterable[Say]) -> None:
        """Prompts that may be interrupted are not said any more; those of `again` are, first."""
        left = (one for one in self._actions if not (isinstance(one, Say) and one.barge_in))
        self._actions = deque([*again, *left])

    def clear(self) -> None:
        """Nothing is wanted any more."""
        self._actions.clear()

    def next(self, *, speaking: bool, hearing: bool) -> Action | None:
        """What can be begun now, and is then not here any more; None: nothing.

        What follows prompts waits until they have been heard (`speaking`). Nobody is put through in the midst
        of their words (`hearing`): they may change where to.
        """
        if not self._actions:
            return None
        action = self._actions[0]
        if speaking and not isinstance(action, _AtOnce):
            return None
        if hearing and isinstance(action, Transfer):
            return None
        return self._actions.popleft()
