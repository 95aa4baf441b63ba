from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from marketplace import clock, ledger
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.extend_hit import extend_hit
from marketplace.actions.review import approve, reject
from marketplace.actions.settle import settle_due
from marketplace.builtin import MASTERS_PRODUCTION
from marketplace.models import HIT, Requester
from tests.marketplace.conftest import MovedClock, Wire
from tests.marketplace.factories import (
    a_hit,
    a_question,
    a_requester,
    a_submitted,
    an_accepted,
    asking,
    at_once,
)

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 400, answer
    return str(answer[1]["TurkErrorCode"]).removeprefix("AWS.MechanicalTurk.")


def _extend(wire: Wire, hit: HIT, n: int, **more: str) -> tuple[int, dict[str, Any]]:
    return wire.call(
        "CreateAdditionalAssignmentsForHIT",
        HITId=hit.hit_id,
        NumberOfAdditionalAssignments=n,
        **more,
    )


def _status(wire: Wire, hit: HIT) -> str:
    return str(wire.call("GetHIT", HITId=hit.hit_id)[1]["HIT"]["HITStatus"])


def test_more_assignments_hold_more_money(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=2)
    assert _extend(wire, hit, 3) == (200, {})
    seen = wire.call("GetHIT", HITId=hit.hit_id)[1]["HIT"]
    assert (seen["MaxAssignments"], seen["NumberOfAssignmentsAvailable"]) == (5, 5)
    assert ledger.balance(wire.requester).on_hold == 5 * 12


def test_the_step_to_ten_assignments_cannot_be_crossed(wire: Wire) -> None:
    few, many = a_hit(wire.requester, max_assignments=9), a_hit(wire.requester, max_assignments=10)
    assert _code(_extend(wire, few, 1)) == "InvalidMaximumAssignmentsIncrease"
    assert _extend(wire, many, 5)[0] == 200
    assert HIT.objects.get(pk=few.pk).max_assignments == 9
    for wrong in (0, -1, 1_000_000_001):
        assert _code(_extend(wire, many, wrong)) == "InvalidParameterValue"
    assert _code(_extend(wire, many, 1_000_000_000)) == "InvalidParameterValue"
    assert _code(_extend(wire, many, 10_000)) == "InsufficientFunds"
    assert HIT.objects.get(pk=many.pk).max_assignments == 15


def test_a_token_extends_once_in_24_hours(wire: Wire, moved: MovedClock) -> None:
    # Tokens of HITs are apart from tokens of extensions.
    hit = a_hit(wire.requester, token="lot-1", lifetime_s=200_000)
    assert _extend(wire, hit, 1, UniqueRequestToken="lot-1")[0] == 200
    again = _extend(wire, hit, 2, UniqueRequestToken="lot-1")
    assert _code(again) == "DuplicateRequest"
    assert "has already been processed" in again[1]["Message"]
    assert wire.requester.tokens.get(purpose="extend").request_id in again[1]["Message"]
    assert HIT.objects.get().max_assignments == 2
    moved.forward(24 * 3600 + 1)
    assert _extend(wire, hit, 2, UniqueRequestToken="lot-1")[0] == 200
    assert HIT.objects.get().max_assignments == 4


@pytest.mark.django_db(transaction=True)
def test_one_token_from_many_callers_extends_once() -> None:
    requester = a_requester()
    hit = a_hit(requester)
    results = at_once(*[lambda: extend_hit(hit, additional=1, token="t") for _ in range(4)])
    assert sum(found is None for found in results) == 1
    assert HIT.objects.get().max_assignments == 2
    assert ledger.balance(requester).on_hold == 24


def test_an_expired_hit_gets_its_money_when_it_is_opened_again(
    wire: Wire, moved: MovedClock
) -> None:
    hit = a_hit(wire.requester, max_assignments=1, lifetime_s=60)
    a_submitted(hit)
    moved.forward(61)
    assert _extend(wire, hit, 2)[0] == 200
    assert ledger.balance(wire.requester).on_hold == 12
    assert _status(wire, hit) == "Reviewable"
    later = int(clock.now().timestamp()) + 3600
    assert wire.call("UpdateExpirationForHIT", HITId=hit.hit_id, ExpireAt=later) == (200, {})
    assert ledger.balance(wire.requester).on_hold == 36
    assert _status(wire, hit) == "Assignable"


def test_the_mark_of_a_review_goes_back_and_forth_and_with_an_extension(wire: Wire) -> None:
    hit = a_hit(wire.requester)
    mark: dict[str, object] = {"HITId": hit.hit_id}
    refused = wire.call("UpdateHITReviewStatus", **mark)
    assert _code(refused) == "InvalidHITState"
    assert "currently in the state 'Assignable'" in refused[1]["Message"]
    a_submitted(hit)
    for revert, status in ((False, "Reviewing"), (False, "Reviewing"), (True, "Reviewable")):
        assert wire.call("UpdateHITReviewStatus", Revert=revert, **mark) == (200, {})
        assert _status(wire, hit) == status
    wire.call("UpdateHITReviewStatus", **mark)
    assert _extend(wire, hit, 1)[0] == 200
    assert _status(wire, hit) == "Assignable"
    a_submitted(hit)
    assert _status(wire, hit) == "Reviewable"


@pytest.mark.slow
def test_reviewable_hits_are_listed_by_id_alone(wire: Wire) -> None:
    done, marked, open_, held, ended = (a_hit(wire.requester) for _ in range(5))
    other = a_hit(wire.requester, reward="0.50")
    for hit in (done, marked, other):
        a_submitted(hit)
    an_accepted(held)
    expire_hit(ended, expire_at=clock.now())
    a_submitted(a_hit(a_requester()))
    wire.call("UpdateHITReviewStatus", HITId=marked.hit_id)

    def listed(**more: str) -> list[str]:
        hits = wire.call("ListReviewableHITs", **more)[1]["HITs"]
        assert all(set(hit) == {"HITId"} for hit in hits)
        return [hit["HITId"] for hit in hits]

    assert listed() == [done.hit_id, ended.hit_id, other.hit_id]
    assert listed(Status="Reviewing") == [marked.hit_id]
    assert listed(HITTypeId=other.hit_type.hit_type_id) == [other.hit_id]
    assert open_.hit_id not in listed()


def test_delete_needs_everything_reviewed(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=2)
    assert "'Assignable'" in wire.call("DeleteHIT", HITId=hit.hit_id)[1]["Message"]
    done = a_submitted(hit)
    expire_hit(hit, expire_at=clock.now())
    refused = wire.call("DeleteHIT", HITId=hit.hit_id)
    assert _code(refused) == "InvalidHITState"
    assert "'Reviewable'" in refused[1]["Message"]
    assert "Reviewing, Reviewable" in refused[1]["Message"]
    reject(done, feedback="-")
    assert wire.call("DeleteHIT", HITId=hit.hit_id) == (200, {})
    assert "'Disposed'" in wire.call("DeleteHIT", HITId=hit.hit_id)[1]["Message"]
    assert wire.call("ListHITs")[1]["NumResults"] == 0
    assert wire.call("ListReviewableHITs")[1]["NumResults"] == 0
    assert _status(wire, hit) == "Disposed"
    # The work can still be read; nothing about it changes any more.
    seen = wire.call("ListAssignmentsForHIT", HITId=hit.hit_id)[1]["Assignments"]
    assert [one["AssignmentId"] for one in seen] == [done.assignment_id]
    approve_anyway: dict[str, object] = {
        "AssignmentId": done.assignment_id,
        "OverrideRejection": True,
    }
    assert _code(wire.call("ApproveAssignment", **approve_anyway)) == "InvalidHITState"
    assert _code(_extend(wire, hit, 1)) == "InvalidHITState"
    later = int(clock.now().timestamp()) + 3600
    moved = wire.call("UpdateExpirationForHIT", HITId=hit.hit_id, ExpireAt=later)
    assert _code(moved) == "InvalidHITState"


def test_after_120_days_a_hit_is_gone_by_itself(wire: Wire, moved: MovedClock) -> None:
    hit = a_hit(wire.requester, lifetime_s=60, auto_approval_delay_s=3600)
    done = a_submitted(hit)
    moved.forward(60 + 119 * 86_400)
    assert _status(wire, hit) == "Reviewable"
    moved.forward(86_400)
    assert _status(wire, hit) == "Disposed"
    assert settle_due() == 0
    hit.refresh_from_db()
    done.refresh_from_db()
    assert (hit.disposed_at - hit.expires_at).days == 120 if hit.disposed_at else False
    assert done.status == "approved"


def test_another_type_brings_its_values_and_its_money(wire: Wire) -> None:
    hit = a_hit(wire.requester, reward="0.10", max_assignments=3)
    dearer = a_hit(wire.requester, reward="0.50").hit_type
    change = {"HITId": hit.hit_id, "HITTypeId": dearer.hit_type_id}
    assert wire.call("UpdateHITTypeOfHIT", **change) == (200, {})
    seen = wire.call("GetHIT", HITId=hit.hit_id)[1]["HIT"]
    assert (seen["Reward"], seen["HITTypeId"]) == ("0.50", dearer.hit_type_id)
    assert seen["Question"] == hit.question
    assert ledger.balance(wire.requester).on_hold == 3 * 60 + 60
    fresh = HIT.objects.get(pk=hit.pk)
    assert (fresh.reward, fresh.fee, fresh.funded) == (Decimal("0.50"), Decimal("0.10"), 3)


def test_pay_does_not_change_once_somebody_has_accepted(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=3)
    same_pay = a_hit(wire.requester, duration_s=700).hit_type
    dearer = a_hit(wire.requester, reward="0.50").hit_type
    an_accepted(hit)
    refused = wire.call("UpdateHITTypeOfHIT", HITId=hit.hit_id, HITTypeId=dearer.hit_type_id)
    assert _code(refused) == "InvalidHITState"
    assert wire.call("UpdateHITTypeOfHIT", HITId=hit.hit_id, HITTypeId=same_pay.hit_type_id) == (
        200,
        {},
    )
    theirs = a_hit(a_requester()).hit_type.hit_type_id
    foreign = wire.call("UpdateHITTypeOfHIT", HITId=hit.hit_id, HITTypeId=theirs)
    assert _code(foreign) == "HITTypeDoesNotExist"


def test_a_dearer_type_without_the_money_changes_nothing(db: None) -> None:
    poor = a_requester(deposited="0.50")
    wire, hit = Wire(poor), a_hit(poor, max_assignments=3)
    _, dearer = wire.call(
        "CreateHITType",
        Title="t",
        Description="d",
        Reward="1.00",
        AssignmentDurationInSeconds=60,
    )
    refused = wire.call("UpdateHITTypeOfHIT", HITId=hit.hit_id, **dearer)
    assert _code(refused) == "InsufficientFunds"
    fresh = HIT.objects.get()
    assert (fresh.hit_type, fresh.reward, fresh.funded) == (hit.hit_type, Decimal("0.10"), 3)
    assert ledger.balance(poor).on_hold == 36


def test_masters_cost_five_percent_more(requester: Requester) -> None:
    kind = a_hit(requester, reward="1.00").hit_type
    asking(kind, MASTERS_PRODUCTION, "Exists")
    assert a_hit(requester, reward="1.00").fee == Decimal("0.25")
    assert a_hit(requester, reward="1.00", max_assignments=10).fee == Decimal("0.45")


def test_review_policies_have_nothing_to_tell(wire: Wire) -> None:
    hit = a_hit(wire.requester)
    call = "ListReviewPolicyResultsForHIT"
    empty: dict[str, list[object]] = {"ReviewResults": [], "ReviewActions": []}
    assert wire.call(call, HITId=hit.hit_id)[1] == {
        "HITId": hit.hit_id,
        "AssignmentReviewReport": empty,
        "HITReviewReport": empty,
    }
    assert set(wire.call(call, HITId=hit.hit_id, PolicyLevels=["HIT"])[1]) == {
        "HITId",
        "HITReviewReport",
    }
    assert _code(wire.call(call, HITId="3NOSUCH")) == "HITDoesNotExist"


def test_no_file_was_ever_uploaded(wire: Wire) -> None:
    done = a_submitted(a_hit(wire.requester))
    ask = {"AssignmentId": done.assignment_id, "QuestionIdentifier": "photo"}
    assert _code(wire.call("GetFileUploadURL", **ask)) == "InvalidParameterValue"
    foreign = ask | {"AssignmentId": "3NOSUCH"}
    assert _code(wire.call("GetFileUploadURL", **foreign)) == "AssignmentDoesNotExist"


def test_boto3_takes_a_hit_through_its_life(mturk: MTurkClient) -> None:
    made = mturk.create_hit(
        Title="t",
        Description="d",
        Reward="0.05",
        AssignmentDurationInSeconds=60,
        LifetimeInSeconds=600,
        Question=a_question(),
    )["HIT"]
    hit_id = made["HITId"]
    mturk.create_additional_assignments_for_hit(
        HITId=hit_id, NumberOfAdditionalAssignments=1, UniqueRequestToken="more"
    )
    hit = HIT.objects.get()
    for _ in range(2):
        approve(a_submitted(hit), feedback="", override_rejection=False)
    listed = mturk.get_paginator("list_reviewable_hits").paginate()
    assert [one["HITId"] for page in listed for one in page["HITs"]] == [hit_id]
    mturk.update_hit_review_status(HITId=hit_id)
    assert mturk.get_hit(HITId=hit_id)["HIT"]["HITStatus"] == "Reviewing"
    mturk.delete_hit(HITId=hit_id)
    assert mturk.list_hits()["HITs"] == []
    with pytest.raises(mturk.exceptions.RequestError, match="'Disposed'"):
        mturk.delete_hit(HITId=hit_id)
