"""Two verdicts on the same images: two models, or one model under two conditions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, chdtrc, gammaln, ndtri, xlogy

from studyapp.analytics.columns import Int64, mask_column
from studyapp.analytics.contrasts import Contrast
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload

MCNEMAR_METHODS = ("auto", "exact", "mid_p", "chi2")

#: Below this many images on which the two differ, `auto` takes the exact test.
EXACT_BELOW = 25

# The score has no variance at a difference of -1 or 1; it is looked at just inside of them.
_EDGE = 1 - 1e-12
_FAR = 1e9


@dataclass(frozen=True)
class PairedTable:
    """A chi-squared test of two codes on the same items; None where no item differs.

    n: items. statistic with df degrees of freedom and its p. undefined: for every None the reason.
    """

    n: int
    statistic: float | None
    df: int
    p: float | None
    method: str
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


def mcnemar(
    a: npt.ArrayLike, b: npt.ArrayLike, *, method: str = "auto", level: float = 0.95
) -> Contrast:
    """The share of `a` less the share of `b` on the same images; bool[N] each, N >= 1.

    With b images only `a` holds on and c only `b`: estimate (b - c) / N. p by `exact` (two-sided
    binomial of b in b + c), `mid_p` (exact less the probability of the very b, Fagerland, Lydersen
    and Laake 2013) or `chi2` ((b - c)^2 / (b + c), without continuity correction); `auto` is exact
    where b + c < 25 and mid_p beyond. McNemar (1947). Interval: Tango's score interval (1998).
    Without any difference p is 1. Raises ColumnError without images or for other shapes.
    """
    if method not in MCNEMAR_METHODS:
        raise RuleError(f"method={method!r} is unknown; use one of {', '.join(MCNEMAR_METHODS)}.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    first = mask_column("a", a, length=np.asarray(a).size)
    second = mask_column("b", b, length=first.size)
    if first.size == 0:
        raise ColumnError("There are no images to compare; give at least one.")
    n = first.size
    only_a, only_b = (
        int(np.count_nonzero(one & ~other)) for one, other in ((first, second), (second, first))
    )
    differing = only_a + only_b
    if method == "auto":
        method = "exact" if differing < EXACT_BELOW else "mid_p"
    squared = (only_a - only_b) ** 2 / differing if differing else 0.0
    low, high = _tango(only_a, only_b, n, z=float(ndtri((1 + level) / 2)))
    return Contrast(
        estimate=(only_a - only_b) / n,
        se=math.sqrt(differing - (only_a - only_b) ** 2 / n) / n,
        low=low,
        high=high,
        statistic=squared if method == "chi2" else None,
        p=float(chdtrc(1, squared)) if method == "chi2" else _binomial_p(only_a, only_b, method),
        method=f"McNemar ({method})",
        interval_method="tango",
        level=float(level),
        n={"n_images": n, "only_first": only_a, "only_second": only_b},
        undefined={} if method == "chi2" else {"statistic": "the p value is summed directly"},
    )


def bowker(table: npt.ArrayLike) -> PairedTable:
    """Bowker's test (1948) that an int64[K, K] table of paired codes is symmetric.

    table[i, j]: items with code i first and j second; df: pairs of codes with items in either cell.
    """
    counts = _square(table)
    upper = np.triu_indices(counts.shape[0], 1)
    one, other = counts[upper], counts.T[upper]
    used = one + other > 0
    df = int(np.count_nonzero(used))
    statistic = float(((one - other)[used] ** 2 / (one + other)[used]).sum()) if df else None
    return _paired_table(counts, statistic, df, "Bowker")


def stuart_maxwell(table: npt.ArrayLike) -> PairedTable:
    """The Stuart-Maxwell test (1955, 1970) that both codes of int64[K, K] have equal shares.

    table as in `bowker`; df = K - 1, over the codes that occur on items whose two codes differ.
    """
    counts = _square(table)
    off = counts - np.diag(np.diag(counts))
    counts_used = off.sum(axis=0) + off.sum(axis=1) > 0
    off = off[np.ix_(counts_used, counts_used)]
    surplus = (off.sum(axis=1) - off.sum(axis=0))[:-1].astype(np.float64)
    if not surplus.size:
        return _paired_table(counts, None, 0, "Stuart-Maxwell")
    covariance = (np.diag(off.sum(axis=1) + off.sum(axis=0)) - off - off.T)[:-1, :-1]
    # Codes that never trade items with the others make separate blocks, each with its own
    # constraint; the pseudo-inverse drops what is then said twice.
    df = int(np.linalg.matrix_rank(covariance))
    statistic = float(surplus @ np.linalg.pinv(covariance, hermitian=True) @ surplus)
    return _paired_table(counts, statistic, df, "Stuart-Maxwell")


def _binomial_p(only_a: int, only_b: int, method: str) -> float:
    """Two-sided p of min(b, c) or fewer of b + c at 1/2, at most 1."""
    n, fewer = only_a + only_b, min(only_a, only_b)
    tail = float(bdtr(fewer, n, 0.5))
    if method == "mid_p":
        log_choose = gammaln(n + 1) - gammaln(fewer + 1) - gammaln(n - fewer + 1)
        tail -= math.exp(log_choose + xlogy(n, 0.5)) / 2
    return min(1.0, 2 * tail)


def _tango(b: int, c: int, n: int, *, z: float) -> tuple[float, float]:
    """Differences that the score test at z does not reject."""
    # Only who solves pays for scipy.optimize: every command loads this module.
    from scipy.optimize import brentq

    def score(delta: float) -> float:
        # q, the likeliest share of images only the second holds on if the difference is delta,
        # solves 2n q^2 + linear q - c delta (1 - delta) = 0; the form that loses no digits.
        linear, spread = (2 * n - b + c) * delta - b - c, delta * (1 - delta)
        square_root = math.sqrt(max(0.0, linear**2 + 8 * n * c * spread))
        q = (
            2 * c * spread / (square_root + linear)
            if linear > 0
            else (square_root - linear) / (4 * n)
        )
        distance, variance = b - c - n * delta, n * (2 * q + spread)
        if variance <= 0:
            return math.copysign(_FAR, distance) if distance else 0.0
        return distance / math.sqrt(variance)

    estimate = (b - c) / n
    low = -1.0 if c == n else brentq(lambda delta: score(delta) - z, -_EDGE, estimate, xtol=1e-14)
    high = 1.0 if b == n else brentq(lambda delta: score(delta) + z, estimate, _EDGE, xtol=1e-14)
    return float(low), float(high)


def _square(table: npt.ArrayLike) -> Int64:
    counts = np.asarray(table)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.dtype.kind not in "iu":
        raise ColumnError(
            f"The table has shape {counts.shape} of {counts.dtype}; "
            "give whole numbers, as many rows as columns."
        )
    if (counts < 0).any():
        raise ColumnError("The table has a negative count; give the number of items.")
    return counts.astype(np.int64)


def _paired_table(counts: Int64, statistic: float | None, df: int, method: str) -> PairedTable:
    reason = "no item has two different codes"
    return PairedTable(
        n=int(counts.sum()),
        statistic=statistic,
        df=df,
        p=None if statistic is None else float(chdtrc(df, statistic)),
        method=method,
        undefined={} if statistic is not None else dict.fromkeys(("statistic", "p"), reason),
    )
