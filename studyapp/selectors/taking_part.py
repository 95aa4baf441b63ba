"""What stands between a study and its launch in who may take part, and when."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exposure import Apart
from studyapp.models import Study
from studyapp.selectors.studies import visible_studies
from studyapp.taking_part import studies_of
from studyapp.vocabulary import Allocation, Environment, StudyState


def taking_part_errors(study: Study) -> Iterator[str]:
    """What is asked for and cannot be held; how it is written, the fields say themselves."""
    try:
        names = studies_of(study.cooldown_studies)
    except ValueError:
        return
    there = visible_studies(study.owner) if study.owner else Study.objects.all()
    known = set(there.filter(name__in=names, imported=False).values_list("name", flat=True))
    if study.name in names:
        yield "it is to be kept apart from itself: conditions are, by their hours alone"
    if unknown := sorted(set(names) - known - {study.name}):
        yield (
            f"there is no study {', '.join(unknown)} with raters of its own to keep it apart from: "
            "correct the names"
        )
    several = study.conditions.count() > 1
    if study.launch_gap_hours and not several:
        yield "there is one condition, so that none can be launched later: set the hours to 0"
    if study.cooldown_hours and not Apart(study).matters:
        why = "each rater sees one condition anyhow" if several else "there is one condition"
        yield f"hours between conditions keep nothing apart here, for {why}: set them to 0"


def taking_part_warnings(study: Study) -> Iterator[str]:
    """What a person should know who decides."""
    names = list(study.conditions.order_by("position", "name").values_list("name", flat=True))
    every = len(names) > 1 and study.allocation == Allocation.EVERY
    if every and not study.cooldown_hours:
        yield (
            f"the conditions {', '.join(names)} show the same images, and one rater may judge an "
            "image in several of them, so that they are not judged apart: set allocation to one, "
            "or cooldown_hours to 72 as the paper did"
        )
    if study.launch_gap_hours and study.launches_by_itself:
        yield (
            f"conditions after {names[0]} are published by themselves, {study.launch_gap_hours} "
            "hours apart, where beat and a worker run; `stop` holds them up"
        )
    if study.cooldown_hours > 24 * study.lifetime_days:
        yield (
            f"HITs stay open for {study.lifetime_days} days, less than the {study.cooldown_hours} "
            "hours between conditions: who took part in one can take none of the other"
        )
    asked = study.approved_percent or study.approved_number or study.countries.strip()
    if study.environment == Environment.SANDBOX and asked:
        yield "workers of the sandbox hardly ever meet an approval rate, a number or a country"
    if study.masters_only and study.environment == Environment.MARKETPLACE:
        yield "whom the marketplace calls Masters, the people who run it say by hand"
    apart = Study.objects.filter(pk__in=Apart(study).others, state=StudyState.LIVE)
    for name in apart.order_by("name").values_list("name", flat=True):
        yield (
            f"study {name} still asks people: who goes on there afterwards is not kept from it by "
            "this study"
        )
