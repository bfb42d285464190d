"""The kinds of value that a desk file is made of, for the models of its parts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class OneOrMany:
    """Marks a tuple that may be written as one item without the list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list | tuple) else [value], handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def _compared(value: object) -> object:
    """Values of a condition as they are in a record: yes and no for true and false, "" for nothing."""
    if isinstance(value, list | tuple):
        return [_compared(item) for item in value]
    if value is None or isinstance(value, bool):
        return "" if value is None else "yes" if value else "no"
    return str(value) if isinstance(value, int) else value


def _span(value: object) -> object:
    """ "30 min" or "4 h"."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d{1,4}) ?(min|h)", value) if isinstance(value, str) else None
    if found is None or not int(found[1]):
        raise ValueError("must be a time such as 30 min or 4 h")
    return timedelta(**{"minutes" if found[2] == "min" else "hours": int(found[1])})


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9_]{0,63}$")]
QueueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Sentences = Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=50), OneOrMany()]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Keys = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]
Priority = Annotated[int, Field(ge=0, le=9)]
PromptName = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9_.]{0,200}$")]
Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,4} ?(min|h)$", "examples": ["30 min", "4 h"]}),
]
"""A length of time."""
FileName = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ValueName = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?$")]
Compared = Annotated[
    tuple[Annotated[str, StringConstraints(max_length=4000)], ...],
    Field(min_length=1),
    OneOrMany(),
    BeforeValidator(_compared),
]


class Strict(BaseModel):
    """Frozen, and unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
