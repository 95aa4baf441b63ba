"""What publication would send, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count

from studyapp.cost import Costs, costs_of_lots
from studyapp.exposure import Apart
from studyapp.models import HIT, Study
from studyapp.recruiters.bars import guarded_conditions
from studyapp.recruiters.launch_gap import held_back
from studyapp.recruiters.lots import PlannedLot
from studyapp.vocabulary import BarKind, Environment, HITState

UNSENT = (HITState.PLANNED, HITState.SENDING)


def cost_left(study: Study, *, lots: Sequence[PlannedLot]) -> Costs:
    """Of these lots, and of the stored ones that are surely not out yet.

    One of unknown outcome may be paid for already.
    """
    stored = HIT.objects.filter(study=study, state=HITState.PLANNED)
    waiting = stored.order_by("lot").annotate(size=Count("hit_trials"))
    return costs_of_lots(
        [
            *waiting.values_list("size", "raters"),
            *((len(lot.trials), lot.raters) for lot in lots),
        ],
        reward=study.reward,
        fees=study.fees,
    )


def publication_calls(study: Study, *, lots: Sequence[PlannedLot]) -> Iterator[str]:
    """What a run would send, one line a call."""
    group = f"“{study.title}”, {study.reward:.2f} USD, {study.assignment_minutes} min"
    if study.environment == Environment.LINK:
        yield f"terms of the link: {group}"
    else:
        yield "GetAccountBalance"
        yield from _group_calls(study, group=group)
    yield from (f"later: {held}" for held in held_back(study))
    last = -1
    sizes = HIT.objects.filter(study=study).annotate(size=Count("hit_trials"))
    for hit in sizes.order_by("lot"):
        last = hit.lot
        if hit.state in UNSENT:
            again = ", outcome of an earlier try unknown" if hit.sent_at else ""
            yield _line(study, lot=hit.lot, trials=hit.size, raters=hit.raters) + again
    for number, lot in enumerate(lots, last + 1):
        yield _line(study, lot=number, trials=len(lot.trials), raters=lot.raters)


def _group_calls(study: Study, *, group: str) -> Iterator[str]:
    """Terms, and lists of people kept off, one of each for every condition that is guarded."""
    guards = guarded_conditions(study) if Apart(study).matters else [None]
    if Apart(study).matters:
        made = study.bars.exclude(list_id="").filter(kind=BarKind.COOLDOWN).count()
        lists = len(guards) - made
        yield from ["CreateQualificationType: a list of people kept off, without cost"] * lists
    yield from [f"CreateHITType: {group}"] * len(guards)


def _line(study: Study, *, lot: int, trials: int, raters: int) -> str:
    offer = (
        "offer at the study's link"
        if study.environment == Environment.LINK
        else "CreateHITWithHITType"
    )
    price = (study.reward + study.fees.of(study.reward, raters_per_hit=raters)) * raters
    return f"{offer}: lot {lot}, {trials} trials, {raters} raters, {price:,.2f} USD"
