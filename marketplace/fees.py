"""What one assignment costs: the reward and the marketplace's fee, in US dollars."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
BASE_RATE = Decimal("0.20")
MANY_ASSIGNMENTS_RATE = Decimal("0.20")
MANY_ASSIGNMENTS = 10
MASTERS_RATE = Decimal("0.05")
MINIMUM_FEE = CENT


def _fee(amount: Decimal, *, rate: Decimal) -> Decimal:
    """That part of an amount, halves of a cent rounded up, at least one cent."""
    return max((amount * rate).quantize(CENT, rounding=ROUND_HALF_UP), MINIMUM_FEE)


def fee_per_assignment(reward: Decimal, *, max_assignments: int, masters: bool = False) -> Decimal:
    """20 % of the reward; 20 % more from ten assignments per HIT on, 5 % more for Masters."""
    rate = BASE_RATE
    if max_assignments >= MANY_ASSIGNMENTS:
        rate += MANY_ASSIGNMENTS_RATE
    if masters:
        rate += MASTERS_RATE
    return _fee(reward, rate=rate)


def fee_on_bonus(amount: Decimal) -> Decimal:
    """20 % of a bonus, whatever the HIT."""
    return _fee(amount, rate=BASE_RATE)


def to_cents(amount: Decimal) -> int:
    """Whole cents of an amount that has no fractions of a cent."""
    cents = amount / CENT
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} USD is not a whole number of cents")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    """US dollars with two decimal places."""
    return (Decimal(cents) * CENT).quantize(CENT)
