from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from marketplace.builtin import LOCALE, NUMBER_APPROVED, PERCENT_APPROVED
from marketplace.models import HITType, Requirement
from tests.marketplace.conftest import Wire
from tests.marketplace.factories import a_qualification_type, a_question, a_requester

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

TYPE: dict[str, Any] = {
    "Title": "Is it there?",
    "Description": "Look and answer.",
    "Reward": "0.10",
    "AssignmentDurationInSeconds": 600,
}
PERCENT = {
    "QualificationTypeId": PERCENT_APPROVED,
    "Comparator": "GreaterThanOrEqualTo",
    "IntegerValues": [95],
}


def _create(wire: Wire, *needs: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return wire.call("CreateHITType", **TYPE, QualificationRequirements=list(needs))


def test_equal_requirements_give_the_same_type_and_others_another(wire: Wire) -> None:
    first = _create(wire, PERCENT)[1]["HITTypeId"]
    assert _create(wire, PERCENT | {"ActionsGuarded": "Accept"})[1]["HITTypeId"] == first
    assert _create(wire, PERCENT | {"RequiredToPreview": False})[1]["HITTypeId"] == first
    seen = {first, _create(wire)[1]["HITTypeId"]}
    for change in (
        {"IntegerValues": [96]},
        {"Comparator": "GreaterThan"},
        {"ActionsGuarded": "PreviewAndAccept"},
        {"QualificationTypeId": NUMBER_APPROVED},
    ):
        seen.add(_create(wire, PERCENT | change)[1]["HITTypeId"])
    seen.add(_create(wire, PERCENT, PERCENT | {"Comparator": "LessThan"})[1]["HITTypeId"])
    assert len(seen) == 7
    assert HITType.objects.count() == 7
    assert Requirement.objects.count() == 7


def test_a_hit_shows_what_it_asks_for(mturk: MTurkClient) -> None:
    needs: list[Any] = [
        {
            "QualificationTypeId": LOCALE,
            "Comparator": "In",
            "LocaleValues": [{"Country": "DE"}, {"Country": "US", "Subdivision": "CA"}],
            "ActionsGuarded": "DiscoverPreviewAndAccept",
        },
        {**PERCENT, "RequiredToPreview": True},
    ]
    made = mturk.create_hit(
        **TYPE, LifetimeInSeconds=600, Question=a_question(), QualificationRequirements=needs
    )["HIT"]
    seen = mturk.get_hit(HITId=made["HITId"])["HIT"]["QualificationRequirements"]
    assert seen == [
        {**needs[0], "RequiredToPreview": True},
        {**PERCENT, "RequiredToPreview": True, "ActionsGuarded": "PreviewAndAccept"},
    ]
    assert mturk.list_hits()["HITs"][0]["QualificationRequirements"] == seen
    assert mturk.list_hits_for_qualification_type(QualificationTypeId=LOCALE)["NumResults"] == 1
    other = mturk.list_hits_for_qualification_type(QualificationTypeId=NUMBER_APPROVED)
    assert other["HITs"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"IntegerValues": []},
        {"IntegerValues": [1, 2]},
        {"IntegerValues": [2**31]},
        {"Comparator": "In", "IntegerValues": list(range(16))},
        {"Comparator": "Exists"},
        {"Comparator": "DoesNotExist"},
        {"LocaleValues": [{"Country": "DE"}]},
        {"QualificationTypeId": LOCALE},
        {"ActionsGuarded": "Accept", "RequiredToPreview": True},
        {"ActionsGuarded": "All"},
        {"Comparator": "Like"},
    ],
)
def test_requirements_that_cannot_be(wire: Wire, change: dict[str, Any]) -> None:
    status, body = _create(wire, PERCENT | change)
    assert status == 400
    assert body.get("TurkErrorCode", body["__type"]) in {
        "AWS.MechanicalTurk.InvalidParameterValue",
        "SerializationException",
    }
    assert not HITType.objects.exists()


@pytest.mark.parametrize(
    ("comparator", "locales"),
    [
        ("EqualTo", [{"Country": "DE"}, {"Country": "FR"}]),
        ("GreaterThan", [{"Country": "DE"}]),
        ("In", [{"Country": f"A{letter}"} for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE"]),
        ("In", [{"Country": "de"}]),
        ("In", [{"Country": "DEU"}]),
        ("In", [{"Country": "US", "Subdivision": "c!"}]),
        ("In", []),
        ("In", [{}]),
    ],
)
def test_locales_that_cannot_be(wire: Wire, comparator: str, locales: list[Any]) -> None:
    need = {"QualificationTypeId": LOCALE, "Comparator": comparator, "LocaleValues": locales}
    assert _create(wire, need)[0] == 400
    assert not HITType.objects.exists()


def test_at_most_ten(wire: Wire) -> None:
    needs = [PERCENT | {"IntegerValues": [n]} for n in range(11)]
    assert _create(wire, *needs)[0] == 400
    assert _create(wire, *needs[:10])[0] == 200


def test_types_must_exist_and_be_active(wire: Wire) -> None:
    theirs = a_qualification_type(a_requester())
    idle = a_qualification_type(wire.requester, active=False)
    need = {"Comparator": "Exists"}
    for type_id, code in (
        ("3NOSUCH", "QualificationTypeDoesNotExist"),
        ("", "QualificationTypeDoesNotExist"),
        (idle.qualification_type_id, "InvalidQualificationTypeState"),
    ):
        body = _create(wire, need | {"QualificationTypeId": type_id})[1]
        assert body["TurkErrorCode"] == f"AWS.MechanicalTurk.{code}"
    assert _create(wire, need | {"QualificationTypeId": theirs.qualification_type_id})[0] == 200
