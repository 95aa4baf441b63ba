"""Settle: let time do to HITs and assignments what the protocol says it does.

Nothing runs at the stroke of a deadline. Whoever looks next brings the rows up to date first,
with the times at which things were due; the result is the same as if it had been done then.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from marketplace import clock, ledger
from marketplace.actions.locking import lock_hit
from marketplace.models import HIT, Assignment, Requester
from marketplace.vocabulary import FUNDED, AssignmentStatus


def settle_hit(hit: HIT, *, at: datetime) -> None:
    """Abandon what is overdue, approve what waited long enough, free money nobody needs.

    The HIT is locked by the caller and fresh.
    """
    for assignment in hit.assignments.filter(status=AssignmentStatus.ACCEPTED, deadline__lte=at):
        assignment.status = AssignmentStatus.ABANDONED
        assignment.ended_at = assignment.deadline
        assignment.save(update_fields=["status", "ended_at"])
    for assignment in hit.assignments.filter(
        status=AssignmentStatus.SUBMITTED, auto_approval_at__lte=at
    ):
        assignment.status = AssignmentStatus.APPROVED
        assignment.approved_at = assignment.auto_approval_at
        assignment.save(update_fields=["status", "approved_at"])
        ledger.pay(assignment, hit=hit, at=at)
    if hit.expires_at <= at:
        needed = hit.assignments.filter(status__in=FUNDED).count()
        ledger.release(hit, places=hit.funded - needed, at=at)
        if not hit.expiry_settled:
            hit.expiry_settled = True
            hit.save(update_fields=["expiry_settled"])


def _due(at: datetime) -> Q:
    overdue = Assignment.objects.filter(
        Q(status=AssignmentStatus.ACCEPTED, deadline__lte=at)
        | Q(status=AssignmentStatus.SUBMITTED, auto_approval_at__lte=at)
    )
    return Q(expiry_settled=False, expires_at__lte=at) | Q(pk__in=overdue.values("hit"))


def settle_due(
    *, requester: Requester | None = None, hit: HIT | None = None, at: datetime | None = None
) -> int:
    """Settle every HIT (of one requester, or one HIT) that time has changed; returns how many."""
    at = at or clock.now()
    due = HIT.objects.filter(_due(at))
    if requester is not None:
        due = due.filter(requester=requester)
    if hit is not None:
        due = due.filter(pk=hit.pk)
    settled = 0
    for late in list(due):
        with transaction.atomic():
            settle_hit(lock_hit(late), at=at)
        settled += 1
    return settled
