from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.marketplace.robots.lab import Lab, running_lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    with running_lab() as found:
        yield found
