from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from marketplace import builtin
from marketplace.actions.request_qualification import request_qualification
from marketplace.models import HITType, Message, QualificationType
from tests.marketplace.conftest import Wire, client_of
from tests.marketplace.exams import a_choice, a_form, a_key
from tests.marketplace.factories import (
    a_hit,
    a_qualification_type,
    a_question,
    a_requester,
    a_worker,
    asking,
)

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

TYPE: dict[str, Any] = {
    "Name": "Cats and dogs",
    "Description": "Tell one from the other.",
    "QualificationTypeStatus": "Active",
}
EXAM: dict[str, Any] = {"Test": a_form(), "AnswerKey": a_key(), "TestDurationInSeconds": 300}


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 400, answer
    return str(answer[1]["TurkErrorCode"]).removeprefix("AWS.MechanicalTurk.")


def _create(wire: Wire, **values: Any) -> tuple[int, dict[str, Any]]:
    return wire.call("CreateQualificationType", **TYPE | values)


def test_a_type_with_and_without_a_test(wire: Wire) -> None:
    plain = _create(wire)[1]["QualificationType"]
    assert plain == {
        "QualificationTypeId": plain["QualificationTypeId"],
        "CreationTime": plain["CreationTime"],
        "Name": "Cats and dogs",
        "Description": "Tell one from the other.",
        "QualificationTypeStatus": "Active",
        "IsRequestable": True,
        "AutoGranted": False,
    }
    exam = _create(wire, Name="n2", Keywords="cat,dog", RetryDelayInSeconds=60, **EXAM)[1]
    seen = wire.call(
        "GetQualificationType",
        QualificationTypeId=exam["QualificationType"]["QualificationTypeId"],
    )[1]
    assert seen == exam
    assert {name: seen["QualificationType"][name] for name in EXAM} == EXAM
    auto = _create(wire, Name="n3", AutoGranted=True, AutoGrantedValue=7)[1]["QualificationType"]
    assert (auto["AutoGranted"], auto["AutoGrantedValue"]) == (True, 7)


def test_names_are_once_per_requester(wire: Wire) -> None:
    assert _create(wire)[0] == 200
    again = _create(wire)
    assert _code(again) == "QualificationTypeAlreadyExists"
    assert again[1]["Message"].startswith(
        "You have already created a QualificationType with this name"
    )
    assert _create(Wire(a_requester()))[0] == 200


@pytest.mark.parametrize(
    "change",
    [
        {"Name": " "},
        {"Name": "x" * 201},
        {"Description": "x" * 2001},
        {"Keywords": "x" * 1001},
        {"QualificationTypeStatus": "Idle"},
        {"RetryDelayInSeconds": -1},
        {"Test": a_form()},
        {"AnswerKey": a_key()},
        {"TestDurationInSeconds": 60},
        {**EXAM, "AutoGranted": True},
        {**EXAM, "Test": a_form(a_choice("cat"))},
        {**EXAM, "Test": " " * 65_536},
    ],
)
def test_limits(wire: Wire, change: dict[str, Any]) -> None:
    assert _code(_create(wire, **change)) == "InvalidParameterValue"
    assert not QualificationType.objects.exists()


def test_a_test_that_cannot_be_read_is_refused(wire: Wire) -> None:
    for change in ({"Test": "<x/>"}, {"AnswerKey": "<x/>"}, {"Test": a_question()}):
        assert _code(_create(wire, **EXAM | change)) == "XMLParseError"


def test_updates_keep_what_is_not_given(wire: Wire) -> None:
    type_id = _create(wire, RetryDelayInSeconds=60)[1]["QualificationType"]["QualificationTypeId"]

    def update(**values: Any) -> tuple[int, dict[str, Any]]:
        return wire.call("UpdateQualificationType", QualificationTypeId=type_id, **values)

    first = update(QualificationTypeStatus="Inactive")[1]["QualificationType"]
    assert (first["QualificationTypeStatus"], first["RetryDelayInSeconds"]) == ("Inactive", 60)
    second = update(Description="New words.", **EXAM)[1]["QualificationType"]
    assert (second["Description"], second["Test"]) == ("New words.", EXAM["Test"])
    # A test comes with all its parts: without a key it is marked by hand from now on.
    third = update(Test=a_form(), TestDurationInSeconds=60)[1]["QualificationType"]
    assert "AnswerKey" not in third
    for wrong in (
        {"Test": ""},
        {"Test": a_form()},
        {"AnswerKey": a_key()},
        {"TestDurationInSeconds": 9},
        {"AutoGranted": True},
    ):
        assert _code(update(**wrong)) == "InvalidParameterValue"
    kept = wire.call("GetQualificationType", QualificationTypeId=type_id)[1]["QualificationType"]
    assert kept == third


def test_others_see_a_type_and_not_how_it_is_marked(wire: Wire) -> None:
    theirs = a_qualification_type(
        a_requester(), test=a_form(), answer_key=a_key(), test_duration_s=60
    )
    ask = {"QualificationTypeId": theirs.qualification_type_id}
    seen = wire.call("GetQualificationType", **ask)[1]["QualificationType"]
    assert seen["Name"] == theirs.name
    assert {"Test", "AnswerKey"}.isdisjoint(seen)
    listed = wire.call("ListQualificationTypes", MustBeRequestable=True)[1]["QualificationTypes"]
    assert listed == [seen]
    for operation, more in (
        ("UpdateQualificationType", {"Description": "mine now"}),
        ("DeleteQualificationType", {}),
        ("ListWorkersWithQualificationType", {}),
        ("ListQualificationRequests", {}),
    ):
        assert _code(wire.call(operation, **ask, **more)) == "QualificationTypeDoesNotExist"


def test_built_in_types_are_there_for_all(wire: Wire) -> None:
    for type_id in builtin.NAMES:
        seen = wire.call("GetQualificationType", QualificationTypeId=type_id)[1]
        assert seen["QualificationType"]["IsRequestable"] is False


def test_search(wire: Wire) -> None:
    for name, keywords, status in (
        ("Cats", "fur,paws", "Active"),
        ("Dogs", "fur", "Active"),
        ("Birds", "wings", "Inactive"),
    ):
        _create(wire, Name=name, Keywords=keywords, QualificationTypeStatus=status)
    a_qualification_type(a_requester(), description="fur of others")

    def names(**query: object) -> list[str]:
        answer = wire.call("ListQualificationTypes", **query)[1]
        return [one["Name"] for one in answer["QualificationTypes"]]

    own = {"MustBeOwnedByCaller": True, "MustBeRequestable": False}
    assert names(**own) == ["Cats", "Dogs", "Birds"]
    assert names(**own | {"MustBeRequestable": True}) == ["Cats", "Dogs"]
    assert names(Query="FUR", **own) == ["Cats", "Dogs"]
    assert names(Query="fur paws", **own) == ["Cats"]
    assert len(names(Query="fur", MustBeRequestable=True)) == 3
    page = wire.call("ListQualificationTypes", MaxResults=1, **own)[1]
    rest = wire.call("ListQualificationTypes", NextToken=page["NextToken"], **own)[1]
    assert rest["NumResults"] == 2
    other = wire.call("ListQualificationTypes", NextToken=page["NextToken"], Query="fur", **own)
    assert _code(other) == "InvalidParameterValue"


def test_deletion_takes_hit_types_and_requests_along(wire: Wire) -> None:
    kind = a_qualification_type(wire.requester)
    worker = a_worker()
    request = request_qualification(kind, worker=worker)
    hit = a_hit(wire.requester)
    asking(hit.hit_type, kind.qualification_type_id, "Exists")
    ask = {"QualificationTypeId": kind.qualification_type_id}
    assert wire.call("ListHITsForQualificationType", **ask)[1]["NumResults"] == 1
    assert wire.call("DeleteQualificationType", **ask) == (200, {})
    request.refresh_from_db()
    assert request.status == "rejected"
    assert Message.objects.get().worker == worker
    for operation in (
        "DeleteQualificationType",
        "GetQualificationType",
        "ListHITsForQualificationType",
    ):
        assert _code(wire.call(operation, **ask)) == "QualificationTypeDoesNotExist"
    lot = {"HITTypeId": hit.hit_type.hit_type_id, "LifetimeInSeconds": 60}
    again = wire.call("CreateHITWithHITType", Question=a_question(), **lot)
    assert _code(again) == "HITTypeDoesNotExist"
    # The HIT that was there goes on, and the name is free.
    assert wire.call("GetHIT", HITId=hit.hit_id)[1]["HIT"]["HITStatus"] == "Assignable"
    assert HITType.objects.get().deleted_at is not None
    assert _create(wire, Name=kind.name)[0] == 200


def test_boto3_makes_changes_lists_and_deletes(site: str) -> None:
    mturk: MTurkClient = client_of(a_requester(), url=site)
    made = mturk.create_qualification_type(**TYPE, **EXAM)["QualificationType"]
    type_id = made["QualificationTypeId"]
    mturk.update_qualification_type(QualificationTypeId=type_id, RetryDelayInSeconds=5)
    pages = mturk.get_paginator("list_qualification_types").paginate(
        MustBeRequestable=True, MustBeOwnedByCaller=True
    )
    [listed] = [one for page in pages for one in page["QualificationTypes"]]
    assert (listed["QualificationTypeId"], listed["RetryDelayInSeconds"]) == (type_id, 5)
    mturk.delete_qualification_type(QualificationTypeId=type_id)
    with pytest.raises(mturk.exceptions.RequestError, match="does not exist"):
        mturk.get_qualification_type(QualificationTypeId=type_id)
