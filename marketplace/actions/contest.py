"""Contest: a worker disagrees with a rejection, and the operator decides once."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.locking import lock_hit
from marketplace.actions.review import pay_after_all
from marketplace.actions.tell import tell
from marketplace.errors import WorkRefusedError
from marketplace.models import Assignment, Dispute
from marketplace.vocabulary import AssignmentStatus, DisputeStatus

LONGEST = 2_000


def contest(assignment: Assignment, *, text: str) -> Dispute:
    """Put a rejection before the operator, once, in the worker's own words."""
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise WorkRefusedError("words", f"Say in 1 to {LONGEST} characters why you disagree.")
    with transaction.atomic():
        lock_hit(assignment.hit)
        current = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
        if current.status != AssignmentStatus.REJECTED:
            raise WorkRefusedError("state", "Only work that was not accepted can be contested.")
        dispute, made = Dispute.objects.get_or_create(
            assignment=current, defaults={"text": words, "created_at": clock.now()}
        )
    if not made and dispute.text != words:
        raise WorkRefusedError(
            "repeated", "You have contested this already; your first words count."
        )
    return dispute


def decide_dispute(dispute: Dispute, *, pay: bool, answer: str) -> bool:
    """Pay after all, out of the requester's money, or let the rejection stand; False if decided.

    Paying raises InsufficientFundsError where the requester has too little money; no time is too
    late for it, and a disposed HIT no obstacle.
    """
    assignment = dispute.assignment
    with transaction.atomic():
        lock_hit(assignment.hit)
        current = Dispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
        if current.status != DisputeStatus.OPEN:
            return False
        if pay:
            assignment.refresh_from_db()
            if assignment.status == AssignmentStatus.REJECTED:
                pay_after_all(assignment, feedback=answer)
        current.status = DisputeStatus.PAID if pay else DisputeStatus.DISMISSED
        current.answer = answer
        current.decided_at = clock.now()
        current.save(update_fields=["status", "answer", "decided_at"])
        tell(
            assignment.worker,
            requester=None,
            subject="Your work is paid after all" if pay else "The rejection stands",
            text=answer,
            at=clock.now(),
        )
    return True
