"""What a recruiter is to ask of people before they may take a lot, in the study's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from studyapp.models import Study
from studyapp.taking_part import countries_of, qualifications_of


class Quality(StrEnum):
    """What a requirement is about."""

    MASTERS = "masters"
    APPROVED_PERCENT = "approved_percent"
    APPROVED_NUMBER = "approved_number"
    COUNTRY = "country"
    #: A list or a qualification of our own, by its id.
    OWN = "own"


@dataclass(frozen=True)
class Requirement:
    """One thing asked of everybody.

    comparison: "present", "absent", "in", or one of < <= > >= = != with `value`. unseen: whoever
    lacks it may not look at the lot either.
    """

    quality: Quality
    comparison: str
    value: int | None = None
    countries: tuple[str, ...] = ()
    own_id: str = ""
    unseen: bool = False


def requirements_of(study: Study, *, barred_by: Iterable[str] = ()) -> tuple[Requirement, ...]:
    """What the study asks of people; barred_by: ids of lists that nobody may be on.

    Who is on such a list still sees that there is work and why it is not for them, and none of its
    pictures.
    """
    found = []
    if study.masters_only:
        found.append(Requirement(Quality.MASTERS, "present"))
    if study.approved_percent is not None:
        found.append(Requirement(Quality.APPROVED_PERCENT, ">=", study.approved_percent))
    if study.approved_number is not None:
        found.append(Requirement(Quality.APPROVED_NUMBER, ">=", study.approved_number))
    if countries := countries_of(study.countries):
        found.append(Requirement(Quality.COUNTRY, "in", countries=countries))
    found += [
        Requirement(Quality.OWN, own.comparison, own.value, own_id=own.type_id)
        for own in qualifications_of(study.qualifications)
    ]
    found += [
        Requirement(Quality.OWN, "absent", own_id=list_id, unseen=True) for list_id in barred_by
    ]
    return tuple(found)
