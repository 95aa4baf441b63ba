"""Accept: a worker takes one of a HIT's places."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from marketplace import clock
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.eligibility import refuse_unqualified
from marketplace.errors import WorkRefusedError
from marketplace.events import note
from marketplace.models import HIT, Assignment, Worker
from marketplace.vocabulary import CLAIMING, AssignmentStatus, EventType

LONGEST_QUEUE = 25


def accept(worker: Worker, *, hit: HIT) -> Assignment:
    """Take a place, or give back the worker's own assignment if it is already under way.

    The lock on the HIT makes the last place go to exactly one worker; the unique constraints
    on place and worker would refuse the other even without it.
    """
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(hit)
        settle_hit(hit, at=at)
        own = hit.assignments.filter(worker=worker, status__in=CLAIMING).first()
        if own is not None and own.status == AssignmentStatus.ACCEPTED:
            return own
        if own is not None:
            raise WorkRefusedError("done", "You have already done this task. Thank you.")
        if hit.expires_at <= at or hit.disposed_at is not None:
            raise WorkRefusedError("expired", "This task has ended.")
        refuse_unqualified(worker, hit_type=hit.hit_type)
        taken = set(hit.assignments.filter(status__in=CLAIMING).values_list("place", flat=True))
        if len(taken) >= hit.max_assignments:
            raise WorkRefusedError("full", "Others were quicker: this task has no place left.")
        under_way = worker.assignments.filter(
            status=AssignmentStatus.ACCEPTED, deadline__gt=at
        ).count()
        if under_way >= LONGEST_QUEUE:
            raise WorkRefusedError(
                "queue", f"You hold {LONGEST_QUEUE} tasks already: finish or return one first."
            )
        taken_now = Assignment.objects.create(
            hit=hit,
            worker=worker,
            place=next(place for place in range(hit.max_assignments) if place not in taken),
            accepted_at=at,
            deadline=at + timedelta(seconds=hit.hit_type.assignment_duration_s),
        )
        note(hit, event_type=EventType.ACCEPTED, at=at, assignment=taken_now)
        return taken_now
