"""What publication would send, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.cost import Cost, cost_of_hits
from studyapp.exposure import Apart
from studyapp.models import HIT, HITTrial, Study
from studyapp.recruiters.bars import guarded_conditions
from studyapp.recruiters.launch_gap import held_back
from studyapp.recruiters.lots import plan_lots
from studyapp.vocabulary import BarKind, HITState

UNSENT = (HITState.PLANNED, HITState.SENDING)


def cost_left(study: Study) -> Cost:
    """Of the HITs that are surely not out yet; one of unknown outcome may be paid for already."""
    lots = plan_lots(study)
    stored = HIT.objects.filter(study=study, state=HITState.PLANNED)
    waiting = HITTrial.objects.filter(hit__in=stored).count()
    return cost_of_hits(
        len(lots) + stored.count(),
        trials=sum(len(lot.trials) for lot in lots) + waiting,
        raters_per_hit=study.raters_per_hit,
        reward=study.reward,
        fees=study.fees,
    )


def publication_calls(study: Study) -> Iterator[str]:
    """What a run would send, one line a call."""
    unit = study.reward + study.fees.of(study.reward, raters_per_hit=study.raters_per_hit)
    price = f"{unit * study.raters_per_hit:,.2f} USD"
    raters = f"{study.raters_per_hit} raters, {price}"
    yield "GetAccountBalance"
    guards = guarded_conditions(study) if Apart(study).matters else [None]
    if Apart(study).matters:
        made = study.bars.exclude(list_id="").filter(kind=BarKind.COOLDOWN).count()
        lists = len(guards) - made
        yield from ["CreateQualificationType: a list of people kept off, without cost"] * lists
    group = f"“{study.title}”, {study.reward:.2f} USD, {study.assignment_minutes} min"
    yield from [f"CreateHITType: {group}"] * len(guards)
    yield from (f"later: {held}" for held in held_back(study))
    last = -1
    for hit in HIT.objects.filter(study=study).order_by("lot"):
        last = hit.lot
        if hit.state in UNSENT:
            again = ", outcome of an earlier try unknown" if hit.sent_at else ""
            size = hit.hit_trials.count()
            yield f"CreateHITWithHITType: lot {hit.lot}, {size} trials, {raters}{again}"
    for number, lot in enumerate(plan_lots(study), last + 1):
        yield f"CreateHITWithHITType: lot {number}, {len(lot.trials)} trials, {raters}"
