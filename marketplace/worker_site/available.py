"""Which HITs a worker can take now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from marketplace.models import HIT, Assignment, HITType, Worker
from marketplace.vocabulary import CLAIMING

_CLAIMED = Q(assignments__status__in=[status.value for status in CLAIMING])


@dataclass(frozen=True)
class Project:
    """One line of the board: a HIT type and how many of its HITs are open to the worker."""

    hit_type: HITType
    n_open: int


def open_hits(worker: Worker, *, at: datetime) -> QuerySet[HIT]:
    """HITs with a free place that the worker has not taken, oldest first."""
    own = Assignment.objects.filter(hit=OuterRef("pk"), worker=worker, status__in=CLAIMING)
    return (
        HIT.objects.filter(expires_at__gt=at)
        .filter(~Exists(own))
        .annotate(taken=Count("assignments", filter=_CLAIMED))
        .filter(taken__lt=F("max_assignments"))
        .order_by("pk")
    )


def projects(worker: Worker, *, at: datetime) -> list[Project]:
    """The board's lines, newest HIT type first."""
    counts = Counter(hit.hit_type_id for hit in open_hits(worker, at=at).only("hit_type"))
    types = HITType.objects.filter(pk__in=counts).select_related("requester").order_by("-pk")
    return [Project(hit_type, counts[hit_type.pk]) for hit_type in types]
