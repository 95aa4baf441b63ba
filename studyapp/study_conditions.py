"""A draft's conditions as its file writes them: checked, stored, read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from studyapp.errors import InputError
from studyapp.models import Condition, Study

KEYS = ("name", "kind", "parameters")
#: What a study without any has: the whole image, as it is.
WHOLE = ({"name": "whole"},)
MOST = 20


def read_conditions(given: object, *, item: str) -> list[Condition]:
    """The conditions of a file, not saved and of no study yet, in its order."""
    rows = WHOLE if given is None else given
    if not isinstance(rows, list | tuple) or not 0 < len(rows) <= MOST:
        raise InputError(
            f"conditions is not a list of 1 to {MOST}",
            item=item,
            remedy="Write conditions: [{name: whole, kind: whole_image}]",
        )
    found = [_read(row, place=place, item=item) for place, row in enumerate(rows)]
    names = [condition.name for condition in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two conditions are called {name}", item=item)
    return found


def store_conditions(study: Study, wanted: list[Condition]) -> None:
    """Make the draft's conditions those: changed ones change, others go with their trials."""
    study.conditions.exclude(name__in=[condition.name for condition in wanted]).delete()
    for condition in wanted:
        study.conditions.update_or_create(
            name=condition.name,
            defaults={
                "kind": condition.kind,
                "position": condition.position,
                "parameters": condition.parameters,
            },
        )


def written_conditions(study: Study) -> list[dict[str, object]]:
    """The study's conditions in the keys of a file."""
    return [
        {"name": condition.name, "kind": condition.kind, "parameters": condition.parameters}
        for condition in study.conditions.all()
    ]


def _read(row: object, *, place: int, item: str) -> Condition:
    if not isinstance(row, Mapping) or not set(row) <= set(KEYS):
        raise InputError(
            f"condition {place + 1} is not a mapping of {', '.join(KEYS)}",
            item=item,
            remedy="Write {name: whole, kind: whole_image}",
        )
    values: dict[str, Any] = dict(row)
    parameters = values.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise InputError(f"the parameters of condition {place + 1} are no mapping", item=item)
    condition = Condition(
        name=str(values.get("name", "")),
        kind=str(values.get("kind", Condition._meta.get_field("kind").get_default())),
        position=place,
        parameters=parameters,
    )
    try:
        condition.clean_fields(exclude=["study"])
    except ValidationError as error:
        told = "; ".join(f"{name}: {' '.join(m)}" for name, m in error.message_dict.items())
        raise InputError(f"condition {place + 1} cannot be: {told}", item=item) from error
    return condition
