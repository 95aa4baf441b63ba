"""Change the HIT type of a HIT: it takes on all values of the new type but keeps its question."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock, ledger
from marketplace.actions.create_hit import cost_of
from marketplace.actions.hit_states import refuse_disposed
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.errors import RequestRefusedError
from marketplace.models import HIT, HITType


def change_hit_type(hit: HIT, *, hit_type: HITType) -> None:
    """Give the HIT another type of the same requester.

    What one assignment costs may change only while nobody has taken any: nobody's pay changes
    under their hands. The money is then held anew, or the call fails whole.
    """
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(hit)
        settle_hit(hit, at=at)
        refuse_disposed(hit)
        reward, fee = cost_of(hit_type, max_assignments=hit.max_assignments)
        if (reward, fee) != (hit.reward, hit.fee):
            if hit.assignments.exists():
                raise RequestRefusedError(
                    "InvalidHITState",
                    f"HIT {hit.hit_id} pays {hit.reward} USD and has been taken by workers: its "
                    "pay cannot be changed. Expire it and make another HIT.",
                )
            places = hit.funded
            ledger.release(hit, places=places, at=at)
            hit.reward, hit.fee = reward, fee
            hit.save(update_fields=["reward", "fee"])
            ledger.hold(hit, places=places, at=at)
        hit.hit_type = hit_type
        hit.save(update_fields=["hit_type"])
