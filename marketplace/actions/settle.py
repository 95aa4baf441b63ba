"""Settle: let time do to HITs and assignments what the protocol says it does.

Nothing runs at the stroke of a deadline. Whoever looks next brings the rows up to date first,
with the times at which things were due; the result is the same as if it had been done then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from marketplace import clock, ledger
from marketplace.actions.locking import lock_hit
from marketplace.events import note, note_if_reviewable
from marketplace.models import HIT, Assignment, Requester
from marketplace.vocabulary import FUNDED, AssignmentStatus, EventType

DISPOSAL = timedelta(days=120)


def _abandon(assignment: Assignment, *, hit: HIT) -> None:
    assignment.status = AssignmentStatus.ABANDONED
    assignment.ended_at = assignment.deadline
    assignment.save(update_fields=["status", "ended_at"])
    note(hit, event_type=EventType.ABANDONED, at=assignment.deadline, assignment=assignment)


def _approve(assignment: Assignment, *, hit: HIT, at: datetime) -> None:
    assignment.status = AssignmentStatus.APPROVED
    assignment.approved_at = assignment.auto_approval_at
    assignment.save(update_fields=["status", "approved_at"])
    ledger.pay(assignment, hit=hit, at=at)
    note(hit, event_type=EventType.APPROVED, at=at, assignment=assignment)


def _expire(hit: HIT, *, at: datetime) -> None:
    """Free the money of places that nobody can take any more."""
    needed = hit.assignments.filter(status__in=FUNDED).count()
    ledger.release(hit, places=hit.funded - needed, at=at)
    if not hit.expiry_settled:
        hit.expiry_settled = True
        hit.save(update_fields=["expiry_settled"])
        note(hit, event_type=EventType.EXPIRED, at=hit.expires_at)


def _dispose(hit: HIT, *, at: datetime) -> None:
    """After 120 days without a worker on it or work to review, a HIT is gone from the lists."""
    if hit.disposed_at is None and hit.expires_at + DISPOSAL <= at and hit.funded == 0:
        hit.disposed_at = hit.expires_at + DISPOSAL
        hit.save(update_fields=["disposed_at"])
        note(hit, event_type=EventType.DISPOSED, at=hit.disposed_at)


def settle_hit(hit: HIT, *, at: datetime) -> None:
    """Abandon what is overdue, approve what waited long enough, free money nobody needs.

    The HIT is locked by the caller and fresh.
    """
    overdue = list(hit.assignments.filter(status=AssignmentStatus.ACCEPTED, deadline__lte=at))
    for assignment in overdue:
        _abandon(assignment, hit=hit)
    for assignment in hit.assignments.filter(
        status=AssignmentStatus.SUBMITTED, auto_approval_at__lte=at
    ):
        _approve(assignment, hit=hit, at=at)
    if hit.expires_at <= at:
        ended = not hit.expiry_settled
        _expire(hit, at=at)
        if ended or overdue:
            note_if_reviewable(hit, at=at)
        _dispose(hit, at=at)


def _due(at: datetime) -> Q:
    overdue = Assignment.objects.filter(
        Q(status=AssignmentStatus.ACCEPTED, deadline__lte=at)
        | Q(status=AssignmentStatus.SUBMITTED, auto_approval_at__lte=at)
    )
    held = Assignment.objects.filter(hit=OuterRef("pk"), status__in=FUNDED)
    forgotten = Q(~Exists(held), disposed_at__isnull=True, expires_at__lte=at - DISPOSAL)
    expired = Q(expiry_settled=False, expires_at__lte=at)
    return expired | Q(pk__in=overdue.values("hit")) | forgotten


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
