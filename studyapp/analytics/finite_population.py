"""The exact interval of a share of few items, from a sample drawn without replacement."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from studyapp.analytics.columns import Float64


def hypergeometric_ends(k: int, *, n: int, population: int, level: float) -> tuple[float, float]:
    """Ends of the share A / population, given k of a sample of n without replacement.

    0 <= k <= n <= population. Kept are the whole numbers A under which k or more, and k or fewer,
    are both likelier than (1 - level) / 2: never covers less than its level, and is one point
    where n is the population.
    """
    # A tail that equals (1 - level) / 2 is outside; rounding must not decide that.
    tail = (1 - level) / 2 * (1 + 1e-9)

    def at_most(hits: int, accepted: int) -> float:
        x = np.arange(max(0, n - (population - accepted)), min(hits, accepted, n) + 1)
        if not x.size:
            return 0.0
        log_p = _log_choose(accepted, x) + _log_choose(population - accepted, n - x)
        return math.exp(logsumexp(log_p - float(_log_choose(population, np.array(n)))))

    # "k or fewer" gets rarer as the population holds more accepted, so halving finds the ends.
    low, first = k, population - n + k
    while low < first:
        middle = (low + first) // 2
        if 1 - at_most(k - 1, middle) > tail:
            first = middle
        else:
            low = middle + 1
    last, high = k, population - n + k
    while last < high:
        middle = (last + high + 1) // 2
        if at_most(k, middle) > tail:
            last = middle
        else:
            high = middle - 1
    return low / population, high / population


def _log_choose(n: int, k: npt.NDArray[np.integer]) -> Float64:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
