from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.fees import fee_per_assignment, from_cents, to_cents


@pytest.mark.parametrize(
    ("reward", "max_assignments", "fee"),
    [
        ("0.01", 1, "0.01"),  # the minimum: 20 % would be 0.002
        ("0.10", 1, "0.02"),
        ("0.10", 9, "0.02"),
        ("0.10", 10, "0.04"),
        ("0.12", 1, "0.02"),  # 0.024
        ("0.13", 1, "0.03"),  # 0.026
        ("0.33", 10, "0.13"),  # 0.132
        ("1.00", 5, "0.20"),
        ("0.025", 1, "0.01"),  # 0.005 rounds up
    ],
)
def test_fee_table(reward: str, max_assignments: int, fee: str) -> None:
    found = fee_per_assignment(Decimal(reward), max_assignments=max_assignments)
    assert found == Decimal(fee)


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=1, max_value=100))
def test_fee_is_within_half_a_cent_of_the_rate(cents: int, max_assignments: int) -> None:
    fee = fee_per_assignment(from_cents(cents), max_assignments=max_assignments)
    percent = 40 if max_assignments >= 10 else 20
    exact = cents * percent  # in hundredths of a cent
    assert to_cents(fee) == max(1, (exact + 50) // 100)


def test_a_fraction_of_a_cent_has_no_cents() -> None:
    assert to_cents(Decimal("1.10")) == 110
    with pytest.raises(ValueError, match="whole number of cents"):
        to_cents(Decimal("0.005"))
