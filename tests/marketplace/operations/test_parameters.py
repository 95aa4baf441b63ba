from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.operations.parameters import (
    feedback,
    filled,
    flag,
    moment,
    refuse_unsupported,
    text,
    whole,
)


def test_present_and_absent_values() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    given = {"Title": "abc", "MaxAssignments": 3, "ExpireAt": now, "OverrideRejection": True}
    assert text(given, "Title", longest=3) == filled(given, "Title", longest=3) == "abc"
    assert text(given, "Keywords") == ""
    assert whole(given, "MaxAssignments", low=1, high=3) == 3
    assert whole({}, "MaxAssignments", low=1, high=3, default=1) == 1
    assert moment(given, "ExpireAt") == now
    assert flag(given, "OverrideRejection") is True
    assert flag({}, "OverrideRejection") is False
    assert feedback({}, required=False) == ""


def test_limits() -> None:
    with pytest.raises(InvalidParameterError, match="at most 2 characters, not 3"):
        text({"Title": "abc"}, "Title", longest=2)
    with pytest.raises(InvalidParameterError, match="from 1 to 2, not 3"):
        whole({"MaxAssignments": 3}, "MaxAssignments", low=1, high=2)
    with pytest.raises(InvalidParameterError, match="must not be empty"):
        feedback({}, required=True)
    with pytest.raises(RequestRefusedError, match="HITLayoutId"):
        refuse_unsupported({"HITLayoutId": "3A"}, names=("HITLayoutId",))


def test_a_slip_in_our_own_code_is_no_refusal() -> None:
    with pytest.raises(TypeError):
        text({"Title": 3}, "Title")
    with pytest.raises(TypeError):
        moment({"ExpireAt": 3}, "ExpireAt")
    with pytest.raises(TypeError):
        whole({"Title": "x"}, "Title", low=0, high=1)
