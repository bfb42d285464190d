"""`lookups` in a desk file: what the desk asks of other systems."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from ivr.dialog.fields import FileName, Strict
from ivr.inquiry import MOST_ROWS, names_in
from ivr.meaning import SlotType

Plain = Annotated[str, StringConstraints(max_length=4000)]
Path = Annotated[str, StringConstraints(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=500)]
Column = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
CsvColumn = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Field_ = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def _query(value: str) -> str:
    if not _SELECT.match(value) or ";" in value.rstrip().rstrip(";"):
        raise ValueError("a query is one SELECT")
    if names_in(value):
        raise ValueError("values are bound parameters: write :name here, and name under `with`")
    return value.rstrip().rstrip(";")


def _keep(value: object) -> object:
    """A list of names is texts; a type alone is a mapping with that type."""
    if isinstance(value, list):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {"type": kind} if isinstance(kind, str) else kind for name, kind in value.items()}
    return value


class EnvironmentText(Strict):
    """A setting that the environment gives when the desk is opened: secrets do not belong into a desk."""

    env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")]
    default: str | None = None
    """Used where the variable is not set; without it the desk cannot be opened then."""


class HttpText(Strict):
    """A request whose answer is JSON."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    base: str | EnvironmentText = ""
    """What every address begins with: https://orders.example, perhaps from the environment."""
    url: Plain
    """The address, or what comes behind `base`; values are quoted: /orders/{order}."""
    headers: dict[str, str | EnvironmentText] = Field(default_factory=dict)
    json_: Annotated[Any, Field(alias="json")] = None
    """The body; texts in it may hold values."""
    rows: Path | None = None
    """Where the rows are in the answer: result.items. Default: the answer itself."""

    @model_validator(mode="after")
    def _whole(self) -> HttpText:
        if not self.base and urlsplit(self.url).scheme not in {"http", "https"}:
            raise ValueError("an address begins with http:// or https://, here or in `base`")
        if isinstance(self.base, str) and self.base and urlsplit(self.base).scheme not in {"http", "https"}:
            raise ValueError("`base` begins with http:// or https://")
        if self.json_ is not None and self.method == "GET":
            raise ValueError("a GET has no body: choose another `method`")
        return self


class SqlText(Strict):
    """One SELECT."""

    url: str | EnvironmentText | None = None
    """As SQLAlchemy writes it: postgresql+psycopg://..., usually from the environment."""
    file: FileName | None = None
    """Or a SQLite file, relative to the desk's folder."""
    query: Annotated[Plain, AfterValidator(_query)]
    with_: Annotated[dict[Column, Plain], Field(alias="with")] = Field(default_factory=dict)
    """The bound parameters: {number: "{order}"} for :number."""

    @model_validator(mode="after")
    def _one_database(self) -> SqlText:
        if (self.url is None) == (self.file is None):
            raise ValueError("give `url` or `file`")
        used = set(re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", self.query))
        if used != set(self.with_):
            wrong = sorted(used ^ set(self.with_))[0]
            raise ValueError(f"`query` and `with` do not name the same parameters ({wrong})")
        return self


class TableFileText(Strict):
    """Rows of a file."""

    file: FileName
    """CSV (UTF-8, names in the first line) or SQLite, relative to the desk's folder."""
    table: Column | None = None
    """Of a SQLite file."""
    by: Annotated[dict[Column, Plain], Field(min_length=1)]
    """Columns and the values they must have: {number: "{order}"}; case does not count."""


class PythonText(Strict):
    """A function of an installed package."""

    entry: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.-]{0,99}$")]
    """Its name among the entry points `ivr.lookups`."""
    with_: Annotated[dict[Column, Plain], Field(alias="with")] = Field(default_factory=dict)


class CustomersText(Strict):
    """A customer file, searched with what callers say when they are asked for facts."""

    file: FileName
    """CSV (UTF-8, names in the first line), relative to the desk's folder."""
    key: CsvColumn
    """The column that names a customer, each once."""
    postcode: CsvColumn | None = None
    name: CsvColumn | None = None
    """Full names."""
    dob: CsvColumn | None = None
    """Days of birth: 1990-12-31."""
    attempts: Annotated[int, Field(ge=1, le=9)] = 3
    """Questions for each fact, at most."""

    @model_validator(mode="after")
    def _enough(self) -> CustomersText:
        if sum(one is not None for one in (self.postcode, self.name, self.dob)) < 2:
            raise ValueError("nobody is known by one fact: give two or three of postcode, name, dob")
        return self


class KeepText(Strict):
    """A value of the answer."""

    type: SlotType = SlotType.TEXT
    """How it is said."""
    source: Annotated[Path | None, Field(alias="from")] = None
    """Where it is in a row: status.name; default: its own name."""
    sensitive: bool = False
    """Masked wherever it is kept; never said."""


class LookupText(Strict):
    """Something to look up, or to have done, in another system."""

    http: HttpText | None = None
    sql: SqlText | None = None
    table: TableFileText | None = None
    python: PythonText | None = None
    identify: CustomersText | None = None
    """The caller's own row, found by asking them who they are."""
    keep: Annotated[dict[Field_, KeepText], BeforeValidator(_keep)] = Field(default_factory=dict)
    """The values used of the answer, with their types; a list of names is texts."""
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 1
    """Rows that are kept; texts use the first."""
    timeout: Annotated[float, Field(ge=0.1, le=30.0)] = 4.0
    """Seconds of one attempt."""
    retries: Annotated[int | None, Field(ge=0, le=5)] = None
    """Further attempts after a failure that may pass; default 1, none where something is changed."""
    cache: Annotated[float, Field(ge=0.0, le=86_400.0)] = 0.0
    """Seconds for which an answer is used again for the same values."""

    @model_validator(mode="after")
    def _one_source(self) -> LookupText:
        every = (self.http, self.sql, self.table, self.python, self.identify)
        if sum(one is not None for one in every) != 1:
            raise ValueError("give one of http, sql, table, python, identify")
        if self.identify is not None and self.model_fields_set & {"rows", "timeout", "retries", "cache"}:
            raise ValueError("`identify` has no `rows`, `timeout`, `retries` or `cache`")
        if self.cache and self.http is not None and self.http.method != "GET":
            raise ValueError("only what reads can be cached")
        return self
