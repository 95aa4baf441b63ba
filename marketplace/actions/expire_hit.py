"""Move the moment from which nobody can accept a HIT any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from marketplace import clock, ledger
from marketplace.actions.hit_states import refuse_disposed
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.counters import counters_of
from marketplace.errors import InvalidParameterError
from marketplace.events import note
from marketplace.models import HIT
from marketplace.vocabulary import EventType

LONGEST = timedelta(days=365)


def expire_hit(hit: HIT, *, expire_at: datetime) -> None:
    """Expire the HIT now (a moment that is past) or extend it to a later one.

    Extending a HIT that had expired holds the money of its open places again; without enough
    of it nothing changes. Shortening to a future moment is refused: the service's own
    documents contradict each other about it, so no client may rely on it.
    """
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(hit)
        settle_hit(hit, at=at)
        refuse_disposed(hit)
        if expire_at <= at:
            hit.expires_at = min(hit.expires_at, at)
            hit.save(update_fields=["expires_at"])
            settle_hit(hit, at=at)
            return
        if expire_at < hit.expires_at:
            raise InvalidParameterError(
                "ExpireAt lies before the HIT's present expiration but in the future: give a "
                "past moment to expire the HIT at once, or a later one to extend it."
            )
        if expire_at > at + LONGEST:
            raise InvalidParameterError("ExpireAt must lie within 365 days from now.")
        if expire_at == hit.expires_at:
            return
        hit.expires_at = expire_at
        hit.reviewing = False
        if hit.expiry_settled:
            hit.expiry_settled = False
            ledger.hold(hit, places=counters_of(hit, at=at).available, at=at)
        hit.save(update_fields=["expires_at", "expiry_settled", "reviewing"])
        note(hit, event_type=EventType.EXTENDED, at=at)
