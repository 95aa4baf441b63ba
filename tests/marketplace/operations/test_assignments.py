from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from marketplace.actions.accept import accept
from marketplace.actions.submit import submit
from marketplace.models import HIT
from tests.marketplace.conftest import MovedClock, Wire
from tests.marketplace.factories import (
    a_hit,
    a_question,
    a_requester,
    a_submitted,
    a_worker,
    an_accepted,
)

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


def _code(answer: tuple[int, dict[str, str]]) -> str:
    assert answer[0] == 400
    return answer[1]["TurkErrorCode"].removeprefix("AWS.MechanicalTurk.")


def test_listing_shows_submitted_work_in_the_order_of_submission(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=5)
    first, second, third = (an_accepted(hit) for _ in range(3))
    for assignment in (third, first):
        submit(assignment.assignment_id, fields={"q": "1"})
    page = wire.call("ListAssignmentsForHIT", HITId=hit.hit_id, MaxResults=2)[1]
    assert [a["AssignmentId"] for a in page["Assignments"]] == [
        third.assignment_id,
        first.assignment_id,
    ]
    assert set(page["Assignments"][0]) == {
        *("AssignmentId", "WorkerId", "HITId", "AssignmentStatus", "AcceptTime", "Deadline"),
        *("SubmitTime", "AutoApprovalTime", "Answer"),
    }
    # Accepted first, submitted after the first page was read: still on the second page.
    submit(second.assignment_id, fields={"q": "1"})
    token = page["NextToken"]
    rest = wire.call("ListAssignmentsForHIT", HITId=hit.hit_id, NextToken=token)[1]
    assert [a["AssignmentId"] for a in rest["Assignments"]] == [second.assignment_id]
    end = wire.call("ListAssignmentsForHIT", HITId=hit.hit_id, NextToken=rest["NextToken"])[1]
    assert end == {"NumResults": 0, "Assignments": []}


def test_statuses_filter(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=3)
    approved, rejected, waiting = (a_submitted(hit).assignment_id for _ in range(3))
    assert wire.call("ApproveAssignment", AssignmentId=approved) == (200, {})
    reject = {"AssignmentId": rejected, "RequesterFeedback": "empty"}
    assert wire.call("RejectAssignment", **reject) == (200, {})
    for statuses, wanted in (
        (["Submitted"], {waiting}),
        (["Approved"], {approved}),
        (["Rejected", "Approved"], {approved, rejected}),
        ([], {approved, rejected, waiting}),
    ):
        page = wire.call("ListAssignmentsForHIT", HITId=hit.hit_id, AssignmentStatuses=statuses)[1]
        assert {a["AssignmentId"] for a in page["Assignments"]} == wanted


def test_get_assignment_shows_submitted_work_only(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=2)
    held = an_accepted(hit)
    assert _code(wire.call("GetAssignment", AssignmentId=held.assignment_id)) == (
        "InvalidAssignmentState"
    )
    submit(held.assignment_id, fields={"q": "1"})
    seen = wire.call("GetAssignment", AssignmentId=held.assignment_id)[1]
    assert seen["Assignment"]["WorkerId"] == held.worker.worker_id
    assert seen["HIT"]["HITId"] == hit.hit_id
    theirs = a_submitted(a_hit(a_requester()))
    for assignment_id in ("3NOSUCH", theirs.assignment_id):
        for operation in ("GetAssignment", "ApproveAssignment"):
            code = _code(wire.call(operation, AssignmentId=assignment_id))
            assert code == "AssignmentDoesNotExist"


def test_review_once_with_override_of_a_rejection(wire: Wire) -> None:
    assignment = a_submitted(a_hit(wire.requester)).assignment_id
    approve = {"AssignmentId": assignment, "OverrideRejection": True}
    assert _code(wire.call("RejectAssignment", AssignmentId=assignment, RequesterFeedback=" ")) == (
        "InvalidParameterValue"
    )
    for bad in ("x" * 1025, "bell\x07"):
        answer = wire.call("ApproveAssignment", AssignmentId=assignment, RequesterFeedback=bad)
        assert _code(answer) == "InvalidParameterValue"
    reject = {"AssignmentId": assignment, "RequesterFeedback": "No answers."}
    assert wire.call("RejectAssignment", **reject) == (200, {})
    assert _code(wire.call("RejectAssignment", **reject)) == "InvalidAssignmentState"
    plain = wire.call("ApproveAssignment", AssignmentId=assignment)
    assert _code(plain) == "InvalidAssignmentState"
    assert wire.call("GetAccountBalance")[1] == {
        "AvailableBalance": "100.00",
        "OnHoldBalance": "0.00",
    }
    assert wire.call("ApproveAssignment", **approve) == (200, {})
    status, body = wire.call("ApproveAssignment", **approve)
    assert (status, "status of: Submitted" in body["Message"]) == (400, True)
    assert wire.call("GetAccountBalance")[1]["AvailableBalance"] == "99.88"


def test_automatic_approval_at_its_time(wire: Wire, moved: MovedClock) -> None:
    hit = a_hit(wire.requester, auto_approval_delay_s=3600)
    assignment = a_submitted(hit).assignment_id
    moved.forward(3599)
    seen = wire.call("GetAssignment", AssignmentId=assignment)[1]["Assignment"]
    assert seen["AssignmentStatus"] == "Submitted"
    moved.forward(2)
    answer = wire.call("RejectAssignment", AssignmentId=assignment, RequesterFeedback="late")
    assert _code(answer) == "InvalidAssignmentState"
    seen = wire.call("GetAssignment", AssignmentId=assignment)[1]["Assignment"]
    assert seen["AssignmentStatus"] == "Approved"
    assert seen["ApprovalTime"] == seen["AutoApprovalTime"] == seen["SubmitTime"] + 3600
    assert wire.call("GetAccountBalance")[1]["OnHoldBalance"] == "0.00"


def test_boto3_reads_every_page_and_reviews(mturk: MTurkClient) -> None:
    made = mturk.create_hit(
        Title="t",
        Description="d",
        Reward="0.01",
        AssignmentDurationInSeconds=60,
        LifetimeInSeconds=600,
        MaxAssignments=40,
        Question=a_question(),
    )["HIT"]
    hit = HIT.objects.get(hit_id=made["HITId"])
    for _ in range(25):
        worker = a_worker()
        submit(accept(worker, hit=hit).assignment_id, fields={"q": "1"})
    pages = list(
        mturk.get_paginator("list_assignments_for_hit").paginate(
            HITId=made["HITId"], PaginationConfig={"PageSize": 10}
        )
    )
    ids = {found["AssignmentId"] for page in pages for found in page["Assignments"]}
    assert len(ids) == 25
    assert [page["NumResults"] for page in pages] == [10, 10, 5, 0]
    first = sorted(ids)[0]
    mturk.approve_assignment(AssignmentId=first)
    with pytest.raises(mturk.exceptions.RequestError) as refused:
        mturk.approve_assignment(AssignmentId=first)
    code = refused.value.response.get("TurkErrorCode")
    assert code == "AWS.MechanicalTurk.InvalidAssignmentState"
    mturk.reject_assignment(AssignmentId=sorted(ids)[1], RequesterFeedback="No answers at all.")
    seen = mturk.get_assignment(AssignmentId=sorted(ids)[1])["Assignment"]
    assert seen["RequesterFeedback"] == "No answers at all."
