"""Extend: a HIT asks for more assignments than it was made for."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock, ledger
from marketplace.actions.hit_states import refuse_disposed
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.actions.tokens import keep, refuse_used
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.events import note
from marketplace.fees import MANY_ASSIGNMENTS
from marketplace.models import HIT
from marketplace.vocabulary import EventType, TokenPurpose

MOST_ASSIGNMENTS = 1_000_000_000


def extend_hit(hit: HIT, *, additional: int, token: str) -> None:
    """Add so many assignments and hold their money, or change nothing.

    A HIT below ten assignments may not come to ten or more: its fee was agreed on for a few. An
    expired HIT gets the places, and the money is held once its expiration is moved as well.
    """
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(hit)
        refuse_used(hit.requester, purpose=TokenPurpose.EXTEND, token=token, at=at)
        settle_hit(hit, at=at)
        refuse_disposed(hit)
        total = hit.max_assignments + additional
        if hit.max_assignments < MANY_ASSIGNMENTS <= total:
            raise RequestRefusedError(
                "InvalidMaximumAssignmentsIncrease",
                f"HIT {hit.hit_id} was created with fewer than {MANY_ASSIGNMENTS} assignments and "
                f"cannot be extended to {total}: make another HIT for the rest.",
            )
        if total > MOST_ASSIGNMENTS:
            raise InvalidParameterError(
                f"NumberOfAdditionalAssignments would bring the HIT to {total} assignments; "
                f"{MOST_ASSIGNMENTS} is the most."
            )
        hit.max_assignments = total
        hit.reviewing = False
        hit.save(update_fields=["max_assignments", "reviewing"])
        if hit.expires_at > at:
            ledger.hold(hit, places=additional, at=at)
        keep(hit, purpose=TokenPurpose.EXTEND, token=token, at=at)
        note(hit, event_type=EventType.EXTENDED, at=at)
