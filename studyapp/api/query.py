"""What stands behind the question mark of an address: read strictly, never guessed at."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from studyapp.exports.slices import LABEL, SLICE_PARAMETERS, may_see_raters, read_slice
from studyapp.models import Study
from studyapp.selectors.studies import Person
from studyapp.selectors.votes import window_of
from studyapp.vocabulary import UnsureCoding

#: A day: no answer to a picture takes longer.
MOST_SECONDS = 86_400
#: The largest key a table has.
LARGEST = 2**63 - 1
#: As JSON writes numbers from 0 on.
_PLAIN_NUMBER = re.compile(r"\d{1,20}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)


class Whole(serializers.IntegerField):
    """A whole number in plain digits."""

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
            self.fail("invalid")
        return int(text)


class Seconds(serializers.FloatField):
    """Seconds in plain digits, not whatever else a program takes for a number."""

    def to_internal_value(self, data: Any) -> float:
        text = str(data)
        if not _PLAIN_NUMBER.fullmatch(text):
            self.fail("invalid")
        return float(super().to_internal_value(text))


class RuleQuery(serializers.Serializer[Any]):
    """The rule and timing window a report is read under; without them, those of the study."""

    accept = Whole(
        required=False,
        min_value=1,
        max_value=99,
        help_text="Yes votes that accept a prediction, at most the raters per trial.",
    )
    unsure = serializers.ChoiceField(
        required=False, choices=UnsureCoding.choices, help_text="How “cannot tell” counts."
    )
    seconds_min = Seconds(
        required=False, min_value=0, max_value=MOST_SECONDS, help_text="Faster votes do not count."
    )
    seconds_max = Seconds(
        required=False, min_value=0, max_value=MOST_SECONDS, help_text="Slower votes do not count."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.get("seconds_min"), attrs.get("seconds_max")
        if low is not None and high is not None and low >= high:
            raise serializers.ValidationError({"seconds_min": ["It must be below seconds_max."]})
        return attrs


#: The names a view of a report knows.
RULE_PARAMETERS = ("accept", "unsure", "seconds_min", "seconds_max")


class SliceQuery(RuleQuery):
    """The same, and the part of the study that is looked at; without one, all of it."""

    model = serializers.CharField(
        required=False, max_length=300, help_text="A model by name: its figures alone are told."
    )
    condition = serializers.CharField(
        required=False, max_length=300, help_text="A condition by name: votes given in it alone."
    )
    rater = serializers.CharField(
        required=False,
        max_length=300,
        help_text="A rater_id of the votes: without this rater's votes. Needs the right to see "
        "raters.",
    )

    def get_fields(self) -> dict[str, Any]:
        label = serializers.CharField(
            required=False,
            max_length=300,
            help_text="An annotated class by index or id: its images alone.",
        )
        return super().get_fields() | {LABEL: label}


LOOK_PARAMETERS = (*RULE_PARAMETERS, *SLICE_PARAMETERS)


def read_query(request: Request, *, query: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The values that `query` knows, checked; those not given are left out."""
    given = {name: text for name, text in request.query_params.items() if name in query().fields}
    found = query(data=given)
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


def rule_of(study: Study, given: dict[str, Any]) -> dict[str, Any]:
    """accept, unsure and window as reports take them, and nothing else of what was read.

    An end of the window that was not given is the study's; a window that is the study's is none.
    """
    own = window_of(study)
    low, high = given.get("seconds_min", own[0]), given.get("seconds_max", own[1])
    if low is not None and high is not None and low >= high:
        raise serializers.ValidationError(
            {"seconds_min": [f"With the study's own {high:g} s at most, it must be below that."]}
            if "seconds_min" in given
            else {"seconds_max": [f"With the study's own {low:g} s at least, it must exceed that."]}
        )
    window = None if (low, high) == own else (low, high)
    return {"accept": given.get("accept"), "unsure": given.get("unsure"), "window": window}


def look_of(study: Study, given: dict[str, Any], *, reader: Person) -> dict[str, Any]:
    """The same, and the part of the study that is asked for."""
    asked = {name: given[name] for name in SLICE_PARAMETERS if name in given}
    found = read_slice(study, asked=asked, sees_raters=may_see_raters(reader))
    if found.problems:
        raise serializers.ValidationError({name: [told] for name, told in found.problems.items()})
    return rule_of(study, given) | {"only": found.only}


def refuse_unusable(request: Request, *, known: Collection[str]) -> None:
    """A filter misspelt or left empty must not give another answer than was asked for."""
    told = f"There are: {', '.join(sorted(known)) or 'none here'}."
    wrong = {}
    for name, text in request.query_params.items():
        if name not in known:
            wrong[name] = [f"There is no such parameter. {told}"]
        elif len(request.query_params.getlist(name)) > 1:
            wrong[name] = ["It is given more than once: give it one value."]
        elif not text:
            wrong[name] = ["Give it a value, or leave it out."]
    if wrong:
        raise serializers.ValidationError(wrong)
