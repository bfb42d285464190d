"""``ivr serve``: answer calls on telephone lines until told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.console import err, errors
from ivr.cli.options import here
from ivr.config import load_settings
from ivr.ears.choose import RecognizerKind
from ivr.errors import ConfigError
from ivr.server.run import Run, Told
from ivr.serving.settings import load_serving
from ivr.show import printable

_FILE = "ivr.toml"


def serve(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Lines, desks and limits (TOML); ivr.toml if it is here."
        ),
    ] = None,
    recognizer: Annotated[
        RecognizerKind | None, typer.Option(help="For all desks, instead of their own choice.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only read the settings and say what is wrong.")
    ] = False,
) -> None:
    r"""Answer calls on telephone lines, until SIGTERM or Ctrl-C.

    A settings file that answers calls from an Asterisk on the same machine:

      [\[lines]]
      kind = "audiosocket"
      listen = "127.0.0.1:9092"
      default_desk = "company"
      desks = {"+44 20 7946 0001" = "company"}
      max_calls = 20

    One that answers telephones over SIP: examples/serve/sip.toml, explained in docs/connect-a-phone.md.

    Signals: SIGTERM and Ctrl-C stop answering and let running calls finish, a second one ends them; SIGHUP,
    or a change of a desk's files, reloads desks for new calls. Health: http://127.0.0.1:8080/readyz. More:
    docs/serve.md.

    Exit status: 0 ended as asked, 2 bad input.
    """
    with errors():
        file = _file(config)
        told = Told(file, load_serving(file), load_settings(file), here(), recognizer)
        if check:
            lines = len(told.serving.lines)
            err.one_line(f"{printable(str(file))}: {lines} line{'s' * (lines != 1)}, well")
            return
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
        logging.getLogger("ivr").setLevel(logging.INFO)
        asyncio.run(Run(told, lambda line: err.one_line(printable(line))).serve())


def _file(config: Path | None) -> Path:
    """The settings file. Raises ConfigError when there is none."""
    if config is not None:
        return config
    if named := os.environ.get("IVR_CONFIG"):
        return Path(named).expanduser()
    if Path(_FILE).is_file():
        return Path(_FILE)
    remedy = f"Write {_FILE}; ivr serve --help shows one"
    raise ConfigError("no settings file is given", place="--config", remedy=remedy)
