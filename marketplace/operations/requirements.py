"""QualificationRequirements: what a HIT type asks of workers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from marketplace import builtin
from marketplace.actions.create_hit import RequirementValues
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import QualificationType
from marketplace.operations.parameters import Parameters, flag, many, text
from marketplace.vocabulary import ActionsGuarded, Comparator

MOST = 10
MOST_INTEGERS = 15
MOST_LOCALES = 30
_COUNTRY = re.compile("[A-Z]{2}", re.ASCII)
_SUBDIVISION = re.compile("[A-Z0-9]{2}", re.ASCII)
_WITHOUT_VALUE = frozenset({Comparator.EXISTS, Comparator.DOES_NOT_EXIST})
_SEVERAL = frozenset({Comparator.IN, Comparator.NOT_IN})
_OF_LOCALES = _SEVERAL | {Comparator.EQUAL, Comparator.NOT_EQUAL}


def _locale(value: object) -> tuple[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError("a Locale is a structure in the service description")
    country, subdivision = str(value["Country"]), str(value.get("Subdivision", ""))
    if not _COUNTRY.fullmatch(country):
        raise InvalidParameterError(f"Country {country} must be two capital letters of ISO 3166.")
    if subdivision and not _SUBDIVISION.fullmatch(subdivision):
        raise InvalidParameterError(f"Subdivision {subdivision} must be two capitals or digits.")
    return country, subdivision


def _guarded(values: Mapping[str, object]) -> str:
    named = text(values, "ActionsGuarded")
    if "RequiredToPreview" in values:
        if named:
            raise InvalidParameterError("Give ActionsGuarded or RequiredToPreview, not both.")
        shown = not flag(values, "RequiredToPreview")
        return (ActionsGuarded.ACCEPT if shown else ActionsGuarded.PREVIEW).value
    return named or ActionsGuarded.ACCEPT.value


def _check_values(type_id: str, *, comparator: str, integers: int, locales: int) -> None:
    """The values must be of the type's kind and as many as the comparator takes."""
    given, other = (locales, integers) if type_id == builtin.LOCALE else (integers, locales)
    kind = "LocaleValues" if type_id == builtin.LOCALE else "IntegerValues"
    if other:
        raise InvalidParameterError(f"Qualification type {type_id} takes {kind} only.")
    if comparator in _WITHOUT_VALUE:
        if given:
            raise InvalidParameterError(f"{comparator} takes no {kind}.")
        return
    if type_id == builtin.LOCALE and comparator not in _OF_LOCALES:
        raise InvalidParameterError(f"{comparator} does not compare locales.")
    most = (
        (MOST_LOCALES if type_id == builtin.LOCALE else MOST_INTEGERS)
        if (comparator in _SEVERAL)
        else 1
    )
    if not 1 <= given <= most:
        raise InvalidParameterError(f"{comparator} takes from 1 to {most} {kind}, not {given}.")


def _refuse_unknown_types(type_ids: set[str]) -> None:
    own = type_ids - set(builtin.NAMES)
    known = QualificationType.objects.in_bulk(own, field_name="qualification_type_id")
    for type_id in sorted(own):
        if type_id not in known or known[type_id].deleted_at is not None:
            raise RequestRefusedError(
                "QualificationTypeDoesNotExist", f"QualificationType {type_id} does not exist."
            )
        if not known[type_id].active:
            raise RequestRefusedError(
                "InvalidQualificationTypeState",
                f"QualificationType {type_id} is Inactive: make it Active before asking for it.",
            )


def _requirement(values: Mapping[str, object]) -> RequirementValues:
    type_id, comparator = text(values, "QualificationTypeId"), text(values, "Comparator")
    integers = tuple(int(str(value)) for value in many(values, "IntegerValues"))
    locales = tuple(_locale(value) for value in many(values, "LocaleValues"))
    _check_values(type_id, comparator=comparator, integers=len(integers), locales=len(locales))
    return RequirementValues(
        qualification_type_id=type_id,
        comparator=comparator,
        integer_values=integers,
        locale_values=locales,
        actions_guarded=_guarded(values),
    )


def read_requirements(parameters: Parameters) -> tuple[RequirementValues, ...]:
    """The checked requirements in their order."""
    given = many(parameters, "QualificationRequirements")
    if len(given) > MOST:
        raise InvalidParameterError(
            f"QualificationRequirements must be at most {MOST}, not {len(given)}."
        )
    found = tuple(_requirement(values) for values in given if isinstance(values, Mapping))
    if found:
        _refuse_unknown_types({requirement.qualification_type_id for requirement in found})
    return found
