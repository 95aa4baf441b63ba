"""What one assignment costs: the reward and the marketplace's fee, in US dollars."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
BASE_RATE = Decimal("0.20")
MANY_ASSIGNMENTS_RATE = Decimal("0.20")
MANY_ASSIGNMENTS = 10
MINIMUM_FEE = CENT


def fee_per_assignment(reward: Decimal, *, max_assignments: int) -> Decimal:
    """20 % of the reward, 40 % from ten assignments per HIT on, at least one cent.

    Halves of a cent are rounded up.
    """
    rate = BASE_RATE
    if max_assignments >= MANY_ASSIGNMENTS:
        rate += MANY_ASSIGNMENTS_RATE
    fee = (reward * rate).quantize(CENT, rounding=ROUND_HALF_UP)
    return max(fee, MINIMUM_FEE)


def to_cents(amount: Decimal) -> int:
    """Whole cents of an amount that has no fractions of a cent."""
    cents = amount / CENT
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} USD is not a whole number of cents")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    """US dollars with two decimal places."""
    return (Decimal(cents) * CENT).quantize(CENT)
