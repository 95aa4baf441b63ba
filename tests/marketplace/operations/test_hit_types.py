from __future__ import annotations

import pytest

from marketplace.models import HITType
from tests.marketplace.conftest import Wire
from tests.marketplace.factories import a_requester

VALUES: dict[str, object] = {
    "Title": "Is it there?",
    "Description": "Look and answer.",
    "Reward": "0.10",
    "AssignmentDurationInSeconds": 600,
}


def test_equal_values_give_the_same_type_and_any_other_value_another(wire: Wire) -> None:
    _, first = wire.call("CreateHITType", **VALUES)
    same = (VALUES, VALUES | {"Reward": "0.1"}, VALUES | {"AutoApprovalDelayInSeconds": 2592000})
    for values in (*same, VALUES | {"Keywords": "", "QualificationRequirements": []}):
        assert wire.call("CreateHITType", **values) == (200, first)
    seen = {first["HITTypeId"]}
    for change in (
        {"Title": "Is it there? "},
        {"Description": "Look."},
        {"Reward": "0.11"},
        {"AssignmentDurationInSeconds": 601},
        {"AutoApprovalDelayInSeconds": 0},
        {"Keywords": "image"},
    ):
        seen.add(wire.call("CreateHITType", **VALUES | change)[1]["HITTypeId"])
    assert len(seen) == 7
    assert HITType.objects.filter(requester=wire.requester).count() == 7


def test_types_belong_to_their_requester(wire: Wire) -> None:
    other = Wire(a_requester())
    mine, theirs = (each.call("CreateHITType", **VALUES)[1] for each in (wire, other))
    assert mine != theirs


@pytest.mark.parametrize(
    "change",
    [
        {"Title": "x" * 129},
        {"Title": " "},
        {"Description": "x" * 2001},
        {"Description": ""},
        {"Keywords": "x" * 1001},
        {"Reward": "0.00"},
        {"Reward": "0"},
        {"Reward": "10000.01"},
        {"Reward": "9" * 500},
        {"Reward": "0.105"},
        {"Reward": "$1"},
        {"Reward": "-1"},
        {"Reward": "1e3"},
        {"Reward": "\u0661"},
        {"AssignmentDurationInSeconds": 29},
        {"AssignmentDurationInSeconds": 31536001},
        {"AutoApprovalDelayInSeconds": -1},
        {"AutoApprovalDelayInSeconds": 2592001},
    ],
)
def test_limits(wire: Wire, change: dict[str, object]) -> None:
    status, body = wire.call("CreateHITType", **VALUES | change)
    assert status == 400
    assert body["TurkErrorCode"] == "AWS.MechanicalTurk.InvalidParameterValue"
    assert not HITType.objects.exists()
