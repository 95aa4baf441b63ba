"""Serializers made from dataclasses, so that the schema cannot say other than the value."""

from __future__ import annotations

import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast

from rest_framework import serializers

_PLAIN: dict[Any, type[serializers.Field[Any, Any, Any, Any]]] = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
}


def shape_of(
    value: type, *, name: str, also: Mapping[str, Any] | None = None
) -> type[serializers.Serializer[Any]]:
    """A serializer with a field for every field of the dataclass, and those of `also`."""
    hints, also = typing.get_type_hints(value), also or {}
    known = {
        field.name: _field(hints[field.name]) for field in fields(value) if field.name not in also
    }
    body = {**known, **also, "__doc__": _first_line(value)}
    return type(name, (serializers.Serializer,), body)


def _field(hint: Any, **given: Any) -> serializers.Field[Any, Any, Any, Any]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        (only,) = (part for part in inner if part is not type(None))
        return _field(only, allow_null=True)
    if origin is tuple:
        (item, _) = inner
        if is_dataclass(item):
            return _nested(cast(Hashable, item))(many=True, **given)
        return serializers.ListField(child=_field(item), **given)
    if origin in (dict, Mapping):
        return serializers.DictField(child=_field(inner[1]), **given)
    if is_dataclass(hint):
        return _nested(cast(Hashable, hint))(**given)
    return _PLAIN[hint](**given)


@cache
def _nested(hint: Hashable) -> type[serializers.Serializer[Any]]:
    """One serializer per dataclass, wherever it occurs: the schema names each once."""
    kind = cast(type, hint)
    return shape_of(kind, name=kind.__name__)


def _first_line(value: type) -> str:
    return (value.__doc__ or "").strip().partition("\n")[0]
