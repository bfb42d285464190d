"""An option whose value may be left out: ``--json`` alone is standard output, ``--json FILE`` the file."""

from __future__ import annotations

from typing import Any, ClassVar

from typer.core import TyperCommand

STDOUT = "-"


class JsonCommand(TyperCommand):
    """A command with ``--json [FILE]``, which typer cannot describe: the missing value is put in."""

    options: ClassVar[frozenset[str]] = frozenset({"--json"})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments with ``-`` behind each ``--json`` that nothing, or another option, follows."""
        filled: list[str] = []
        for place, arg in enumerate(args):
            if arg == "--":
                filled.extend(args[place:])
                break
            filled.append(arg)
            after = args[place + 1] if place + 1 < len(args) else "--"
            if arg in self.options and after.startswith("-") and after != STDOUT:
                filled.append(STDOUT)
        return super().parse_args(ctx, filled)
