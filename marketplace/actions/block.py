"""Block: a requester does not let a worker at their HITs; and lifting that."""

from __future__ import annotations

from django.db import transaction

from marketplace import clock
from marketplace.actions.locking import lock_requester
from marketplace.actions.tell import tell
from marketplace.errors import RequestRefusedError
from marketplace.models import Requester, Worker, WorkerBlock

MOST_BLOCKS = 100_000


def block(requester: Requester, *, worker: Worker, reason: str) -> None:
    """Block the worker; blocking again only brings the reason up to date.

    What the worker holds may be finished and is paid as any other work. They are told that they
    are blocked, not why.
    """
    at = clock.now()
    with transaction.atomic():
        requester = lock_requester(requester.pk)
        standing = requester.blocks.filter(lifted_at__isnull=True)
        known = standing.filter(worker=worker).first()
        if known is not None:
            known.reason = reason
            known.save(update_fields=["reason"])
            return
        if standing.count() >= MOST_BLOCKS:
            raise RequestRefusedError(
                "InvalidParameterValue", f"{MOST_BLOCKS} workers are blocked: lift a block first."
            )
        WorkerBlock.objects.create(requester=requester, worker=worker, reason=reason, created_at=at)
        tell(
            worker,
            requester=requester,
            subject=f"{requester.name} offers you no more tasks",
            text="This requester does not want you to work on their tasks any more. What you have "
            "handed in is reviewed and paid as before.",
            at=at,
        )


def lift_block(requester: Requester, *, worker: Worker, reason: str) -> None:
    """Let the worker at the requester's HITs again; who is not blocked stays so."""
    WorkerBlock.objects.filter(requester=requester, worker=worker, lifted_at__isnull=True).update(
        lifted_at=clock.now(), lift_reason=reason
    )
