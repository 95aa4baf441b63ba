"""What becomes of verdicts when votes are lost and nobody is asked in their place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import comb

from studyapp.analytics.columns import Float64
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule


@dataclass(frozen=True)
class LostVotes:
    """Expected shares of questions by verdict, each 0..1; together 1.

    lost: chance that any one vote does not count, each on its own.
    """

    lost: float
    accepted: float
    rejected: float
    undecided: float

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(
            lost=self.lost,
            accepted=self.accepted,
            rejected=self.rejected,
            undecided=self.undecided,
        )


def lost_votes(by_yes: npt.ArrayLike, *, rule: Rule, lost: float) -> LostVotes:
    """The verdicts under a rule k of n when each of the n votes is lost with chance `lost`.

    by_yes: float64[n + 1], the share of questions with 0..n yes among all n votes. Of j yes and
    n - j no, binomial numbers are left; k yes accept, more than n - k no reject, what is neither
    is undecided. Raises ColumnError for shares that cannot be, RuleError for a chance outside 0..1.
    """
    shares = np.asarray(by_yes, dtype=np.float64)
    if shares.shape != (rule.n + 1,) or not (shares >= 0).all() or not 0 < shares.sum() < np.inf:
        raise ColumnError(f"Column by_yes must hold {rule.n + 1} shares of 0 or more.")
    if not 0 <= lost <= 1:
        raise RuleError(f"lost={lost} is no chance; give a number from 0 to 1.")
    yes = np.arange(rule.n + 1)
    accepted = _at_least(yes, rule.k, kept=1 - lost)
    rejected = _at_least(rule.n - yes, rule.no_to_reject, kept=1 - lost)
    weight = shares / shares.sum()
    sums = float(weight @ accepted), float(weight @ rejected)
    return LostVotes(
        lost=float(lost),
        accepted=sums[0],
        rejected=sums[1],
        undecided=max(0.0, 1 - sums[0] - sums[1]),
    )


def _at_least(given: npt.NDArray[np.int64], needed: int, *, kept: float) -> Float64:
    """float64[n + 1]: the chance that of each number of votes at least `needed` are left."""
    left = np.arange(given.max() + 1)
    chance = comb(given[:, None], left) * kept**left
    # Of fewer votes than are asked to be left the number of ways is 0 already.
    chance = chance * (1 - kept) ** np.maximum(given[:, None] - left, 0)
    return np.asarray(chance[:, needed:].sum(axis=1), dtype=np.float64)
