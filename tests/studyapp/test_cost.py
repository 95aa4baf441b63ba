from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import fees
from studyapp.cost import cost_of_hits, estimate_cost, fee_per_assignment

rewards = st.decimals(min_value=0, max_value=Decimal("999.99"), places=2)


def test_a_study_worked_out_by_hand() -> None:
    """12 trials, 5 a HIT: 3 HITs for 5 raters are 15 assignments of 0.10 + 0.02 dollars."""
    cost = estimate_cost(trials=12, trials_per_hit=5, raters_per_trial=5, reward=Decimal("0.10"))
    assert (cost.hits, cost.assignments) == (3, 15)
    assert (cost.rewards, cost.fees, cost.total) == (
        Decimal("1.50"),
        Decimal("0.30"),
        Decimal("1.80"),
    )
    assert cost.lines() == [
        "12 trials in 3 HITs for 5 raters each: 15 assignments",
        "rewards 1.50 USD (0.10 each) + fees 0.30 USD (0.02 each) = 1.80 USD",
    ]


def test_the_papers_study_worked_out_by_hand() -> None:
    """11,345 errors, 10 a HIT, 5 raters, 0.25 dollars: 5,675 assignments of 0.30 dollars."""
    cost = estimate_cost(
        trials=11_345, trials_per_hit=10, raters_per_trial=5, reward=Decimal("0.25")
    )
    assert (cost.hits, cost.assignments, cost.total) == (1_135, 5_675, Decimal("1702.50"))


@pytest.mark.parametrize(
    ("reward", "raters", "fee"),
    [
        ("0.01", 1, "0.01"),  # 0.002, raised to a cent
        ("0.10", 9, "0.02"),
        ("0.10", 10, "0.04"),
        ("0.12", 5, "0.02"),  # 0.024
        ("0.13", 5, "0.03"),  # 0.026
        ("0.025", 5, "0.01"),  # 0.005 rounds up
        ("0.00", 5, "0.01"),
    ],
)
def test_fees_by_hand(reward: str, raters: int, fee: str) -> None:
    assert fee_per_assignment(Decimal(reward), raters_per_hit=raters) == Decimal(fee)


@given(reward=rewards, raters=st.integers(1, 99))
def test_the_estimate_is_what_the_marketplace_takes(reward: Decimal, raters: int) -> None:
    assert fee_per_assignment(reward, raters_per_hit=raters) == fees.fee_per_assignment(
        reward, max_assignments=raters
    )


@given(
    trials=st.integers(0, 5000),
    per_hit=st.integers(1, 200),
    raters=st.integers(1, 99),
    reward=rewards,
)
def test_totals_add_up(trials: int, per_hit: int, raters: int, reward: Decimal) -> None:
    cost = estimate_cost(
        trials=trials, trials_per_hit=per_hit, raters_per_trial=raters, reward=reward
    )
    assert cost.hits * per_hit >= trials > (cost.hits - 1) * per_hit or trials == cost.hits == 0
    assert cost.total == cost.assignments * (reward + cost.fee)
    assert cost.total == cost.total.quantize(Decimal("0.01"))


def test_the_surcharge_is_said() -> None:
    cost = cost_of_hits(1, trials=3, raters_per_hit=10, reward=Decimal("0.10"))
    assert "nine raters or fewer avoid it" in cost.lines()[-1]
