"""Decide: the requester accepts or rejects a worker's request for a qualification."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.grant import grant
from marketplace.actions.locking import lock_requester
from marketplace.actions.tell import tell
from marketplace.errors import RequestRefusedError
from marketplace.models import QualificationRequest
from marketplace.vocabulary import RequestStatus


def _lock_pending(request: QualificationRequest) -> QualificationRequest:
    lock_requester(request.qualification_type.requester_id)
    current = QualificationRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
    if current.status != RequestStatus.PENDING:
        raise RequestRefusedError(
            "InvalidQualificationRequestState",
            f"This QualificationRequest {current.request_id} is not pending: "
            f"{current.get_status_display()}.",
        )
    return current


def accept_request(request: QualificationRequest, *, value: int) -> None:
    """Grant what was asked for, with that value."""
    with transaction.atomic():
        current = _lock_pending(request)
        current.status = RequestStatus.GRANTED
        current.decided_at = clock.now()
        current.save(update_fields=["status", "decided_at"])
        grant(current.qualification_type, worker=current.worker, value=value, notify=True)


def reject_request(request: QualificationRequest, *, reason: str) -> None:
    """Turn the request down; the worker reads the reason."""
    at = clock.now()
    with transaction.atomic():
        current = _lock_pending(request)
        current.status = RequestStatus.REJECTED
        current.decided_at = at
        current.reason = reason
        current.save(update_fields=["status", "decided_at", "reason"])
        tell(
            current.worker,
            requester=current.qualification_type.requester,
            subject=f"Your request for {current.qualification_type.name} was turned down",
            text=reason or "No reason was given.",
            at=at,
        )
