from __future__ import annotations

import pytest

from demo.errors import DemoError, NetworkError, TruthError, WorldError


@pytest.mark.parametrize("family", [NetworkError, TruthError, WorldError])
def test_every_family_has_the_one_base(family: type[DemoError]) -> None:
    with pytest.raises(DemoError, match="what happened"):
        raise family("what happened")
