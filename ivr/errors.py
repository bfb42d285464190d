"""The error tree: what can go wrong for a user, always with the place and the remedy.

Every error a user can cause or meet is an `IvrError`; the command line prints it as one line and exits
with its `exit_code`. Anything else that escapes is a bug and shows a traceback.
"""

from __future__ import annotations


class IvrError(Exception):
    """One line for a person: ``place: what is wrong. remedy``.

    place   the file, ``file:line``, key, device or folder it is about ("" when there is none)
    what    what is wrong, a sentence without a final full stop
    remedy  what to do about it, a sentence without a final full stop ("" when nothing can be done)
    """

    exit_code = 2

    def __init__(self, what: str, *, place: str = "", remedy: str = "") -> None:
        self.what = what
        self.place = place
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.place}: " if self.place else ""
        tail = f". {self.remedy}" if self.remedy else ""
        return " ".join(f"{head}{self.what}{tail}".split())


class AudioError(IvrError):
    """An audio file that cannot be read as speech: empty, truncated, not WAV, an unusable format."""


class DeskError(IvrError):
    """A desk file that cannot be loaded. `problems` holds every fault found, this error is the first."""

    def __init__(
        self, what: str, *, place: str = "", remedy: str = "", problems: tuple[str, ...] = ()
    ) -> None:
        self.problems = problems
        super().__init__(what, place=place, remedy=remedy)


class ConfigError(IvrError):
    """A setting that is unknown or has a wrong value; place is the file and the key."""


class ModelError(IvrError):
    """A recognizer's model that is missing, damaged or cannot be fetched."""


class VoiceError(IvrError):
    """No voice for the desk's language, or a synthesizer that fails however often it is restarted."""


class DeviceError(IvrError):
    """An audio device or its system library that is missing or refuses to open."""


class LineError(IvrError):
    """A line that cannot listen for calls: a port in use or not allowed, an address of another machine."""


class StateError(IvrError):
    """A folder or database for state (queue, records, cache) that is full, read-only or damaged."""


class UnknownError(IvrError):
    """A name the user gave that does not exist: a desk, a handoff id, a model, a prompt."""


class HandoffError(IvrError):
    """A step that a handoff does not allow now: taken by nobody, already done, no name given."""
