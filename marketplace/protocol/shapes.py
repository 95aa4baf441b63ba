"""Check a call's parameters against the service description: every rule the description has.

The client library checks types, required members and minima only; lengths, maxima, patterns and
enumerations are enforced here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from botocore.model import ListShape, Shape, StructureShape

from marketplace.errors import InvalidParameterError, ProtocolError

_RANGES = {"integer": 2**31, "long": 2**63}
# No database column or XML document holds a NUL or half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _wrong_type(path: str, *, shape: Shape, wanted: str) -> ProtocolError:
    return ProtocolError("SerializationException", f"{path} ({shape.name}) must be {wanted}.")


def _text(value: object, *, shape: Shape, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong_type(path, shape=shape, wanted="a string")
    if _UNSTORABLE.search(value):
        raise InvalidParameterError(f"{path} holds a character that is not text.")
    rules = shape.metadata
    if len(value) < rules.get("min", 0):
        raise InvalidParameterError(f"{path} must have at least {rules['min']} character(s).")
    if "max" in rules and len(value) > rules["max"]:
        raise InvalidParameterError(f"{path} must have at most {rules['max']} characters.")
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value, re.ASCII):
        raise InvalidParameterError(f"{path} must match the pattern {rules['pattern']}.")
    if "enum" in rules and value not in rules["enum"]:
        raise InvalidParameterError(f"{path} must be one of {', '.join(rules['enum'])}.")
    return value


def _number(value: object, *, shape: Shape, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(path, shape=shape, wanted="a whole number")
    bound = _RANGES[shape.type_name]
    if not -bound <= value < bound:
        raise _wrong_type(path, shape=shape, wanted=f"a number of {bound.bit_length()} bits")
    rules = shape.metadata
    if "min" in rules and value < rules["min"]:
        raise InvalidParameterError(f"{path} must be at least {rules['min']}.")
    if "max" in rules and value > rules["max"]:
        raise InvalidParameterError(f"{path} must be at most {rules['max']}.")
    return value


def _flag(value: object, *, shape: Shape, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(path, shape=shape, wanted="true or false")
    return value


def _moment(value: object, *, shape: Shape, path: str) -> datetime:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong_type(path, shape=shape, wanted="a time in seconds since 1970")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (OverflowError, ValueError, OSError):
        raise InvalidParameterError(f"{path} is not a time this marketplace can hold.") from None


def _list(value: object, *, shape: Shape, path: str) -> list[object]:
    if not isinstance(value, list) or not isinstance(shape, ListShape):
        raise _wrong_type(path, shape=shape, wanted="a list")
    return [
        _checked(item, shape=shape.member, path=f"{path}[{index}]")
        for index, item in enumerate(value)
    ]


def _structure(value: object, *, shape: Shape, path: str) -> dict[str, object]:
    if not isinstance(value, dict) or not isinstance(shape, StructureShape):
        raise _wrong_type(path or "The body", shape=shape, wanted="an object")
    prefix = f"{path}." if path else ""
    # As the client library would have left them out, a null means "not given".
    given = {name: item for name, item in value.items() if item is not None}
    for name in given:
        if name not in shape.members:
            raise InvalidParameterError(f"Unknown parameter {prefix}{name:.100}.")
    for name in shape.required_members:
        if name not in given:
            raise InvalidParameterError(f"The required parameter {prefix}{name} is missing.")
    return {
        name: _checked(item, shape=shape.members[name], path=f"{prefix}{name}")
        for name, item in given.items()
    }


_CHECKS: Mapping[str, Callable[..., object]] = {
    "structure": _structure,
    "list": _list,
    "string": _text,
    "integer": _number,
    "long": _number,
    "boolean": _flag,
    "timestamp": _moment,
}


def _checked(value: object, *, shape: Shape, path: str) -> object:
    return _CHECKS[shape.type_name](value, shape=shape, path=path)


def checked_parameters(value: object, *, shape: Shape | None) -> dict[str, object]:
    """The parameters with times as datetimes; raises on the first rule that is broken."""
    if shape is None:
        return {}
    return _structure(value, shape=shape, path="")
