from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marketplace.actions.review import approve, reject
from marketplace.models import Message, WorkerBlock
from tests.marketplace.conftest import Wire, client_of
from tests.marketplace.factories import a_hit, a_requester, a_submitted, a_worker

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 400, answer
    return str(answer[1]["TurkErrorCode"]).removeprefix("AWS.MechanicalTurk.")


def test_a_block_is_listed_lifted_and_remembered(wire: Wire) -> None:
    worker = a_worker()
    block = {"WorkerId": worker.worker_id, "Reason": "Clicks at random."}
    assert wire.call("CreateWorkerBlock", **block) == (200, {})
    assert wire.call("CreateWorkerBlock", **block | {"Reason": "Still does."}) == (200, {})
    assert wire.call("ListWorkerBlocks")[1]["WorkerBlocks"] == [
        {"WorkerId": worker.worker_id, "Reason": "Still does."}
    ]
    assert Wire(a_requester()).call("ListWorkerBlocks")[1]["NumResults"] == 0
    told = Message.objects.get()
    assert "random" not in told.subject + told.text
    for _ in range(2):
        assert wire.call("DeleteWorkerBlock", WorkerId=worker.worker_id) == (200, {})
    assert wire.call("ListWorkerBlocks")[1]["NumResults"] == 0
    assert wire.call("CreateWorkerBlock", **block)[0] == 200
    assert WorkerBlock.objects.count() == 2


def test_workers_and_reasons_that_are_refused(wire: Wire) -> None:
    block = {"WorkerId": a_worker().worker_id, "Reason": "x"}
    for change in (
        {"WorkerId": "ANOBODY"},
        {"WorkerId": "B1"},
        {"WorkerId": "a1"},
        {"Reason": " "},
        {"Reason": "x" * 4097},
    ):
        assert _code(wire.call("CreateWorkerBlock", **block | change)) == "InvalidParameterValue"
    unknown = wire.call("DeleteWorkerBlock", WorkerId="ANOBODY")
    assert "WorkerId is invalid." in unknown[1]["Message"]
    assert not WorkerBlock.objects.exists()


def test_only_workers_whose_work_was_reviewed_are_written_to(wire: Wire) -> None:
    approved, rejected, waiting, foreign = (
        a_submitted(a_hit(requester)) for requester in (*[wire.requester] * 3, a_requester())
    )
    approve(approved, feedback="", override_rejection=False)
    reject(rejected, feedback="-")
    approve(foreign, feedback="", override_rejection=False)
    ids = [one.worker.worker_id for one in (approved, rejected, waiting, foreign)]
    status, answer = wire.call(
        "NotifyWorkers", Subject="More of it", MessageText="There is more.", WorkerIds=[*ids, "ANO"]
    )
    assert status == 200
    failures = answer["NotifyWorkersFailureStatuses"]
    assert [failure["WorkerId"] for failure in failures] == [*ids[2:], "ANO"]
    assert {failure["NotifyWorkersFailureCode"] for failure in failures} == {"HardFailure"}
    assert {message.worker.worker_id for message in Message.objects.all()} == set(ids[:2])


def test_messages_that_are_refused(wire: Wire) -> None:
    message: dict[str, object] = {"Subject": "s", "MessageText": "t", "WorkerIds": ["A1"]}
    changes: tuple[dict[str, object], ...] = (
        {"Subject": ""},
        {"Subject": "x" * 201},
        {"MessageText": "x" * 4097},
        {"WorkerIds": []},
        {"WorkerIds": [f"A{n}" for n in range(101)]},
        {"WorkerIds": ["B1"]},
    )
    for change in changes:
        assert _code(wire.call("NotifyWorkers", **message | change)) == "InvalidParameterValue"


def test_boto3_blocks_writes_and_lists(site: str) -> None:
    requester = a_requester()
    mturk: MTurkClient = client_of(requester, url=site)
    workers = [a_worker().worker_id for _ in range(3)]
    for worker_id in workers:
        mturk.create_worker_block(WorkerId=worker_id, Reason="no")
    pages = mturk.get_paginator("list_worker_blocks").paginate(PaginationConfig={"PageSize": 2})
    assert [one["WorkerId"] for page in pages for one in page["WorkerBlocks"]] == workers
    mturk.delete_worker_block(WorkerId=workers[0], Reason="sorry")
    answer = mturk.notify_workers(Subject="s", MessageText="t", WorkerIds=workers)
    assert len(answer["NotifyWorkersFailureStatuses"]) == 3
