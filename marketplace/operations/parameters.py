"""Read checked parameters with their types, and the limits the service description lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from marketplace.errors import InvalidParameterError, RequestRefusedError

Parameters = Mapping[str, object]
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def text(parameters: Parameters, name: str, *, default: str = "", longest: int = 0) -> str:
    """A string parameter of at most `longest` characters (0: any length)."""
    value = parameters.get(name, default)
    if not isinstance(value, str):
        raise TypeError(f"{name} is no string in the service description")
    if longest and len(value) > longest:
        raise InvalidParameterError(
            f"{name} must have at most {longest} characters, not {len(value)}."
        )
    return value


def filled(parameters: Parameters, name: str, *, longest: int) -> str:
    """A string that says something."""
    value = text(parameters, name, longest=longest)
    if not value.strip():
        raise InvalidParameterError(f"{name} must not be empty.")
    return value


def feedback(parameters: Parameters, *, required: bool) -> str:
    """RequesterFeedback: at most 1,024 characters without control characters."""
    name = "RequesterFeedback"
    value = (filled if required else text)(parameters, name, longest=1024)
    if _CONTROL.search(value):
        raise InvalidParameterError(f"{name} must not hold control characters.")
    return value


def whole(
    parameters: Parameters, name: str, *, low: int, high: int, default: int | None = None
) -> int:
    """A whole number from low to high."""
    value = parameters.get(name, default)
    if not isinstance(value, int):
        raise TypeError(f"{name} is no number in the service description")
    if not low <= value <= high:
        raise InvalidParameterError(f"{name} must be from {low} to {high}, not {value}.")
    return value


def moment(parameters: Parameters, name: str) -> datetime:
    """A time."""
    value = parameters[name]
    if not isinstance(value, datetime):
        raise TypeError(f"{name} is no time in the service description")
    return value


def flag(parameters: Parameters, name: str, *, default: bool = False) -> bool:
    """True or false."""
    return parameters.get(name, default) is True


def many(parameters: Parameters, name: str) -> list[object]:
    """A list; empty when absent."""
    value = parameters.get(name, [])
    if not isinstance(value, list):
        raise TypeError(f"{name} is no list in the service description")
    return value


def money(parameters: Parameters, name: str) -> Decimal:
    """An amount in whole cents; the service description has seen to its form."""
    return Decimal(text(parameters, name, longest=20)).quantize(Decimal("0.01"))


def refuse_unsupported(parameters: Parameters, *, names: tuple[str, ...]) -> None:
    """Refuse, by name, parameters whose meaning this marketplace could not keep."""
    for name in names:
        if parameters.get(name):
            raise RequestRefusedError(
                "OperationNotSupported",
                f"{name} is not offered by this marketplace: leave it out.",
            )
