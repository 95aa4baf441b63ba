"""Bonus: money for one worker beyond the reward of one assignment."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from marketplace import clock, ledger
from marketplace.actions.locking import lock_hit
from marketplace.actions.tell import tell
from marketplace.actions.tokens import keep, refuse_used
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.fees import CENT, fee_on_bonus
from marketplace.models import Assignment, BonusPayment
from marketplace.vocabulary import REVIEWABLE, TokenPurpose

LARGEST = Decimal("10000.00")


def send_bonus(
    assignment: Assignment, *, worker_id: str, amount: Decimal, reason: str, token: str
) -> BonusPayment:
    """Pay a bonus out of the available balance, or change nothing.

    Handed-in work can get one, whatever became of it: whoever pays bonuses before approving can
    stop between the two and lose nothing.
    """
    if not CENT <= amount <= LARGEST:
        raise InvalidParameterError(f"BonusAmount must be from {CENT} to {LARGEST} USD.")
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(assignment.hit)
        refuse_used(hit.requester, purpose=TokenPurpose.BONUS, token=token, at=at)
        current = Assignment.objects.select_related("worker", "hit").get(pk=assignment.pk)
        if current.status not in REVIEWABLE:
            raise RequestRefusedError(
                "AssignmentDoesNotExist", f"Assignment {current.assignment_id} does not exist."
            )
        if current.worker.worker_id != worker_id:
            raise InvalidParameterError(
                f"WorkerId {worker_id} is not the worker of assignment {current.assignment_id}."
            )
        bonus = BonusPayment.objects.create(
            assignment=current,
            amount=amount,
            fee=fee_on_bonus(amount),
            reason=reason,
            granted_at=at,
        )
        ledger.pay_bonus(bonus, requester=hit.requester, at=at)
        keep(hit, purpose=TokenPurpose.BONUS, token=token, at=at)
        tell(
            current.worker,
            requester=hit.requester,
            subject=f"A bonus of {amount} USD",
            text=reason,
            at=at,
        )
    return bonus
