"""Grant and revoke: what a worker holds of a requester's qualification type."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.locking import lock_requester
from marketplace.actions.tell import tell
from marketplace.errors import RequestRefusedError
from marketplace.models import Qualification, QualificationType, Worker


def grant(
    qualification_type: QualificationType, *, worker: Worker, value: int, notify: bool
) -> Qualification:
    """Give the worker the qualification with that value, whatever they held of it before."""
    at = clock.now()
    with transaction.atomic():
        requester = lock_requester(qualification_type.requester_id)
        granted, _ = Qualification.objects.update_or_create(
            qualification_type=qualification_type,
            worker=worker,
            defaults={
                "value": value,
                "granted_at": at,
                "revoked_at": None,
                "revocation_reason": "",
            },
        )
        if notify:
            tell(
                worker,
                requester=requester,
                subject=f"You have the qualification {qualification_type.name}",
                text=qualification_type.description,
                at=at,
            )
    return granted


def revoke(qualification_type: QualificationType, *, worker: Worker, reason: str) -> None:
    """Take the qualification away; the worker reads the reason."""
    at = clock.now()
    with transaction.atomic():
        requester = lock_requester(qualification_type.requester_id)
        held = qualification_type.grants.filter(worker=worker, revoked_at__isnull=True).first()
        if held is None:
            raise RequestRefusedError(
                "QualificationDoesNotExist",
                f"Worker {worker.worker_id} does not hold qualification type "
                f"{qualification_type.qualification_type_id}.",
            )
        held.revoked_at = at
        held.revocation_reason = reason
        held.save(update_fields=["revoked_at", "revocation_reason"])
        tell(
            worker,
            requester=requester,
            subject=f"The qualification {qualification_type.name} was taken back",
            text=reason or "No reason was given.",
            at=at,
        )
