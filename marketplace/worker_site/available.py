"""Which HITs a worker can take now, and which need something the worker lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from marketplace.eligibility import Shown, may_accept, may_discover, may_preview, shown
from marketplace.models import HIT, Assignment, HITType, Worker
from marketplace.standing import Standing
from marketplace.vocabulary import CLAIMING

_CLAIMED = Q(assignments__status__in=[status.value for status in CLAIMING])


@dataclass(frozen=True)
class Project:
    """One line of the board: a HIT type, its open HITs, and what it asks of the worker."""

    hit_type: HITType
    n_open: int
    requirements: list[Shown]
    acceptable: bool
    previewable: bool


def open_hits(worker: Worker, *, at: datetime) -> QuerySet[HIT]:
    """HITs with a free place that the worker has not taken, oldest first.

    What the worker gave back comes last, or it would be all they are ever offered.
    """
    ever = Assignment.objects.filter(hit=OuterRef("pk"), worker=worker)
    own = ever.filter(status__in=CLAIMING)
    return (
        HIT.objects.filter(expires_at__gt=at, disposed_at__isnull=True)
        .filter(~Exists(own))
        .annotate(taken=Count("assignments", filter=_CLAIMED))
        .filter(taken__lt=F("max_assignments"))
        .annotate(had=Exists(ever))
        .order_by("had", "pk")
    )


def project_of(hit_type: HITType, *, n_open: int, standing: Standing) -> Project:
    """What one HIT type is to the worker."""
    return Project(
        hit_type,
        n_open,
        shown(hit_type, standing=standing),
        may_accept(hit_type, standing=standing),
        may_preview(hit_type, standing=standing),
    )


def projects(worker: Worker, *, at: datetime) -> list[Project]:
    """The board's lines, newest HIT type first; what the worker may not discover is left out."""
    hits = open_hits(worker, at=at).order_by().values("pk")
    per_type = HIT.objects.filter(pk__in=hits).order_by().values_list("hit_type")
    counts: dict[int, int] = dict(per_type.annotate(n=Count("pk")))
    types: Iterable[HITType] = (
        HITType.objects.filter(pk__in=counts)
        .select_related("requester")
        .prefetch_related("requirements")
        .order_by("-pk")
    )
    standing = Standing(worker)
    return [
        project_of(hit_type, n_open=counts[hit_type.pk], standing=standing)
        for hit_type in types
        if may_discover(hit_type, standing=standing)
    ]
