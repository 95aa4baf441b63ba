"""Whether a difference is too small to matter: two one-sided tests against a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests (Schuirmann 1987) of a difference against -margin and margin.

    p_low: of "the difference is at most -margin"; p_high: of "at least margin"; p: the larger one.
    equivalent: p <= alpha, the same as the 1 - 2 alpha interval low..high lying inside the margins.
    Not equivalent does not mean different. df: of t, None for the normal distribution.
    """

    estimate: float
    se: float
    margin: float
    p_low: float
    p_high: float
    p: float
    equivalent: bool
    low: float
    high: float
    alpha: float
    df: float | None
    method: str = "two one-sided tests"

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


def tost(
    estimate: float, *, se: float, margin: float, df: float | None = None, alpha: float = 0.05
) -> Equivalence:
    """Test that a difference with standard error `se` lies inside -margin..margin.

    estimate, se, margin: in the same unit, se and margin > 0; the margin is set before the votes
    are seen. df: degrees of freedom of t, None for the normal distribution.
    Raises RuleError for other values.
    """
    for name, value in (("se", se), ("margin", margin)):
        if not 0 < value < math.inf:
            raise RuleError(f"{name}={value} is not possible; give a number above 0.")
    if not math.isfinite(estimate):
        raise RuleError(f"estimate={estimate} is no difference; give a number.")
    if df is not None and not df > 0:
        raise RuleError(f"df={df} is not possible; give a number above 0, or None.")
    if not 0 < alpha < 0.5:
        raise RuleError(f"alpha={alpha} is no level of a one-sided test; give 0.05.")
    above, below = (estimate + margin) / se, (margin - estimate) / se
    if df is None:
        p_low, p_high, quantile = float(ndtr(-above)), float(ndtr(-below)), float(ndtri(1 - alpha))
    else:
        p_low, p_high = float(stdtr(df, -above)), float(stdtr(df, -below))
        quantile = float(stdtrit(df, 1 - alpha))
    p = max(p_low, p_high)
    return Equivalence(
        estimate=float(estimate),
        se=float(se),
        margin=float(margin),
        p_low=p_low,
        p_high=p_high,
        p=p,
        equivalent=p <= alpha,
        low=estimate - quantile * se,
        high=estimate + quantile * se,
        alpha=float(alpha),
        df=df,
    )
