"""Review: the requester approves (pays) or rejects a submitted assignment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from marketplace import clock, ledger
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.errors import RequestRefusedError
from marketplace.events import note
from marketplace.models import HIT, Assignment
from marketplace.vocabulary import AssignmentStatus, EventType

OVERRIDE_WINDOW = timedelta(days=30)


def _wrong_state(assignment: Assignment, *, allowed: str) -> RequestRefusedError:
    return RequestRefusedError(
        "InvalidAssignmentState",
        f"This Assignment {assignment.assignment_id} is currently in the state "
        f"{assignment.get_status_display().capitalize()}. This operation can be called with a "
        f"status of: {allowed}",
    )


def _lock(assignment: Assignment) -> tuple[HIT, Assignment]:
    hit = lock_hit(assignment.hit)
    settle_hit(hit, at=clock.now())
    return hit, Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)


def approve(assignment: Assignment, *, feedback: str, override_rejection: bool) -> None:
    """Pay reward and fee out of the hold; with override, also a rejection of the last 30 days.

    A rejection freed the money, so an override holds it again and fails whole without it.
    """
    # Settling is committed by itself: a refusal below must not undo an automatic approval.
    with transaction.atomic():
        _lock(assignment)
    with transaction.atomic():
        at = clock.now()
        hit, current = _lock(assignment)
        if override_rejection and current.status == AssignmentStatus.REJECTED:
            _refuse_late_override(current, hit=hit, at=at)
            ledger.hold(hit, places=1, at=at)
        elif current.status != AssignmentStatus.SUBMITTED:
            raise _wrong_state(current, allowed="Submitted")
        _pay(current, hit=hit, feedback=feedback, at=at)


def pay_after_all(assignment: Assignment, *, feedback: str) -> None:
    """Pay a rejection that the operator found wrong, whenever and wherever its HIT is by now.

    The limits of an override are the requester's: who rejects late, or disposes of the HIT, does
    not thereby have the last word.
    """
    with transaction.atomic():
        hit, current = _lock(assignment)
        if current.status != AssignmentStatus.REJECTED:
            raise _wrong_state(current, allowed="Rejected")
        at = clock.now()
        ledger.hold(hit, places=1, at=at)
        _pay(current, hit=hit, feedback=feedback, at=at)


def _refuse_late_override(assignment: Assignment, *, hit: HIT, at: datetime) -> None:
    if assignment.submitted_at is None or at > assignment.submitted_at + OVERRIDE_WINDOW:
        raise RequestRefusedError(
            "InvalidAssignmentState",
            "A rejection can be overridden within 30 days of the submission only.",
        )
    if hit.disposed_at is not None:
        raise RequestRefusedError(
            "InvalidHITState",
            f"HIT {hit.hit_id} is disposed of: its rejections can be overridden no more.",
        )


def _pay(assignment: Assignment, *, hit: HIT, feedback: str, at: datetime) -> None:
    assignment.status = AssignmentStatus.APPROVED
    assignment.approved_at = at
    assignment.requester_feedback = feedback
    assignment.save(update_fields=["status", "approved_at", "requester_feedback"])
    ledger.pay(assignment, hit=hit, at=at)
    note(hit, event_type=EventType.APPROVED, at=at, assignment=assignment)


def reject(assignment: Assignment, *, feedback: str) -> None:
    """Refuse payment with a reason; reward and fee go back to the requester."""
    with transaction.atomic():
        _lock(assignment)
    with transaction.atomic():
        at = clock.now()
        hit, current = _lock(assignment)
        if current.status != AssignmentStatus.SUBMITTED:
            raise _wrong_state(current, allowed="Submitted")
        current.status = AssignmentStatus.REJECTED
        current.rejected_at = at
        current.requester_feedback = feedback
        current.save(update_fields=["status", "rejected_at", "requester_feedback"])
        ledger.release(hit, places=1, at=at)
        note(hit, event_type=EventType.REJECTED, at=at, assignment=current)
