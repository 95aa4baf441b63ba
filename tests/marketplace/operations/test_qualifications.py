from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from marketplace.actions.accept import accept
from marketplace.actions.request_qualification import hand_in_test, request_qualification
from marketplace.errors import WorkRefusedError
from marketplace.models import Message, Qualification, QualificationType, Worker
from tests.marketplace.conftest import Wire, client_of
from tests.marketplace.exams import RIGHT, a_form
from tests.marketplace.factories import (
    a_hit,
    a_qualification_type,
    a_requester,
    a_worker,
    asking,
)

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


@pytest.fixture
def kind(wire: Wire) -> QualificationType:
    return a_qualification_type(wire.requester)


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 400, answer
    return str(answer[1]["TurkErrorCode"]).removeprefix("AWS.MechanicalTurk.")


def _both(kind: QualificationType, worker: Worker) -> dict[str, str]:
    return {
        "QualificationTypeId": kind.qualification_type_id,
        "WorkerId": worker.worker_id,
    }


def test_a_grant_is_repeated_changed_and_revoked(wire: Wire, kind: QualificationType) -> None:
    both = _both(kind, a_worker())
    assert _code(wire.call("GetQualificationScore", **both)) == "QualificationDoesNotExist"
    give = "AssociateQualificationWithWorker"
    assert wire.call(give, **both) == (200, {})
    assert wire.call(give, IntegerValue=20, SendNotification=False, **both) == (200, {})
    score = wire.call("GetQualificationScore", **both)[1]["Qualification"]
    assert score == both | {
        "GrantTime": score["GrantTime"],
        "IntegerValue": 20,
        "Status": "Granted",
    }
    assert Message.objects.count() == 1
    take = "DisassociateQualificationFromWorker"
    assert wire.call(take, Reason="A mistake.", **both) == (200, {})
    assert Message.objects.order_by("pk").last().text == "A mistake."  # type: ignore[union-attr]
    revoked = wire.call("GetQualificationScore", **both)
    assert _code(revoked) == "InvalidQualificationState"
    assert "status of: Granted" in revoked[1]["Message"]
    assert _code(wire.call(take, **both)) == "QualificationDoesNotExist"
    assert wire.call(give, **both)[0] == 200
    assert wire.call("GetQualificationScore", **both)[1]["Qualification"]["IntegerValue"] == 1
    assert Qualification.objects.count() == 1


def test_lists_by_status(wire: Wire, kind: QualificationType) -> None:
    workers = [a_worker() for _ in range(3)]
    for worker in workers:
        wire.call("AssociateQualificationWithWorker", **_both(kind, worker))
    wire.call("DisassociateQualificationFromWorker", **_both(kind, workers[0]))

    def listed(**more: str) -> list[str]:
        ask = {"QualificationTypeId": kind.qualification_type_id}
        answer = wire.call("ListWorkersWithQualificationType", **ask, **more)[1]
        return [held["WorkerId"] for held in answer["Qualifications"]]

    ids = [worker.worker_id for worker in workers]
    assert listed() == ids
    assert listed(Status="Granted") == ids[1:]
    assert listed(Status="Revoked") == ids[:1]


def test_refusals(wire: Wire, kind: QualificationType) -> None:
    give, both = "AssociateQualificationWithWorker", _both(kind, a_worker())
    assert _code(wire.call(give, **both | {"WorkerId": "ANOBODY"})) == "InvalidParameterValue"
    foreign = a_qualification_type(a_requester()).qualification_type_id
    theirs = wire.call(give, **both | {"QualificationTypeId": foreign})
    assert _code(theirs) == "QualificationTypeDoesNotExist"
    long = wire.call("DisassociateQualificationFromWorker", Reason="x" * 1025, **both)
    assert _code(long) == "InvalidParameterValue"
    assert not Qualification.objects.exists()


def test_requests_wait_and_are_decided_once(wire: Wire, kind: QualificationType) -> None:
    one, two = (request_qualification(kind, worker=a_worker()) for _ in range(2))
    request_qualification(a_qualification_type(a_requester()), worker=a_worker())
    request_qualification(a_qualification_type(wire.requester), worker=a_worker())
    ask = {"QualificationTypeId": kind.qualification_type_id}
    listed = wire.call("ListQualificationRequests", **ask)[1]["QualificationRequests"]
    assert [request["QualificationRequestId"] for request in listed] == [
        one.request_id,
        two.request_id,
    ]
    assert {"Test", "Answer"}.isdisjoint(listed[0])
    assert wire.call("ListQualificationRequests")[1]["NumResults"] == 3
    accept_it = {"QualificationRequestId": one.request_id, "IntegerValue": 80}
    assert wire.call("AcceptQualificationRequest", **accept_it) == (200, {})
    refused = wire.call("AcceptQualificationRequest", **accept_it)
    assert _code(refused) == "InvalidQualificationRequestState"
    reject = {"QualificationRequestId": two.request_id, "Reason": "Not yet."}
    assert wire.call("RejectQualificationRequest", **reject) == (200, {})
    assert _code(wire.call("RejectQualificationRequest", **reject)) == (
        "InvalidQualificationRequestState"
    )
    assert Qualification.objects.get().value == 80
    assert wire.call("ListQualificationRequests", **ask)[1]["NumResults"] == 0
    assert Message.objects.get(worker=two.worker).text == "Not yet."


def test_a_test_marked_by_hand_is_listed_with_its_answers(wire: Wire) -> None:
    kind = a_qualification_type(wire.requester, test=a_form(), test_duration_s=60)
    request = request_qualification(kind, worker=a_worker())
    assert wire.call("ListQualificationRequests")[1]["NumResults"] == 0
    unknown = {"QualificationRequestId": request.request_id}
    assert _code(wire.call("AcceptQualificationRequest", **unknown)) == (
        "QualificationRequestDoesNotExist"
    )
    hand_in_test(request, fields=RIGHT)
    [listed] = wire.call("ListQualificationRequests")[1]["QualificationRequests"]
    assert listed["Test"] == a_form()
    assert "tabby" in listed["Answer"]


def test_other_requesters_requests_do_not_exist(wire: Wire) -> None:
    theirs = request_qualification(a_qualification_type(a_requester()), worker=a_worker())
    for request_id in (theirs.request_id, "3NOSUCH", "\u00e4" * 100):
        for operation in ("AcceptQualificationRequest", "RejectQualificationRequest"):
            answer = wire.call(operation, QualificationRequestId=request_id)
            assert _code(answer) == "QualificationRequestDoesNotExist"


def test_boto3_keeps_repeaters_away(site: str) -> None:
    """The usual pattern: who has taken part holds a mark, and the next HIT asks for none."""
    requester, worker = a_requester(), a_worker()
    mturk: MTurkClient = client_of(requester, url=site)
    type_id = mturk.create_qualification_type(
        Name="took part", Description="In study 7.", QualificationTypeStatus="Active"
    )["QualificationType"]["QualificationTypeId"]
    hit = a_hit(requester)
    asking(hit.hit_type, type_id, "DoesNotExist", guards="DiscoverPreviewAndAccept")
    mturk.associate_qualification_with_worker(
        QualificationTypeId=type_id, WorkerId=worker.worker_id, SendNotification=False
    )
    with pytest.raises(WorkRefusedError, match="took part"):
        accept(worker, hit=hit)
    pages = mturk.get_paginator("list_workers_with_qualification_type").paginate(
        QualificationTypeId=type_id, Status="Granted"
    )
    assert [one["WorkerId"] for page in pages for one in page["Qualifications"]] == [
        worker.worker_id
    ]
    mturk.disassociate_qualification_from_worker(
        QualificationTypeId=type_id, WorkerId=worker.worker_id
    )
    assert accept(worker, hit=hit).hit == hit
