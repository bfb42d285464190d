"""The ``ivr`` command."""

from __future__ import annotations

import os
import sys

# Before NumPy is loaded: its matrices here are small, and threads that share them wait 50 ms for each other
# on a busy machine, which stalls every call.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

try:
    from ivr.cli.app import run
    from ivr.cli.process import prepare
except KeyboardInterrupt:  # a second after the start: nothing was begun
    sys.exit(130)


def main() -> int:
    """Entry point of the console script; returns the exit status."""
    prepare()
    return run()


if __name__ == "__main__":
    sys.exit(main())
