"""Tell: words for a worker, kept on the marketplace; no mail, for no address is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from marketplace import clock
from marketplace.models import Assignment, Message, Requester, Worker
from marketplace.vocabulary import AssignmentStatus


def tell(
    worker: Worker, *, requester: Requester | None, subject: str, text: str, at: datetime
) -> Message:
    """Leave a message."""
    return Message.objects.create(
        worker=worker, requester=requester, subject=subject[:200], text=text, created_at=at
    )


class Failure(NamedTuple):
    """A worker who was not told, and why."""

    worker_id: str
    reason: str


def notify_workers(
    requester: Requester, *, worker_ids: Sequence[str], subject: str, text: str
) -> list[Failure]:
    """Tell workers whose work the requester has reviewed; the others are given back.

    Strangers are not written to: a requester could else advertise to everybody.
    """
    at = clock.now()
    failures = []
    with transaction.atomic():
        known = Worker.objects.in_bulk(set(worker_ids), field_name="worker_id")
        reviewed = Assignment.objects.filter(
            hit__requester=requester,
            worker__in=known.values(),
            status__in=[AssignmentStatus.APPROVED, AssignmentStatus.REJECTED],
        )
        acquainted = set(reviewed.values_list("worker__worker_id", flat=True))
        for worker_id in dict.fromkeys(worker_ids):
            if worker_id not in known:
                failures.append(Failure(worker_id, f"Worker {worker_id} does not exist."))
            elif worker_id not in acquainted:
                failures.append(
                    Failure(worker_id, f"You have not reviewed any work of worker {worker_id}.")
                )
            else:
                tell(known[worker_id], requester=requester, subject=subject, text=text, at=at)
    return failures
