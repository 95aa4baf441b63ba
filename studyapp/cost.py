"""What a study costs: rewards and the recruiter's fees, in US dollars and cents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from studyapp.plurals import counted

CENT = Decimal("0.01")
FEE_RATE = Decimal("0.20")
#: HITs for this many raters or more cost the surcharge on every assignment.
MANY_RATERS = 10
MANY_RATERS_RATE = Decimal("0.20")
#: On top for work of Masters.
MASTERS_RATE = Decimal("0.05")
LEAST_FEE = CENT


@dataclass(frozen=True)
class Fees:
    """What a recruiter takes on top, as shares of what raters get.

    `many` is added from MANY_RATERS raters per HIT on, and `chosen` for raters of a chosen kind; on
    bonuses there is neither. No fee is below `least`.
    """

    rate: Decimal
    many: Decimal = Decimal(0)
    least: Decimal = Decimal("0.00")
    chosen: Decimal = Decimal(0)

    def of(self, amount: Decimal, *, raters_per_hit: int | None = None) -> Decimal:
        """The fee on a reward, or on a bonus, which is of no HIT; halves of a cent round up."""
        rate = self.rate
        if raters_per_hit is not None:
            rate += self.chosen + (self.many if raters_per_hit >= MANY_RATERS else 0)
        return max((amount * rate).quantize(CENT, rounding=ROUND_HALF_UP), self.least)


MTURK_FEES = Fees(FEE_RATE, many=MANY_RATERS_RATE, least=LEAST_FEE)
MASTERS_FEES = replace(MTURK_FEES, chosen=MASTERS_RATE)


@dataclass(frozen=True)
class Cost:
    """The price of publishing `hits` HITs with `trials` trials among them."""

    trials: int
    hits: int
    raters_per_hit: int
    reward: Decimal
    fee: Decimal
    #: What `fee` was taken from.
    schedule: Fees = MTURK_FEES

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
        if self.schedule.many and self.raters_per_hit >= MANY_RATERS:
            lines.append(
                f"HITs for {MANY_RATERS} raters or more cost a surcharge of "
                f"{self.schedule.many:.0%}: nine raters or fewer avoid it, and more can be spread "
                "over several HITs (most_raters_per_hit)"
            )
        return lines


@dataclass(frozen=True)
class Costs:
    """The price of HITs that are for different numbers of raters."""

    parts: tuple[Cost, ...]
    #: What a person should know about the sum.
    note: str = ""

    @property
    def hits(self) -> int:
        return sum(part.hits for part in self.parts)

    @property
    def assignments(self) -> int:
        return sum(part.assignments for part in self.parts)

    @property
    def raters_per_hit(self) -> int:
        """Of the HIT with the most."""
        return max((part.raters_per_hit for part in self.parts), default=0)

    @property
    def trials(self) -> int:
        """Places of trials in HITs; one that is in two counts twice."""
        return sum(part.trials for part in self.parts)

    @property
    def rewards(self) -> Decimal:
        return sum((part.rewards for part in self.parts), Decimal("0.00"))

    @property
    def fees(self) -> Decimal:
        return sum((part.fees for part in self.parts), Decimal("0.00"))

    @property
    def total(self) -> Decimal:
        return self.rewards + self.fees

    def lines(self) -> list[str]:
        """The estimate as a person reads it."""
        lines = [line for part in self.parts for line in part.lines()]
        if len(self.parts) > 1:
            lines.append(f"together {self.total:,.2f} USD")
        return [*lines, self.note] if self.note else lines


def fee_per_assignment(reward: Decimal, *, raters_per_hit: int) -> Decimal:
    """On MTurk: 20 % of the reward, 40 % from ten raters per HIT on, at least one cent."""
    return MTURK_FEES.of(reward, raters_per_hit=raters_per_hit)


def estimate_cost(
    *,
    trials: int,
    trials_per_hit: int,
    raters_per_trial: int,
    reward: Decimal,
    fees: Fees = MTURK_FEES,
) -> Cost:
    """The cost of so many trials, cut into HITs of `trials_per_hit` (the last may be shorter)."""
    return cost_of_hits(
        -(-trials // trials_per_hit),
        trials=trials,
        raters_per_hit=raters_per_trial,
        reward=reward,
        fees=fees,
    )


def cost_of_hits(
    hits: int, *, trials: int, raters_per_hit: int, reward: Decimal, fees: Fees = MTURK_FEES
) -> Cost:
    """The cost of a known number of HITs."""
    return Cost(
        trials=trials,
        hits=hits,
        raters_per_hit=raters_per_hit,
        reward=reward,
        fee=fees.of(reward, raters_per_hit=raters_per_hit),
        schedule=fees,
    )


def costs_of_lots(
    lots: Iterable[tuple[int, int]], *, reward: Decimal, fees: Fees = MTURK_FEES
) -> Costs:
    """The cost of lots given as (trials, raters), by number of raters."""
    sizes: dict[int, list[int]] = {}
    for trials, raters in lots:
        sizes.setdefault(raters, []).append(trials)
    return Costs(
        tuple(
            cost_of_hits(
                len(found), trials=sum(found), raters_per_hit=raters, reward=reward, fees=fees
            )
            for raters, found in sorted(sizes.items(), reverse=True)
        )
    )
