"""The ``ivr`` command."""

from __future__ import annotations

import sys

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
