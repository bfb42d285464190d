"""What a run of ``ivr`` asks of its process: streams that take any text, an orderly end when stopped."""

from __future__ import annotations

import io
import signal
import sys
from types import FrameType

STOPPED = 128
"""Exit status of a run that was stopped, plus the number of the signal, as shells count."""

_received: list[int] = []


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


def stopped_status() -> int:
    """The exit status of a run that a KeyboardInterrupt ended."""
    return STOPPED + (_received[0] if _received else signal.SIGINT)


def _stop(number: int, frame: FrameType | None) -> None:
    """SIGTERM or SIGHUP: the run ends as it does after Ctrl-C, with its records closed.

    A call over audio is then asked to end by asyncio's own handler, which interrupts nothing half-way. The
    background jobs of a shell ignore Ctrl-C; they are stopped all the same.
    """
    _received.append(number)
    on_interrupt = signal.getsignal(signal.SIGINT)
    if callable(on_interrupt):
        on_interrupt(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
