from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from rest_framework import serializers

from studyapp.api.dataclass_shapes import shape_of


@dataclass(frozen=True)
class Inner:
    """Something inside."""

    share: float | None


@dataclass(frozen=True)
class Outer:
    """Something.

    With more to say.
    """

    name: str
    whole: bool
    counts: tuple[int, ...]
    parts: tuple[Inner, ...]
    part: Inner
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Odd:
    value: complex


def test_every_field_has_its_shape() -> None:
    shape = shape_of(Outer, name="Told", also={"version": serializers.IntegerField()})
    fields = shape().fields
    assert set(fields) == {"name", "whole", "counts", "parts", "part", "why", "version"}
    assert shape.__name__ == "Told"
    assert shape.__doc__ == "Something."
    assert isinstance(fields["counts"], serializers.ListField)
    assert isinstance(fields["parts"], serializers.ListSerializer)
    part = fields["part"]
    assert isinstance(part, serializers.Serializer)
    share = part.fields["share"]
    assert isinstance(share, serializers.FloatField)
    assert share.allow_null
    assert isinstance(fields["why"], serializers.DictField)
    value = Outer("a", True, (1, 2), (Inner(0.5), Inner(None)), Inner(1.0), {"b": "c"})
    assert shape({"version": 1, **vars(value)}).data == {
        "name": "a",
        "whole": True,
        "counts": [1, 2],
        "parts": [{"share": 0.5}, {"share": None}],
        "part": {"share": 1.0},
        "why": {"b": "c"},
        "version": 1,
    }


def test_what_has_no_shape_is_an_error_at_the_start() -> None:
    with pytest.raises(KeyError):
        shape_of(Odd, name="Odd")
