"""Dispose: a HIT whose work is all reviewed leaves the lists. Its rows stay."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.hit_states import wrong_state
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.counters import counters_of
from marketplace.events import note
from marketplace.models import HIT
from marketplace.vocabulary import AssignmentStatus, EventType, HITStatus

DISPOSABLE = (HITStatus.REVIEWING, HITStatus.REVIEWABLE)


def dispose_hit(hit: HIT) -> None:
    """Dispose of a reviewable HIT with nothing left to review."""
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(hit)
        settle_hit(hit, at=at)
        status = counters_of(hit, at=at).status
        waiting = hit.assignments.filter(status=AssignmentStatus.SUBMITTED).exists()
        if status not in DISPOSABLE or waiting:
            raise wrong_state(status, allowed=DISPOSABLE)
        hit.disposed_at = at
        hit.expires_at = min(hit.expires_at, at)
        hit.save(update_fields=["disposed_at", "expires_at"])
        settle_hit(hit, at=at)
        note(hit, event_type=EventType.DISPOSED, at=at)
