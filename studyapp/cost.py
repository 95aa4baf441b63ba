"""What a study costs: rewards and the marketplace's fees, in US dollars and cents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from studyapp.plurals import counted

CENT = Decimal("0.01")
FEE_RATE = Decimal("0.20")
#: HITs for this many raters or more cost the surcharge on every assignment.
MANY_RATERS = 10
MANY_RATERS_RATE = Decimal("0.20")
#: On top for a study of Masters.
MASTERS_RATE = Decimal("0.05")
LEAST_FEE = CENT


@dataclass(frozen=True)
class Cost:
    """The price of publishing `hits` HITs with `trials` trials among them."""

    trials: int
    hits: int
    raters_per_hit: int
    reward: Decimal
    fee: Decimal

    @property
    def assignments(self) -> int:
        return self.hits * self.raters_per_hit

    @property
    def rewards(self) -> Decimal:
        return self.assignments * self.reward

    @property
    def fees(self) -> Decimal:
        return self.assignments * self.fee

    @property
    def total(self) -> Decimal:
        return self.rewards + self.fees

    def lines(self) -> list[str]:
        """The estimate as a person reads it."""
        asked = (
            f"{counted(self.trials, 'trial')} in {counted(self.hits, 'HIT')} for "
            f"{counted(self.raters_per_hit, 'rater')} each"
        )
        rewards = f"rewards {self.rewards:,.2f} USD ({self.reward:.2f} each)"
        fees = f"fees {self.fees:,.2f} USD ({self.fee:.2f} each)"
        lines = [
            f"{asked}: {counted(self.assignments, 'assignment')}",
            f"{rewards} + {fees} = {self.total:,.2f} USD",
        ]
        if self.raters_per_hit >= MANY_RATERS:
            lines.append(
                f"HITs for {MANY_RATERS} raters or more cost a surcharge of "
                f"{MANY_RATERS_RATE:.0%}: nine raters or fewer avoid it"
            )
        return lines


def fee_per_assignment(reward: Decimal, *, raters_per_hit: int, masters: bool = False) -> Decimal:
    """20 % of the reward, 40 % from ten raters per HIT on, 5 % more for Masters.

    At least one cent; halves round up.
    """
    rate = FEE_RATE + (MANY_RATERS_RATE if raters_per_hit >= MANY_RATERS else 0)
    rate += MASTERS_RATE if masters else 0
    return max((reward * rate).quantize(CENT, rounding=ROUND_HALF_UP), LEAST_FEE)


def fee_on_bonus(amount: Decimal) -> Decimal:
    """20 % of the bonus, whatever the HIT, at least one cent; halves round up."""
    return max((amount * FEE_RATE).quantize(CENT, rounding=ROUND_HALF_UP), LEAST_FEE)


def estimate_cost(
    *,
    trials: int,
    trials_per_hit: int,
    raters_per_trial: int,
    reward: Decimal,
    masters: bool = False,
) -> Cost:
    """The cost of so many trials, cut into HITs of `trials_per_hit` (the last may be shorter)."""
    return cost_of_hits(
        -(-trials // trials_per_hit),
        trials=trials,
        raters_per_hit=raters_per_trial,
        reward=reward,
        masters=masters,
    )


def cost_of_hits(
    hits: int, *, trials: int, raters_per_hit: int, reward: Decimal, masters: bool = False
) -> Cost:
    """The cost of a known number of HITs."""
    return Cost(
        trials=trials,
        hits=hits,
        raters_per_hit=raters_per_hit,
        reward=reward,
        fee=fee_per_assignment(reward, raters_per_hit=raters_per_hit, masters=masters),
    )
