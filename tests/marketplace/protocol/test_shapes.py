from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marketplace.errors import InvalidParameterError, MarketplaceError, ProtocolError
from marketplace.protocol.service_model import service_model
from marketplace.protocol.shapes import checked_parameters

GOOD: dict[str, object] = {
    "HITTypeId": "3ABC",
    "LifetimeInSeconds": 60,
    "Question": "<q/>",
    "UniqueRequestToken": "t",
}

HOSTILE: list[object] = [{}, [], "", -1, None, True, {"": ""}, [[]], "\ud800", 1e308]


def _check(operation: str, value: object) -> dict[str, object]:
    return checked_parameters(value, shape=service_model().operation_model(operation).input_shape)


def test_good_parameters_come_out_as_they_went_in() -> None:
    assert _check("CreateHITWithHITType", GOOD) == GOOD
    assert _check("GetAccountBalance", {}) == {}
    assert _check("CreateHITWithHITType", GOOD | {"MaxAssignments": None}) == GOOD


def test_a_time_becomes_a_datetime() -> None:
    found = _check("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": 0})
    assert found["ExpireAt"] == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"HITTypeId": None}, "required parameter HITTypeId is missing"),
        ({"HITTypeId": ""}, "at least 1"),
        ({"HITTypeId": "A" * 65}, "at most 64"),
        ({"HITTypeId": "abc"}, "pattern"),
        ({"HITTypeId": "ABC\n"}, "pattern"),
        ({"HITTypeId": "ABÇ"}, "pattern"),
        ({"UniqueRequestToken": "x" * 65}, "at most 64"),
        ({"Question": "a\x00b"}, "not text"),
        ({"Question": "a\ud800b"}, "not text"),
        ({"Surprise": 1}, "Unknown parameter Surprise"),
        ({"AssignmentReviewPolicy": {}}, "AssignmentReviewPolicy.PolicyName is missing"),
    ],
)
def test_rules_the_client_library_does_not_check(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidParameterError, match=message):
        _check("CreateHITWithHITType", GOOD | change)


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("ListHITs", {"MaxResults": 0}),
        ("ListHITs", {"MaxResults": 101}),
        ("ListHITs", {"NextToken": "x" * 256}),
        ("ListAssignmentsForHIT", {"HITId": "3A", "AssignmentStatuses": ["Accepted"]}),
        ("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": 1e18}),
        ("SendBonus", {"WorkerId": "B1", "AssignmentId": "3", "Reason": "", "BonusAmount": "1"}),
        ("SendBonus", {"WorkerId": "A1", "AssignmentId": "3", "Reason": "", "BonusAmount": "$1"}),
        (
            "SendBonus",
            {"WorkerId": "A1", "AssignmentId": "3", "Reason": "", "BonusAmount": "1.005"},
        ),
    ],
)
def test_maxima_patterns_and_enumerations(operation: str, value: dict[str, object]) -> None:
    with pytest.raises(InvalidParameterError):
        _check(operation, value)


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("ListHITs", []),
        ("ListHITs", None),
        ("ListHITs", "text"),
        ("ListHITs", {"MaxResults": "10"}),
        ("ListHITs", {"MaxResults": 10.0}),
        ("ListHITs", {"MaxResults": True}),
        ("ListHITs", {"MaxResults": 2**40}),
        ("GetHIT", {"HITId": 3}),
        ("ApproveAssignment", {"AssignmentId": "3A", "OverrideRejection": "true"}),
        ("ListAssignmentsForHIT", {"HITId": "3A", "AssignmentStatuses": "Submitted"}),
        ("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": "soon"}),
        ("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": False}),
    ],
)
def test_wrong_types(operation: str, value: object) -> None:
    with pytest.raises(ProtocolError) as refused:
        _check(operation, value)
    assert refused.value.wire_type == "SerializationException"


def test_every_operation_survives_hostile_bodies() -> None:
    for name in service_model().operation_names:
        members = service_model().operation_model(name).input_shape
        assert members is not None
        for hostile in HOSTILE:
            for member in members.members:
                with pytest.raises(MarketplaceError):
                    _check(name, {member: hostile, "Unknown": 1})
