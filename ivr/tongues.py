"""The other languages of a desk's calls: each with its desk, and what is needed to hold calls with it.

They are opened when the first caller wants them, or ahead, and shared by all calls from then on. A desk that
cannot be understood (no recognizer of its language is installed) is opened all the same: it can speak, and it
takes keys.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ivr.ears.recognizer import Recognizer
from ivr.errors import IvrError
from ivr.events import Say
from ivr.ports import Mind, Prompts, Understanding


@dataclass(frozen=True, slots=True)
class Sound:
    """What a call over audio needs.

    recognizer  None where none of the language is installed, for the reason `deaf`
    holding     phrases for a caller who waits for the desk
    """

    prompts: Prompts
    recognizer: Recognizer | None
    holding: tuple[Say, ...] = ()
    deaf: str = ""


async def no_prompts(_: int) -> None:
    """Where nothing is said."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A desk with which a call goes on in another language.

    mind   the dialog of a call, from the dialog that it had so far
    sound  None for calls that are typed
    render makes its fixed prompts ahead, at a rate. Raises VoiceError, StateError
    close  lets go of what was opened for it
    """

    language: str
    desk: str
    mind: Callable[[Mind], Mind]
    understanding: Understanding
    sound: Sound | None = None
    render: Callable[[int], Awaitable[None]] = no_prompts
    close: Callable[[], None] = lambda: None


class Tongues:
    """Those of one desk, by the file of the desk that goes on.

    make  opens one, with sound or without. Raises IvrError
    """

    def __init__(self, make: Callable[[str, bool], Tongue]) -> None:
        self._make = make
        self._open: dict[tuple[str, bool], Tongue] = {}
        self._lock = threading.Lock()

    def of(self, desk: str, *, sound: bool) -> Tongue:
        """The language of the desk file `desk`; takes seconds when it is opened. Safe in any thread.

        Raises IvrError.
        """
        with self._lock:
            if (desk, sound) not in self._open:
                self._open[desk, sound] = self._make(desk, sound)
            return self._open[desk, sound]

    def has(self, desk: str, *, sound: bool) -> bool:
        """Whether it is open; takes no time."""
        return (desk, sound) in self._open

    def close(self) -> None:
        """Close all; no call may be in progress."""
        with self._lock:
            for tongue in self._open.values():
                tongue.close()
            self._open.clear()


def no_other(desk: str, sound: bool) -> Tongue:
    """Where there are no other languages."""
    raise IvrError("no other language is spoken here", place=desk)
