"""The ``ivr`` command."""

from __future__ import annotations

from ivr.cli import app


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
