"""Row locks, always in the order requester then HIT, so that nobody waits in a circle."""

from __future__ import annotations

from marketplace.models import HIT, Requester


def lock_requester(pk: int) -> Requester:
    """The requester's row, locked until the transaction ends."""
    return Requester.objects.select_for_update().get(pk=pk)


def lock_hit(hit: HIT) -> HIT:
    """A fresh copy of the HIT with its requester, both rows locked until the transaction ends."""
    requester = lock_requester(hit.requester_id)
    locked = HIT.objects.select_for_update().get(pk=hit.pk)
    locked.requester = requester
    return locked
