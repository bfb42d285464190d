"""The sections of the settings file that ``ivr serve`` reads."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from ivr.config import read_toml
from ivr.errors import ConfigError
from ivr.serving.address import Address, Listen
from ivr.serving.console import ConsoleSettings, QueueSettings
from ivr.serving.kinds import KINDS
from ivr.serving.lines import LineSettings, refuse_public
from ivr.serving.mistake import Mistake
from ivr.serving.reports import ReportSettings
from ivr.serving.retention import RetentionSettings
from ivr.serving.webhooks import WebhookSettings

_Model = TypeVar("_Model", bound=BaseModel)


class ServerSettings(BaseModel):
    """What holds for all lines together.

    drain_seconds  how long running calls may go on after SIGTERM
    watch_seconds  how often the files of the desks are looked at; 0: only on SIGHUP
    languages_ahead  whether the other languages of desks are opened before a caller wants them
    summary_url    goes along with callers who are passed on: where to read what was said, with {call_id}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_calls: int = Field(default=100, ge=1, le=10_000)
    drain_seconds: float = Field(default=60.0, ge=0, le=86_400)
    watch_seconds: float = Field(default=2.0, ge=0, le=3600)
    languages_ahead: bool = True
    summary_url: str = ""

    @model_validator(mode="after")
    def _names_the_call(self) -> Self:
        if self.summary_url and "{call_id}" not in self.summary_url:
            raise Mistake(
                f"{self.summary_url!r} is the same for every call",
                'Put {call_id} into it: "https://desk.example/calls/{call_id}"',
            )
        return self


class HttpSettings(BaseModel):
    """Where health is asked for and AudioSocket calls are announced: not for the public."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: Listen = Address("127.0.0.1", 8080)
    public: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        refuse_public(self.listen, public=self.public)
        return self


@dataclass(frozen=True, slots=True)
class Serving:
    """All that ``ivr serve`` needs beside the common settings."""

    server: ServerSettings
    http: HttpSettings
    lines: tuple[LineSettings, ...]
    console: ConsoleSettings | None = None
    queues: tuple[QueueSettings, ...] = ()
    webhooks: tuple[WebhookSettings, ...] = ()
    reports: ReportSettings | None = None
    retention: RetentionSettings | None = None

    def all_desks(self) -> tuple[str, ...]:
        """Every desk that a line may ask for, each once."""
        return tuple(dict.fromkeys(desk for line in self.lines for desk in line.all_desks()))

    def rates_of(self, desk: str) -> tuple[int, ...]:
        """Samples a second of the calls that `desk` will answer."""
        return tuple(sorted({rate for line in self.lines if desk in line.all_desks() for rate in line.rates}))


def load_serving(path: Path) -> Serving:
    """Read the sections. Raises ConfigError that names the file, the key and the remedy."""
    found = read_toml(path)
    server = _section(ServerSettings, found.get("server", {}), f"{path}: server")
    http = _section(HttpSettings, found.get("http", {}), f"{path}: http")
    lines = found.get("lines", [])
    if not isinstance(lines, list):
        remedy = "Write its head as [[lines]], in two pairs of brackets"
        raise ConfigError("is not a list of lines", place=f"{path}: lines", remedy=remedy)
    if not lines and "console" not in found:
        remedy = "Add a section [[lines]]; ivr serve --help shows one"
        raise ConfigError("has no line that calls could come in on", place=str(path), remedy=remedy)
    read = tuple(_line(line, f"{path}: lines[{number}]") for number, line in enumerate(lines, 1))
    console = found.get("console")
    queues = found.get("queues", [])
    names = Counter(line.label for line in read)
    twice = next((name for name, count in names.items() if count > 1), None)
    if twice is not None:
        remedy = 'Give each a name = "..." of its own'
        raise ConfigError(f"two lines are called {twice}", place=f"{path}: lines", remedy=remedy)
    return Serving(
        server,
        http,
        read,
        None if console is None else _section(ConsoleSettings, console, f"{path}: console"),
        _queues(queues, f"{path}: queues"),
        _webhooks(found.get("webhooks", []), f"{path}: webhooks"),
        _reports(found.get("reports"), path),
        read_retention(found, path),
    )


def load_retention(path: Path) -> RetentionSettings | None:
    """The section alone, None without one. Raises ConfigError."""
    return read_retention(read_toml(path), path)


def read_retention(found: Mapping[str, object], path: Path) -> RetentionSettings | None:
    """The section of a file that was read. Raises ConfigError."""
    section = found.get("retention")
    return None if section is None else _section(RetentionSettings, section, f"{path}: retention")


def _reports(found: object, path: Path) -> ReportSettings | None:
    """The section; a folder is relative to the settings file."""
    if found is None:
        return None
    read = _section(ReportSettings, found, f"{path}: reports")
    return read.model_copy(update={"folder": path.parent / read.folder.expanduser()})


def _webhooks(found: object, place: str) -> tuple[WebhookSettings, ...]:
    """Who is told, each under a name of its own."""
    if not isinstance(found, list):
        remedy = "Write its head as [[webhooks]], in two pairs of brackets"
        raise ConfigError("is not a list", place=place, remedy=remedy)
    read = tuple(_section(WebhookSettings, one, f"{place}[{n}]") for n, one in enumerate(found, 1))
    names = Counter(one.name for one in read)
    for number, one in enumerate(read, 1):
        if names[one.name] > 1:
            remedy = 'Give each a name = "..." of its own'
            raise ConfigError(f"two are called {one.name}", place=f"{place}[{number}].name", remedy=remedy)
    return read


def _queues(found: object, place: str) -> tuple[QueueSettings, ...]:
    """The queues, each once, overflowing only into one another."""
    if not isinstance(found, list):
        remedy = "Write its head as [[queues]], in two pairs of brackets"
        raise ConfigError("is not a list of queues", place=place, remedy=remedy)
    read = tuple(_section(QueueSettings, one, f"{place}[{n}]") for n, one in enumerate(found, 1))
    names = Counter(one.name for one in read)
    for number, one in enumerate(read, 1):
        if names[one.name] > 1:
            remedy = "Put its rules into one section"
            raise ConfigError(
                f"two queues are called {one.name}", place=f"{place}[{number}].name", remedy=remedy
            )
        if one.overflow and one.overflow not in names:
            remedy = f"Add a section [[queues]] with name = {one.overflow!r}, or correct the name"
            what = f"there is no queue {one.overflow!r}"
            raise ConfigError(what, place=f"{place}[{number}].overflow", remedy=remedy)
    return read


def _line(value: object, place: str) -> LineSettings:
    """One line, by its kind."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind is None:
        remedy = f'Add kind = "...", one of: {", ".join(KINDS)}'
        raise ConfigError("the line has no kind", place=place, remedy=remedy)
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        remedy = f"Known are: {', '.join(KINDS)}"
        raise ConfigError(f"there is no line of the kind {kind!r}", place=f"{place}.kind", remedy=remedy)
    return _section(model, value, place)


def _section(model: type[_Model], value: object, place: str) -> _Model:
    if not isinstance(value, Mapping):
        raise ConfigError("is not a section", place=place, remedy="Write its head as [server] or [http]")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        what, remedy = _explained(first, model)
        key = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise ConfigError(what, place=f"{place}.{key}" if key else place, remedy=remedy) from None


def _explained(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong with a value, and the remedy."""
    context = error.get("ctx", {})
    given = error["input"]
    match error["type"]:
        case "value_error" if isinstance(context["error"], Mistake):
            return context["error"].what, context["error"].remedy
        case "extra_forbidden":
            meant = difflib.get_close_matches(str(error["loc"][-1]), model.model_fields, n=1)
            known = f"Did you mean {meant[0]}?" if meant else f"Known are: {', '.join(model.model_fields)}"
            return "unknown setting", known
        case "missing":
            return "is missing", "Add it"
        case "greater_than_equal":
            return f"{given!r} is too small", f"Give {context['ge']:g} or more"
        case "less_than_equal":
            return f"{given!r} is too large", f"Give {context['le']:g} or less"
        case "string_pattern_mismatch":
            return f"{given!r} is no name", "Use at most 32 letters, digits, '.', '_' and '-'"
        case _:
            return f"{given!r}: {error['msg'][:1].lower()}{error['msg'][1:]}", "Correct the value"
