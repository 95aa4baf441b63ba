"""Fisher's exact test of two shares: for counts too small for anything else."""

from __future__ import annotations

import operator

from scipy.stats import hypergeom

from studyapp.analytics.contrasts import Contrast, two_proportions

#: Tables as likely as the one seen but for rounding count as as likely.
_ALIKE = 1 + 1e-7


def fisher_exact(k1: int, *, n1: int, k2: int, n2: int, level: float = 0.95) -> Contrast:
    """k1/n1 less k2/n2 of different items, 0 <= k <= n and n >= 1; Fisher's two-sided p.

    p adds up the hypergeometric probabilities, given both margins, of every table at most as likely
    as the one seen: 1 where the shares cannot differ. The difference and its interval (Newcombe's)
    are those of `two_proportions`. Raises RuleError for other counts or levels.
    """
    k1, n1, k2, n2 = (operator.index(count) for count in (k1, n1, k2, n2))
    shares = two_proportions(k1, n1=n1, k2=k2, n2=n2, level=level)
    table = hypergeom(n1 + n2, k1 + k2, n1)
    low, high = max(0, k1 + k2 - n2), min(n1, k1 + k2)
    chances = table.pmf(range(low, high + 1))
    seen = float(table.pmf(k1))
    return Contrast(
        estimate=shares.estimate,
        se=shares.se,
        low=shares.low,
        high=shares.high,
        statistic=None,
        p=min(1.0, float(chances[chances <= seen * _ALIKE].sum())),
        method="fisher exact",
        interval_method=shares.interval_method,
        level=shares.level,
        n=shares.n,
        undefined={"statistic": "an exact test has none"},
    )
