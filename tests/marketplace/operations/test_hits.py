from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from marketplace.models import HIT, HITType, RequestToken
from tests.marketplace.conftest import MovedClock, Wire
from tests.marketplace.exams import a_form
from tests.marketplace.factories import a_hit, a_question, a_requester, an_accepted, at_once
from tests.marketplace.worker_site.test_questions import html_question

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

TYPE: dict[str, object] = {
    "Title": "Is it there?",
    "Description": "Look and answer.",
    "Reward": "0.10",
    "AssignmentDurationInSeconds": 600,
}
LOT: dict[str, object] = {"LifetimeInSeconds": 3600, "Question": a_question()}


def _create(wire: Wire, **values: object) -> tuple[int, dict[str, Any]]:
    return wire.call("CreateHIT", **TYPE | LOT | values)


def test_create_hit_makes_the_same_hit_as_the_two_calls(wire: Wire) -> None:
    _, by_one = _create(wire, Keywords="a,b", RequesterAnnotation="lot 1", MaxAssignments=3)
    _, hit_type = wire.call("CreateHITType", **TYPE, Keywords="a,b")
    _, by_two = wire.call(
        "CreateHITWithHITType", **LOT, **hit_type, RequesterAnnotation="lot 1", MaxAssignments=3
    )
    differ = {"HITId", "CreationTime", "Expiration"}
    one, two = (
        {k: v for k, v in made["HIT"].items() if k not in differ} for made in (by_one, by_two)
    )
    assert one == two
    assert one["Reward"] == "0.10"
    assert one["NumberOfAssignmentsAvailable"] == 3
    assert (one["Keywords"], one["RequesterAnnotation"]) == ("a,b", "lot 1")
    assert by_one["HIT"]["Expiration"] - by_one["HIT"]["CreationTime"] == 3600
    assert wire.call("GetHIT", HITId=by_one["HIT"]["HITId"])[1] == by_one


def test_absent_values_are_absent(wire: Wire) -> None:
    _, made = _create(wire)
    assert {"Keywords", "RequesterAnnotation"}.isdisjoint(made["HIT"])
    assert made["HIT"]["MaxAssignments"] == 1


def test_a_token_works_once_in_24_hours_for_both_calls(wire: Wire, moved: MovedClock) -> None:
    _, first = _create(wire, UniqueRequestToken="lot-1")
    hit_id, hit_type = first["HIT"]["HITId"], first["HIT"]["HITTypeId"]
    again = {"HITTypeId": hit_type, "UniqueRequestToken": "lot-1", "MaxAssignments": 5} | LOT
    for status, body in (
        _create(wire, UniqueRequestToken="lot-1"),
        wire.call("CreateHITWithHITType", **again),
    ):
        assert status == 400
        assert body["__type"] == "RequestError"
        assert body["TurkErrorCode"] == "AWS.MechanicalTurk.HitAlreadyExists"
        assert hit_id in body["Message"]
    moved.forward(24 * 3600 - 5)
    assert _create(wire, UniqueRequestToken="lot-1")[0] == 400
    moved.forward(10)
    status, second = _create(wire, UniqueRequestToken="lot-1")
    assert status == 200
    assert second["HIT"]["HITId"] != hit_id
    assert second["HIT"]["HITId"] in _create(wire, UniqueRequestToken="lot-1")[1]["Message"]
    assert _create(wire, UniqueRequestToken="lot-2")[0] == 200
    assert _create(Wire(a_requester()), UniqueRequestToken="lot-1")[0] == 200


@pytest.mark.django_db(transaction=True)
def test_one_token_from_many_callers_at_once_makes_one_hit() -> None:
    requester = a_requester()
    results = at_once(*[lambda: a_hit(requester, token="lot-1") for _ in range(6)])
    made = [found for found in results if isinstance(found, HIT)]
    assert len(made) == 1
    assert all(made[0].hit_id in str(found) for found in results if not isinstance(found, HIT))
    assert HIT.objects.count() == RequestToken.objects.count() == 1
    assert requester.transactions.count() == 2


def test_a_hit_may_bring_its_page_or_its_questions(wire: Wire) -> None:
    for question in (html_question(), a_form()):
        made = _create(wire, Question=question)[1]["HIT"]
        assert made["Question"] == question
        assert HIT.objects.get(hit_id=made["HITId"]).frame_url == ""
    for wrong in (html_question(" "), html_question(height="x"), a_form("<More/>")):
        assert _create(wire, Question=wrong)[0] == 400


def test_too_little_money_changes_nothing(wire: Wire) -> None:
    status, body = _create(wire, Reward="10.00", MaxAssignments=9, UniqueRequestToken="lot-1")
    assert status == 400
    assert body["TurkErrorCode"] == "AWS.MechanicalTurk.InsufficientFunds"
    assert not HIT.objects.exists()
    assert not HITType.objects.exists()
    assert not RequestToken.objects.exists()
    assert wire.call("GetAccountBalance")[1]["AvailableBalance"] == "100.00"
    # The token was not used up.
    assert _create(wire, UniqueRequestToken="lot-1")[0] == 200
    assert _create(wire, Reward="10000.00", MaxAssignments=1_000_000_000)[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"LifetimeInSeconds": 29},
        {"LifetimeInSeconds": 31536001},
        {"MaxAssignments": 0},
        {"MaxAssignments": 1_000_000_001},
        {"RequesterAnnotation": "x" * 256},
        {"RequesterAnnotation": "é"},
        {"UniqueRequestToken": "x" * 65},
        {"UniqueRequestToken": ""},
        {"Question": ""},
        {"Question": a_question("http://lab.example/")},
    ],
)
def test_limits(wire: Wire, change: dict[str, object]) -> None:
    status, body = _create(wire, **change)
    assert (status, body["TurkErrorCode"]) == (400, "AWS.MechanicalTurk.InvalidParameterValue")
    assert not HIT.objects.exists()


def test_what_is_not_offered_is_refused_by_name(wire: Wire) -> None:
    for values, code, name in (
        ({"HITReviewPolicy": {"PolicyName": "x"}}, "OperationNotSupported", "HITReviewPolicy"),
        ({"HITLayoutId": "3A"}, "HITLayoutDoesNotExist", "3A"),
        (
            {"HITLayoutParameters": [{"Name": "a", "Value": "b"}]},
            "InvalidParameterValue",
            "HITLayoutId",
        ),
    ):
        _, body = _create(wire, **values)
        assert body["TurkErrorCode"] == f"AWS.MechanicalTurk.{code}"
        assert name in body["Message"]


def test_other_requesters_hits_do_not_exist(wire: Wire) -> None:
    hit = a_hit(a_requester())
    for operation, more in (
        ("GetHIT", {}),
        ("ListAssignmentsForHIT", {}),
        ("UpdateExpirationForHIT", {"ExpireAt": 0}),
    ):
        _, body = wire.call(operation, HITId=hit.hit_id, **more)
        assert body["TurkErrorCode"] == "AWS.MechanicalTurk.HITDoesNotExist"
    _, body = wire.call("CreateHITWithHITType", HITTypeId=hit.hit_type.hit_type_id, **LOT)
    assert body["TurkErrorCode"] == "AWS.MechanicalTurk.HITTypeDoesNotExist"
    assert wire.call("ListHITs")[1] == {"NumResults": 0, "HITs": []}


def test_listing_pages_end_with_an_empty_one(wire: Wire) -> None:
    made = [a_hit(wire.requester).hit_id for _ in range(12)]
    seen, sizes = [], []
    token: dict[str, str] = {}
    while True:
        _, found = wire.call("ListHITs", **token)
        sizes.append(found["NumResults"])
        seen += [hit["HITId"] for hit in found["HITs"]]
        if "NextToken" not in found:
            break
        token = {"NextToken": found["NextToken"]}
        assert len(found["NextToken"]) <= 255
    assert (seen, sizes) == (made, [10, 2, 0])


def test_boto3_paginates_expires_and_reads_times(mturk: MTurkClient) -> None:
    made = [
        mturk.create_hit(
            Title="t",
            Description="d",
            Reward="0.05",
            AssignmentDurationInSeconds=60,
            LifetimeInSeconds=600,
            Question=a_question(),
        )["HIT"]
        for _ in range(5)
    ]
    pages = mturk.get_paginator("list_hits").paginate(PaginationConfig={"PageSize": 2})
    assert [hit["HITId"] for page in pages for hit in page["HITs"]] == [
        hit["HITId"] for hit in made
    ]
    hit = mturk.get_hit(HITId=made[0]["HITId"])["HIT"]
    assert abs(hit["CreationTime"] - datetime.now(tz=UTC)) < timedelta(minutes=1)
    assert hit["HITStatus"] == "Assignable"
    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=datetime(2015, 1, 1, tzinfo=UTC))
    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["HITStatus"] == "Reviewable"
    assert mturk.get_account_balance()["OnHoldBalance"] == "0.24"
    with pytest.raises(mturk.exceptions.RequestError) as refused:
        mturk.get_hit(HITId="3NOSUCHHIT")
    assert refused.value.response.get("TurkErrorCode") == "AWS.MechanicalTurk.HITDoesNotExist"


def test_get_hit_sees_what_time_has_done(wire: Wire, moved: MovedClock) -> None:
    hit = a_hit(wire.requester, duration_s=60, lifetime_s=3600)
    an_accepted(hit)
    assert wire.call("GetHIT", HITId=hit.hit_id)[1]["HIT"]["NumberOfAssignmentsPending"] == 1
    moved.forward(61)
    seen = wire.call("GetHIT", HITId=hit.hit_id)[1]["HIT"]
    assert (seen["NumberOfAssignmentsPending"], seen["HITStatus"]) == (0, "Assignable")
