"""What pydantic found wrong, in the words of someone who writes a desk."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.dialog.source import Key, Problem, Source

_KINDS = {
    "string_type": ("must be text", "Put it in quotes"),
    "int_type": ("must be a whole number", "Write a number"),
    "int_parsing": ("must be a whole number", "Write a number"),
    "int_from_float": ("must be a whole number", "Write a number without a point"),
    "float_type": ("must be a number", "Write a number"),
    "float_parsing": ("must be a number", "Write a number"),
    "bool_type": ("must be true or false", "Write true or false"),
    "bool_parsing": ("must be true or false", "Write true or false"),
    "dict_type": ("must be a mapping", "Write `key: value` lines below it"),
    "model_type": ("must be a mapping", "Write `key: value` lines below it"),
    "model_attributes_type": ("must be a mapping", "Write `key: value` lines below it"),
    "tuple_type": ("must be a list", "Write one `- item` a line below it"),
    "string_too_short": ("is empty", "Write some words"),
    "too_short": ("is empty or too short", "Add what is missing"),
    "too_long": ("has too many entries", "Shorten it"),
}
_NAME = "Start with a small letter, then letters, digits and _"


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """The remedy for a word that does not exist."""
    names = sorted(known)
    close = difflib.get_close_matches(str(word), names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names[:30])}" if names else "There are none here"


def faults(error: ValidationError, source: Source, model: type[BaseModel]) -> list[Problem]:
    """One problem for each thing that is wrong, in the order of the file."""
    schema = model.model_json_schema()
    details = error.errors(include_url=False)
    found = [_problem(detail, source, schema) for detail in details if not _follows(detail, details)]
    return sorted(found, key=lambda problem: problem.place)


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list is only "too short" because of what is wrong in it."""
    path = detail["loc"]
    inner = (other["loc"] for other in details if len(other["loc"]) > len(path))
    return detail["type"] == "too_short" and any(loc[: len(path)] == path for loc in inner)


def _problem(detail: ErrorDetails, source: Source, schema: dict[str, Any]) -> Problem:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    shown = tuple(
        part for n, part in enumerate(path) if isinstance(part, str) or path[: n + 1] in source.lines
    )
    place, key = source.place(*path), ".".join(str(part) for part in shown)
    kind, given = detail["type"], detail["input"]
    if kind == "missing":
        return Problem(place, key, "is missing", f"Add `{path[-1]}`")
    if kind == "extra_forbidden":
        return Problem(place, key, "unknown key", did_you_mean(path[-1], _known(schema, path[:-1])))
    if kind == "enum" and detail["loc"][-1] == "[key]":
        known = [
            str(word).strip("'\"")
            for word in str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")
        ]
        return Problem(place, key, "unknown key", did_you_mean(path[-1], known))
    if kind == "value_error":
        what = str(detail["ctx"]["error"])
        return Problem(place, key, what, "Correct it")
    if kind == "string_pattern_mismatch":
        word = path[-1] if detail["loc"][-1] == "[key]" else given
        return Problem(
            place, key, f"{_short(word)} cannot be used here", _pattern(str(detail["ctx"]["pattern"]))
        )
    if kind in {"enum", "literal_error"}:
        expected = detail["ctx"]["expected"]
        return Problem(place, key, f"must be one of {expected}, not {_short(given)}", "Correct the word")
    if kind in _KINDS:
        what, remedy = _KINDS[kind]
        return Problem(
            place, key, f"{what}, not {_short(given)}" if given not in ("", [], {}) else what, remedy
        )
    message = detail["msg"].removeprefix("Input ").removeprefix("Value ")
    return Problem(
        place, key, f"{message[:1].lower()}{message[1:]}, not {_short(given)}", "Correct the value"
    )


def _pattern(pattern: str) -> str:
    if pattern.startswith("^[0-9]"):
        return "Write one or more of the keys 0 to 9, in quotes"
    if "(-" in pattern:
        return "Write a language tag such as en-US"
    return _NAME


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _known(schema: dict[str, Any], path: tuple[Key, ...]) -> set[str]:
    """The keys that may stand at a place, found by walking the JSON Schema."""
    places = [schema]
    for part in (*path, None):
        places = [option for place in places for option in _options(place, schema)]
        if part is None:
            break
        places = [inner for place in places if (inner := _step(place, part)) is not None]
    return {name for place in places for name in place.get("properties", {})}


def _options(place: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in place:
        return _options(schema["$defs"][place["$ref"].rsplit("/", 1)[1]], schema)
    if "anyOf" in place:
        return [inner for option in place["anyOf"] for inner in _options(option, schema)]
    return [place]


def _step(place: dict[str, Any], part: Key) -> dict[str, Any] | None:
    if isinstance(part, int):
        items = place.get("items")
        return items if isinstance(items, dict) else None
    named = [*place.get("patternProperties", {}).values(), place.get("additionalProperties")]
    inner = place.get("properties", {}).get(part, named[0])
    return inner if isinstance(inner, dict) else None
