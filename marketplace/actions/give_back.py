"""Give back: a worker returns an assignment without doing it; the place is free again."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.errors import WorkRefusedError
from marketplace.events import note, note_if_reviewable
from marketplace.models import Assignment
from marketplace.vocabulary import REVIEWABLE, AssignmentStatus, EventType


def give_back(assignment: Assignment) -> None:
    """Return the assignment; one that has ended otherwise without submission stays as it is."""
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(assignment.hit)
        settle_hit(hit, at=at)
        current = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
        if current.status in REVIEWABLE:
            raise WorkRefusedError(
                "done", "You have handed this in already, so nothing is returned."
            )
        if current.status == AssignmentStatus.ACCEPTED:
            current.status = AssignmentStatus.RETURNED
            current.ended_at = at
            current.save(update_fields=["status", "ended_at"])
            note(hit, event_type=EventType.RETURNED, at=at, assignment=current)
            # An expired HIT offers the place to nobody: its money goes back at once.
            settle_hit(hit, at=at)
            note_if_reviewable(hit, at=at)
