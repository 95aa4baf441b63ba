"""What stands behind the question mark of an address: read strictly, never guessed at."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from studyapp.vocabulary import UnsureCoding

#: The largest key a table has.
LARGEST = 2**63 - 1


class Whole(serializers.IntegerField):
    """A whole number in plain digits."""

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
            self.fail("invalid")
        return int(text)


class RuleQuery(serializers.Serializer[Any]):
    """The rule a report is read under; without one, that of the study."""

    accept = Whole(
        required=False,
        min_value=1,
        max_value=99,
        help_text="Yes votes that accept a prediction, at most the raters per trial.",
    )
    unsure = serializers.ChoiceField(
        required=False, choices=UnsureCoding.choices, help_text="How “cannot tell” counts."
    )


def read_query(request: Request, *, query: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The values that `query` knows, checked; those not given are left out."""
    given = {name: text for name, text in request.query_params.items() if name in query().fields}
    found = query(data=given)
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


def refuse_unusable(request: Request, *, known: Collection[str]) -> None:
    """A filter misspelt or left empty must not give another answer than was asked for."""
    told = f"There are: {', '.join(sorted(known)) or 'none here'}."
    wrong = {}
    for name, text in request.query_params.items():
        if name not in known:
            wrong[name] = [f"There is no such parameter. {told}"]
        elif not text:
            wrong[name] = ["Give it a value, or leave it out."]
    if wrong:
        raise serializers.ValidationError(wrong)
