from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from marketplace import clock
from tests.marketplace.conftest import MovedClock


def test_the_clock_moves_with_the_setting_alone(moved: MovedClock) -> None:
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=5)
    moved.forward(86_400)
    ahead = clock.now() - timezone.now()
    assert abs(ahead - timedelta(days=1)) < timedelta(seconds=5)
