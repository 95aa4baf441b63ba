"""Operations on workers: blocks and messages."""

from __future__ import annotations

from marketplace.actions.block import block, lift_block
from marketplace.actions.tell import notify_workers as tell_workers
from marketplace.errors import InvalidParameterError
from marketplace.models import Requester, Worker, WorkerBlock
from marketplace.operations.paging import page_by_key
from marketplace.operations.parameters import Parameters, filled, many, text

LONGEST_REASON = 4_096
LONGEST_SUBJECT = 200
LONGEST_MESSAGE = 4_096
MOST_WORKERS = 100


def find_worker(parameters: Parameters) -> Worker:
    """The worker named by WorkerId."""
    worker = Worker.objects.filter(worker_id=text(parameters, "WorkerId")).first()
    if worker is None:
        raise InvalidParameterError("WorkerId is invalid.")
    return worker


def create_worker_block(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Keep a worker from the requester's HITs."""
    reason = filled(parameters, "Reason", longest=LONGEST_REASON)
    block(requester, worker=find_worker(parameters), reason=reason)
    return {}


def delete_worker_block(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Let a worker at the requester's HITs again."""
    reason = text(parameters, "Reason", longest=LONGEST_REASON)
    lift_block(requester, worker=find_worker(parameters), reason=reason)
    return {}


def list_worker_blocks(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Workers who are blocked now."""
    standing = WorkerBlock.objects.filter(requester=requester, lifted_at__isnull=True)
    return page_by_key(
        standing.select_related("worker"),
        parameters=parameters,
        name="WorkerBlocks",
        requester=requester,
        listing="blocks",
        documents=lambda blocks: [
            {"WorkerId": one.worker.worker_id, "Reason": one.reason} for one in blocks
        ],
    )


def notify_workers(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Write to workers; whom the message cannot reach is told, and is no error."""
    worker_ids = [str(worker_id) for worker_id in many(parameters, "WorkerIds")]
    if not 1 <= len(worker_ids) <= MOST_WORKERS:
        raise InvalidParameterError(
            f"WorkerIds must be from 1 to {MOST_WORKERS}, not {len(worker_ids)}."
        )
    failures = tell_workers(
        requester,
        worker_ids=worker_ids,
        subject=filled(parameters, "Subject", longest=LONGEST_SUBJECT),
        text=filled(parameters, "MessageText", longest=LONGEST_MESSAGE),
    )
    return {
        "NotifyWorkersFailureStatuses": [
            {
                "NotifyWorkersFailureCode": "HardFailure",
                "NotifyWorkersFailureMessage": failure.reason,
                "WorkerId": failure.worker_id,
            }
            for failure in failures
        ]
    }
