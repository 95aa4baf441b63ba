"""Two proportions compared: where the raters and images differ, and where they are shared out."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, stdtr, stdtrit

from studyapp.analytics.clustering import CORRECTION, cluster_variance, root
from studyapp.analytics.columns import id_column, integer_column, number_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.intervals import proportion_ci
from studyapp.analytics.results import JSONValue, payload

TESTS = ("score", "wald")

_NO_VARIANCE = "the answers do not vary, so there is nothing to test"


@dataclass(frozen=True)
class Contrast:
    """A difference between two shares, first less second, in -1..1; None where undefined.

    estimate: the difference. se: its standard error. low, high: its interval at `level` by
    `interval_method`. statistic, p: of the two-sided test of no difference by `method`; the
    statistic is None for a test that has none. n: what the shares are of, by name.
    undefined: for every None the reason.
    """

    estimate: float
    se: float | None
    low: float | None
    high: float | None
    statistic: float | None
    p: float | None
    method: str
    interval_method: str
    level: float
    n: Mapping[str, int]
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Homogeneity:
    """Pearson's chi-squared test that several shares are one; None where all answers are alike.

    shares: of every condition, 0..1; pooled: of all together. statistic with df = conditions - 1.
    smallest_expected: the smallest count expected under one share; below 5 the p value is rough.
    """

    shares: tuple[float, ...]
    pooled: float
    n: int
    statistic: float | None
    df: int
    p: float | None
    smallest_expected: float
    method: str = "Pearson chi-squared"
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


def two_proportions(
    k1: int, *, n1: int, k2: int, n2: int, test: str = "score", level: float = 0.95
) -> Contrast:
    """k1/n1 less k2/n2 of independent answers, 0 <= k <= n and n >= 1.

    test `score` (default) takes the variance under one pooled share, `wald` that of two shares; z
    without continuity correction. Interval: Newcombe's hybrid of two Wilson intervals (1998, his
    method 10). se is the Wald one. Raises RuleError for other counts, tests or levels.
    """
    k1, n1, k2, n2 = (operator.index(count) for count in (k1, n1, k2, n2))
    if test not in TESTS:
        raise RuleError(f"test={test!r} is unknown; use one of {', '.join(TESTS)}.")
    first, second = (proportion_ci(k, n=n, level=level) for k, n in ((k1, n1), (k2, n2)))
    share1, share2, pooled = k1 / n1, k2 / n2, (k1 + k2) / (n1 + n2)
    estimate = share1 - share2
    se = math.sqrt(share1 * (1 - share1) / n1 + share2 * (1 - share2) / n2)
    scale = se if test == "wald" else math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    z = estimate / scale if scale > 0 else None
    return Contrast(
        estimate=estimate,
        se=se,
        low=estimate - math.hypot(share1 - first.low, second.high - share2),
        high=estimate + math.hypot(first.high - share1, share2 - second.low),
        statistic=z,
        p=None if z is None else 2 * float(ndtr(-abs(z))),
        method=f"z ({test})",
        interval_method="newcombe",
        level=float(level),
        n={"n1": n1, "k1": k1, "n2": n2, "k2": k2},
        undefined={} if z is not None else dict.fromkeys(("statistic", "p"), _NO_VARIANCE),
    )


def homogeneity(k: npt.ArrayLike, *, n: npt.ArrayLike) -> Homogeneity:
    """Whether the shares k[j] / n[j] of J >= 2 conditions differ; int64[J] each, 0 <= k <= n >= 1.

    Answers are taken as independent. Raises ColumnError for other shapes or counts.
    """
    hits = integer_column("k", k)
    sizes = integer_column("n", n, length=hits.size)
    if hits.size < 2:
        raise ColumnError("A comparison needs two conditions; give k and n of at least two.")
    bad = (sizes < 1) | (hits < 0) | (hits > sizes)
    if bad.any():
        row = int(bad.argmax())
        raise ColumnError(f"Row {row}: {hits[row]} of {sizes[row]} is no share; give 0 <= k <= n.")
    pooled = float(hits.sum() / sizes.sum())
    expected = np.array([sizes * pooled, sizes * (1 - pooled)])
    defined = 0 < pooled < 1
    statistic = (
        float(((hits - expected[0]) ** 2 * (1 / expected).sum(axis=0)).sum()) if defined else None
    )
    return Homogeneity(
        shares=tuple((hits / sizes).tolist()),
        pooled=pooled,
        n=int(sizes.sum()),
        statistic=statistic,
        df=hits.size - 1,
        p=None if statistic is None else float(chdtrc(hits.size - 1, statistic)),
        smallest_expected=float(expected.min()),
        undefined={} if defined else dict.fromkeys(("statistic", "p"), _NO_VARIANCE),
    )


def cluster_contrast(
    success: npt.ArrayLike,
    *,
    condition: npt.ArrayLike,
    rater: npt.ArrayLike,
    image: npt.ArrayLike | None = None,
    pair: tuple[int, int] = (1, 0),
    level: float = 0.95,
) -> Contrast:
    """The mean success of condition pair[0] less that of pair[1], clustered by rater (and image).

    success: bool[V] or float64[V]; condition, rater, image: int[V] ids; rows of other conditions
    are left aside. With `image` the variance is two-way (Cameron, Gelbach and Miller 2011, see
    `cluster_se`). Test and interval: t with the fewest clusters - 1 degrees of freedom.
    Raises ColumnError for other shapes, RuleError if a condition of `pair` has no rows.
    """
    values = number_column("success", success)
    conditions = id_column("condition", condition, length=values.size)[0]
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    first, second = conditions == pair[0], conditions == pair[1]
    n1, n2 = int(np.count_nonzero(first)), int(np.count_nonzero(second))
    if pair[0] == pair[1] or min(n1, n2) == 0:
        raise RuleError(
            f"Conditions {pair[0]} and {pair[1]} have {n1} and {n2} rows; "
            "name two conditions that have answers."
        )
    mean1, mean2 = float(values[first].mean()), float(values[second].mean())
    influence = np.where(first, (values - mean1) / n1, 0) - np.where(
        second, (values - mean2) / n2, 0
    )
    rows = first | second
    groups = [
        id_column(name, ids, length=values.size)[0][rows]
        for name, ids in (("rater", rater), ("image", image))
        if ids is not None
    ]
    found = cluster_variance(influence[rows], groups=groups, n_means=2)
    se = root(found.multiway)
    t = None if not se else (mean1 - mean2) / se
    half = None if se is None else float(stdtrit(found.df, (1 + level) / 2)) * se
    counted = zip(("raters", "images"), found.n_clusters, strict=False)
    missing = "too few raters, images or answers to see them vary" if se is None else _NO_VARIANCE
    return Contrast(
        estimate=mean1 - mean2,
        se=se,
        low=None if half is None else mean1 - mean2 - half,
        high=None if half is None else mean1 - mean2 + half,
        statistic=t,
        p=None if t is None else 2 * float(stdtr(found.df, -abs(t))),
        method=f"t({found.df}), clustered by {' and '.join(('rater', 'image')[: len(groups)])}"
        + (", largest one-way variance because the two-way one is negative" * found.fell_back),
        interval_method=f"t, {CORRECTION}",
        level=float(level),
        n={"n1": n1, "n2": n2} | {f"n_{name}": size for name, size in counted},
        undefined={
            name: missing
            for name, value in (
                ("se", se),
                ("low", half),
                ("high", half),
                ("statistic", t),
                ("p", t),
            )
            if value is None
        },
    )
