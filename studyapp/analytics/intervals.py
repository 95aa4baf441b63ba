"""Confidence intervals of a proportion (analytics of a share: errors, acceptance, accuracy)."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass

from scipy.special import betaincinv, ndtri

from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload

METHODS = ("wilson", "clopper_pearson", "jeffreys")


@dataclass(frozen=True)
class Interval:
    """A two-sided interval of a share, both ends in 0..1, at confidence `level` in (0, 1)."""

    low: float
    high: float
    method: str
    level: float

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: low, high, method, level."""
        return payload(low=self.low, high=self.high, method=self.method, level=self.level)


def proportion_ci(k: int, *, n: int, method: str = "wilson", level: float = 0.95) -> Interval:
    """Interval of the share k/n, for 0 <= k <= n and n >= 1.

    `wilson` (default): Wilson's score interval (1927) without continuity correction.
    `clopper_pearson`: the exact tail interval, never too short; for audits and zero counts.
    `jeffreys`: Beta(k + 1/2, n - k + 1/2) quantiles, low 0 at k = 0 and high 1 at k = n
    (Brown, Cai and DasGupta 2001). Raises RuleError for other counts, methods or levels.
    """
    k, n = operator.index(k), operator.index(n)
    if n < 1 or not 0 <= k <= n:
        raise RuleError(f"{k} of {n} is no share; give 0 <= k <= n and n of at least 1.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    if method == "wilson":
        low, high = _wilson(k, n, level)
    elif method == "clopper_pearson":
        low, high = _beta_ends(k, n, level, low_shapes=(k, n - k + 1), high_shapes=(k + 1, n - k))
    elif method == "jeffreys":
        shapes = (k + 0.5, n - k + 0.5)
        low, high = _beta_ends(k, n, level, low_shapes=shapes, high_shapes=shapes)
    else:
        raise RuleError(f"method={method!r} is unknown; use one of {', '.join(METHODS)}.")
    return Interval(low=low, high=high, method=method, level=float(level))


def _wilson(k: int, n: int, level: float) -> tuple[float, float]:
    z = float(ndtri((1 + level) / 2))
    share, squared = k / n, z * z
    centre = (share + squared / (2 * n)) / (1 + squared / n)
    half = z * math.sqrt(share * (1 - share) / n + squared / (4 * n * n)) / (1 + squared / n)
    # The ends touch 0 and 1 exactly there; rounding must not push them past the share itself.
    low = 0.0 if k == 0 else min(max(0.0, centre - half), share)
    high = 1.0 if k == n else max(min(1.0, centre + half), share)
    return low, high


def _beta_ends(
    k: int,
    n: int,
    level: float,
    *,
    low_shapes: tuple[float, float],
    high_shapes: tuple[float, float],
) -> tuple[float, float]:
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(betaincinv(*low_shapes, tail))
    high = 1.0 if k == n else float(betaincinv(*high_shapes, 1 - tail))
    return low, high
