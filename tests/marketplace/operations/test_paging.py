from __future__ import annotations

import pytest

from marketplace.models import Requester
from marketplace.operations.paging import page, page_size, position
from tests.marketplace.conftest import Wire
from tests.marketplace.factories import a_hit, a_requester, a_submitted


def test_a_token_opens_the_same_list_of_the_same_requester_only(wire: Wire) -> None:
    one, two = a_hit(wire.requester), a_hit(wire.requester)
    a_submitted(one)
    token = wire.call("ListAssignmentsForHIT", HITId=one.hit_id)[1]["NextToken"]
    for operation, more in (
        ("ListAssignmentsForHIT", {"HITId": two.hit_id}),
        ("ListAssignmentsForHIT", {"HITId": one.hit_id, "AssignmentStatuses": ["Approved"]}),
        ("ListHITs", {}),
    ):
        status, body = wire.call(operation, NextToken=token, **more)
        assert (status, "NextToken" in body["Message"]) == (400, True)
    other = wire.call("ListHITs")[1]["NextToken"]
    assert Wire(a_requester()).call("ListHITs", NextToken=other)[0] == 400


@pytest.mark.parametrize("token", ["x", "a:b", "W10:" + "a" * 43])
def test_forged_tokens(wire: Wire, token: str) -> None:
    status, body = wire.call("ListHITs", NextToken=token)
    assert (status, body["TurkErrorCode"]) == (400, "AWS.MechanicalTurk.InvalidParameterValue")


def test_sizes_and_an_empty_list(requester: Requester) -> None:
    assert page_size({}) == 10
    assert page_size({"MaxResults": 100}) == 100
    empty = page([], name="HITs", last_key=[], requester=requester, listing="hits")
    assert empty == {"NumResults": 0, "HITs": []}
    assert position({}, requester=requester, listing="hits") is None
