"""What every result of this package shares: a schema version and a JSON-safe form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

#: Raised when a key of a `to_dict()` changes its name or its meaning.
SCHEMA_VERSION = 1

JSONValue = None | bool | int | float | str | list["JSONValue"] | dict[str, "JSONValue"]


def plain(value: Any) -> JSONValue:
    """`value` (scalars, arrays, mappings, sequences, results) as JSON types; NaN becomes None."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form; turn it into numbers or text first.")


def payload(**fields: Any) -> dict[str, JSONValue]:
    """`fields` as a JSON-safe dict that begins with `schema_version`."""
    return {"schema_version": SCHEMA_VERSION} | {key: plain(item) for key, item in fields.items()}
