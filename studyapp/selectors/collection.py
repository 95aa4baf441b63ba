"""Every assignment of a study in exactly one place: at work, left, handed in, forged, unknown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from studyapp import clock
from studyapp.models import Assignment, Exclusion, Study, Vote
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import AssignmentState


@dataclass(frozen=True)
class Collection:
    """Counts of assignments; together they are all that are no test run.

    at_work and finishing: begun and in time; finishing have all their answers saved. left: time is
    over with answers missing, so given up or given back. never_confirmed: time is over, all answers
    saved, and the recruiter knows of no hand-in. waiting: confirmed and not decided on. paid,
    rejected: decided on. unproven: handed in without the proof our page gives. unknown: handed in
    by somebody who has answered nothing here.
    """

    at_work: int = 0
    finishing: int = 0
    left: int = 0
    never_confirmed: int = 0
    waiting: int = 0
    paid: int = 0
    rejected: int = 0
    unproven: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


def collection(study: Study, *, now: datetime | None = None) -> Collection:
    """Where each of the study's assignments is."""
    rows = (
        Assignment.objects.filter(hit__study=study, is_test=False)
        .annotate(place=_place(study, now=now or clock.now()))
        .order_by()
        .values_list("place")
        .annotate(Count("pk"))
    )
    return Collection(**dict(rows))


def odd_votes(study: Study) -> dict[str, int]:
    """Votes that do not count by reason, as filter_votes last found them."""
    rows = Exclusion.objects.filter(vote__study=study).order_by().values_list("reason")
    return dict(rows.annotate(Count("pk")))


def _place(study: Study, *, now: datetime) -> Case:
    over = Q(started_at__lt=now - time_allowed(study))
    confirmed = [
        (AssignmentState.SUBMITTED, "waiting"),
        (AssignmentState.APPROVED, "paid"),
        (AssignmentState.REJECTED, "rejected"),
    ]
    return Case(
        When(Q(state=AssignmentState.WORKING) & over, then=Value("left")),
        When(state=AssignmentState.WORKING, then=Value("at_work")),
        When(Q(state=AssignmentState.FINISHED) & over, then=Value("never_confirmed")),
        When(state=AssignmentState.FINISHED, then=Value("finishing")),
        When(state=AssignmentState.UNPROVEN, then=Value("unproven")),
        When(~Exists(Vote.objects.filter(assignment=OuterRef("pk"))), then=Value("unknown")),
        *(When(state=state, then=Value(place)) for state, place in confirmed),
    )
