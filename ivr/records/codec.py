"""Frozen dataclasses to plain JSON data and back, driven by the types of their fields.

Everything has one form: enums their value, moments ISO 8601, sets sorted, a union of several classes a tag
beside the fields (``{"kind": "Intent", "name": "billing"}``), floats that are no number the names that
protobuf's JSON mapping gives them. Reading checks every type; keys that are not known are passed over.
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias, TypeVar

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

TAG = "kind"
VALUE = "value"
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

T = TypeVar("T")


class CodecError(ValueError):
    """Data that does not have the form of the class it is read as; says where in it and what is needed."""


@dataclass(frozen=True, slots=True)
class Codec:
    """write  value to JSON data
    read   JSON data and where it stands ("matches[0].score") to a value; raises CodecError
    """

    write: Callable[[Any], Json]
    read: Callable[[object, str], Any]


def to_json(value: object) -> dict[str, Json]:
    """The fields of a dataclass instance, in the order of the class."""
    written = codec(type(value)).write(value)
    if not isinstance(written, dict):
        raise TypeError(f"{type(value).__name__} is not a dataclass")
    return written


def from_json(kind: type[T], data: object, where: str = "") -> T:
    """The instance of the dataclass `kind` that `data` describes. Raises CodecError."""
    value = codec(kind).read(data, where)
    assert isinstance(value, kind)
    return value


def codec(hint: Any) -> Codec:
    """How values of the type `hint` are written and read. Raises TypeError for a type that has no form."""
    if hint not in _known:
        _known[hint] = _codec(hint)
    return _known[hint]


def _codec(hint: Any) -> Codec:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _many(codec(arguments[0]), tuple)
    if origin is tuple and arguments:
        return _fixed([codec(argument) for argument in arguments])
    if origin is frozenset:
        return _many(codec(arguments[0]), frozenset)
    if isinstance(hint, type):
        if issubclass(hint, Enum):
            return _enum(hint)
        if is_dataclass(hint):
            return _dataclass(hint)
    raise TypeError(f"{hint} has no form in a record")


def _need(what: str, where: str) -> CodecError:
    return CodecError(f"{where or 'the value'}: {what} is needed")


def _read_str(data: object, where: str) -> str:
    if not isinstance(data, str):
        raise _need("text", where)
    return data


def _read_bool(data: object, where: str) -> bool:
    if not isinstance(data, bool):
        raise _need("true or false", where)
    return data


def _read_int(data: object, where: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool):
        raise _need("a whole number", where)
    return data


def _write_float(value: Any) -> Json:
    number = float(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _read_float(data: object, where: str) -> float:
    if isinstance(data, str) and data in _NOT_FINITE:
        return _NOT_FINITE[data]
    if not isinstance(data, int | float) or isinstance(data, bool):
        raise _need("a number", where)
    try:
        return float(data)
    except OverflowError:
        raise _need("a smaller number", where) from None


def _read_datetime(data: object, where: str) -> datetime:
    try:
        return datetime.fromisoformat(_read_str(data, where))
    except ValueError:
        raise _need("a date and time (ISO 8601)", where) from None


_known: dict[Any, Codec] = {
    str: Codec(str, _read_str),
    bool: Codec(bool, _read_bool),
    int: Codec(int, _read_int),
    float: Codec(_write_float, _read_float),
    datetime: Codec(datetime.isoformat, _read_datetime),
}


def _enum(kind: type[Enum]) -> Codec:
    by_value = {member.value: member for member in kind}

    def read(data: object, where: str) -> Enum:
        found = by_value.get(data) if isinstance(data, str) else None
        if found is None:
            raise _need(f"one of {', '.join(by_value)}", where)
        return found

    if not all(isinstance(value, str) for value in by_value):
        raise TypeError(f"{kind.__name__} has values that are not text")
    return Codec(lambda member: str(member.value), read)


def _many(item: Codec, kind: type[tuple[Any, ...]] | type[frozenset[Any]]) -> Codec:
    def write(values: Any) -> Json:
        written = [item.write(value) for value in values]
        return sorted(written, key=json.dumps) if kind is frozenset else written

    def read(data: object, where: str) -> Any:
        if not isinstance(data, list):
            raise _need("a list", where)
        return kind(item.read(value, f"{where}[{index}]") for index, value in enumerate(data))

    return Codec(write, read)


def _fixed(items: list[Codec]) -> Codec:
    def write(values: Any) -> Json:
        return [item.write(value) for item, value in zip(items, values, strict=True)]

    def read(data: object, where: str) -> Any:
        if not isinstance(data, list) or len(data) != len(items):
            raise _need(f"a list of {len(items)}", where)
        return tuple(
            item.read(value, f"{where}[{index}]")
            for index, (item, value) in enumerate(zip(items, data, strict=True))
        )

    return Codec(write, read)


def _dataclass(kind: type) -> Codec:
    hints = typing.get_type_hints(kind)
    parts = [(field, codec(hints[field.name])) for field in fields(kind)]

    def write(value: Any) -> Json:
        return {field.name: part.write(getattr(value, field.name)) for field, part in parts}

    def read(data: object, where: str) -> Any:
        if not isinstance(data, dict):
            raise _need(f"an object ({kind.__name__})", where)
        prefix = f"{where}." if where else ""
        values = {}
        for field, part in parts:
            if field.name in data:
                values[field.name] = part.read(data[field.name], prefix + field.name)
            elif field.default is MISSING and field.default_factory is MISSING:
                raise _need("it", prefix + field.name)
        return kind(**values)

    return Codec(write, read)


def _union(arguments: tuple[Any, ...]) -> Codec:
    kinds = [argument for argument in arguments if argument is not type(None)]
    optional = len(kinds) < len(arguments)
    inner = codec(kinds[0]) if len(kinds) == 1 else _tagged(kinds)
    if not optional:
        return inner

    def write(value: Any) -> Json:
        return None if value is None else inner.write(value)

    def read(data: object, where: str) -> Any:
        return None if data is None else inner.read(data, where)

    return Codec(write, read)


def _tagged(kinds: list[type]) -> Codec:
    """Dataclasses: the tag beside their fields; enums: the tag and the value."""
    members = {kind.__name__: codec(kind) for kind in kinds}
    enums = {kind.__name__ for kind in kinds if issubclass(kind, Enum)}
    for kind in kinds:
        if kind.__name__ in enums:
            continue
        if not is_dataclass(kind) or TAG in {field.name for field in fields(kind)}:
            raise TypeError(f"{kind.__name__} cannot be told from the others of its union")

    def write(value: Any) -> Json:
        name = type(value).__name__
        written = members[name].write(value)
        return {TAG: name, **written} if isinstance(written, dict) else {TAG: name, VALUE: written}

    def read(data: object, where: str) -> Any:
        name = data.get(TAG) if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(name, str) or name not in members:
            raise _need(f"an object whose {TAG!r} is one of {', '.join(members)}", where)
        if name in enums:
            return members[name].read(data.get(VALUE), f"{where}.{VALUE}")
        return members[name].read(data, where)

    return Codec(write, read)
