"""Row locks, always in the order requester then HIT, so that nobody waits in a circle.

What else is locked comes after them, and only under a requester's lock. All are taken with
`no_key`: when a transaction is committed, PostgreSQL looks at what its new rows refer to, and a
lock without it would hold that up, whatever the order was till then.
"""

from __future__ import annotations

from marketplace.models import HIT, Requester


def lock_requester(pk: int) -> Requester:
    """The requester's row, locked until the transaction ends."""
    return Requester.objects.select_for_update(no_key=True).get(pk=pk)


def lock_hit(hit: HIT) -> HIT:
    """A fresh copy of the HIT with its requester, both rows locked until the transaction ends."""
    requester = lock_requester(hit.requester_id)
    locked = HIT.objects.select_for_update(no_key=True).get(pk=hit.pk)
    locked.requester = requester
    return locked
