"""What the protocol says about a HIT's progress, derived from its assignments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from marketplace.models import HIT, Assignment
from marketplace.vocabulary import CLAIMING, AssignmentStatus, HITStatus


@dataclass(frozen=True)
class Counters:
    """Numbers of assignments; submitted ones awaiting review are in none of the three."""

    available: int
    pending: int
    completed: int
    status: HITStatus


def _count(hit: HIT, *, by_status: dict[str, int], at: datetime) -> Counters:
    taken = sum(by_status.values())
    pending = by_status.get(AssignmentStatus.ACCEPTED, 0)
    completed = by_status.get(AssignmentStatus.APPROVED, 0) + by_status.get(
        AssignmentStatus.REJECTED, 0
    )
    expired = hit.expires_at <= at
    available = 0 if expired else hit.max_assignments - taken
    if hit.disposed_at is not None:
        status = HITStatus.DISPOSED
    elif available:
        status = HITStatus.ASSIGNABLE
    elif pending:
        status = HITStatus.UNASSIGNABLE
    else:
        status = HITStatus.REVIEWING if hit.reviewing else HITStatus.REVIEWABLE
    return Counters(available, pending, completed, status)


def counters(hits: Iterable[HIT], *, at: datetime) -> dict[int, Counters]:
    """Counters of each HIT by primary key, in one query."""
    hits = list(hits)
    by_hit: dict[int, dict[str, int]] = {hit.pk: {} for hit in hits}
    rows = (
        Assignment.objects.filter(hit__in=hits, status__in=CLAIMING)
        .order_by()
        .values_list("hit_id", "status")
        .annotate(n=Count("pk"))
    )
    for hit_pk, status, n in rows:
        by_hit[hit_pk][status] = n
    return {hit.pk: _count(hit, by_status=by_hit[hit.pk], at=at) for hit in hits}


def counters_of(hit: HIT, *, at: datetime) -> Counters:
    """Counters of one HIT."""
    return counters([hit], at=at)[hit.pk]
