"""What a run of ``ivr`` asks of its process: streams that take any text, an orderly end when stopped."""

from __future__ import annotations

import io
import signal
import sys
from types import FrameType

STOPPED = 128
"""Exit status of a run that was stopped, plus the number of the signal, as shells count."""


class Stopped(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the run ends as it does after Ctrl-C, with its records closed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def prepare() -> None:
    """Call once, first, on the main thread."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None when it was closed
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def exit_status(stop: KeyboardInterrupt) -> int:
    """Of a run that was stopped."""
    return STOPPED + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)
