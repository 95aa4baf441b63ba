from __future__ import annotations

from typing import TYPE_CHECKING

from marketplace.actions.accept import accept
from marketplace.models import HIT, Assignment
from tests.marketplace.factories import a_question, a_worker

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


def test_a_requesters_whole_line(mturk: MTurkClient, site: str, client) -> None:
    hit_type = mturk.create_hit_type(
        Title="Is it there?",
        Description="Look and answer.",
        Reward="0.10",
        AssignmentDurationInSeconds=600,
        AutoApprovalDelayInSeconds=86400,
        Keywords="image",
    )["HITTypeId"]
    made = mturk.create_hit_with_hit_type(
        HITTypeId=hit_type,
        LifetimeInSeconds=3600,
        MaxAssignments=2,
        Question=a_question(),
        UniqueRequestToken="lot-1",
        RequesterAnnotation="lot 1",
    )["HIT"]
    assert made["HITStatus"] == "Assignable"
    assert mturk.get_account_balance()["OnHoldBalance"] == "0.24"
    assignment = accept(a_worker(), hit=HIT.objects.get(hit_id=made["HITId"]))
    response = client.post(
        "/mturk/externalSubmit", {"assignmentId": assignment.assignment_id, "votes": "[1]"}
    )
    assert response.status_code == 200
    [seen] = mturk.list_assignments_for_hit(HITId=made["HITId"])["Assignments"]
    assert seen["AssignmentStatus"] == "Submitted"
    assert "[1]" in seen["Answer"]
    mturk.approve_assignment(AssignmentId=seen["AssignmentId"])
    assert Assignment.objects.get().status == "approved"
    balance = mturk.get_account_balance()
    assert (balance["AvailableBalance"], balance["OnHoldBalance"]) == ("99.76", "0.12")
