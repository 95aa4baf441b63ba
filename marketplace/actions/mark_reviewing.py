"""Mark: the requester's own note on a reviewable HIT that somebody looks at its work."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.hit_states import wrong_state
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.counters import counters_of
from marketplace.models import HIT
from marketplace.vocabulary import HITStatus


def mark_reviewing(hit: HIT, *, revert: bool) -> None:
    """Reviewable to Reviewing, or back; where it is already, nothing changes."""
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(hit)
        settle_hit(hit, at=at)
        status = counters_of(hit, at=at).status
        if status not in {HITStatus.REVIEWABLE, HITStatus.REVIEWING}:
            raise wrong_state(status, allowed=(HITStatus.REVIEWABLE, HITStatus.REVIEWING))
        hit.reviewing = not revert
        hit.save(update_fields=["reviewing"])
