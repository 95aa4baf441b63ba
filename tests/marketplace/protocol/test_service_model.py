from __future__ import annotations

import pytest

from marketplace.errors import ProtocolError
from marketplace.protocol.service_model import operation_for, service_model


def test_all_39_operations_are_known_by_their_target() -> None:
    names = service_model().operation_names
    assert len(names) == 39
    for name in names:
        assert operation_for(f"MTurkRequesterServiceV20170117.{name}").name == name


@pytest.mark.parametrize(
    "target",
    [
        "",
        "GetHIT",
        "OtherService.GetHIT",
        "MTurkRequesterServiceV20170117.",
        "MTurkRequesterServiceV20170117.getHIT",
        "MTurkRequesterServiceV20170117.GetHIT.GetHIT",
    ],
)
def test_other_targets_are_unknown(target: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        operation_for(target)
    assert refused.value.wire_type == "UnknownOperationException"
