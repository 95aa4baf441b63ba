"""Standard errors of means: votes of one rater, or on one question, are not independent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from studyapp.analytics.columns import Float64, Int64, id_column, number_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload

#: The small-sample factor of every term, G its own clusters, n rows, p means that were estimated.
CORRECTION = "each term times G / (G - 1) * (n - 1) / (n - p)"

_ONE_CLUSTER = "fewer than two clusters, so how they differ is unknown"


@dataclass(frozen=True)
class ClusterVariance:
    """Variances of one estimate; None where a grouping has fewer than two clusters.

    n_clusters, by_group: one entry per grouping, in the order given.
    raw: the inclusion-exclusion sum, which can be negative; multiway: `raw`, or the largest entry
    of `by_group` where `raw` is not positive (then `fell_back`).
    """

    n_clusters: tuple[int, ...]
    by_group: tuple[float | None, ...]
    raw: float | None
    multiway: float | None
    fell_back: bool

    @property
    def df(self) -> int:
        """Degrees of freedom: the smallest number of clusters less one."""
        return min(self.n_clusters) - 1


@dataclass(frozen=True)
class ClusterSE:
    """A mean of n values and its standard errors, in the unit of the values.

    naive: as if the values were independent, s / sqrt(n). by_group: clustered by one grouping
    alone, in the order given. multiway: clustered by all of them at once; the figure to use.
    n_clusters: of each grouping. raw_variance: the multiway variance as it came out; where it is
    not positive, `fell_back` is True and `multiway` is the largest of `by_group`.
    low, high: mean -+ t * multiway at `level`, with `df` = the fewest clusters - 1 (not cut to a
    range). correction: the small-sample factor. undefined: for every None the reason.
    """

    n: int
    n_clusters: tuple[int, ...]
    mean: float
    naive: float | None
    by_group: tuple[float | None, ...]
    multiway: float | None
    raw_variance: float | None
    fell_back: bool
    df: int
    low: float | None
    high: float | None
    level: float
    method: str
    correction: str = CORRECTION
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


def cluster_se(values: npt.ArrayLike, *groups: npt.ArrayLike, level: float = 0.95) -> ClusterSE:
    """Naive, one-way and multiway clustered standard errors of the mean of `values`.

    values: float64[V], V >= 1, for example 1 for yes and 0 for no. groups: at least one int[V] of
    ids, for example the question and the rater of every vote. With two groupings the variance is
    V_a + V_b - V_ab, V_ab clustered by pairs (a, b); with more, inclusion and exclusion over all
    sets of groupings (Cameron, Gelbach and Miller 2011). Raises ColumnError for other shapes,
    RuleError without a grouping or for a level outside 0..1.
    """
    column = number_column("values", values)
    if column.size == 0:
        raise ColumnError("There are no values, so no mean; give at least one.")
    if not groups:
        raise RuleError("No grouping is given; give the rater of every value, or other ids.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    n, mean = column.size, float(column.mean())
    found = cluster_variance((column - mean) / n, groups=groups, n_means=1)
    multiway = root(found.multiway)
    half = None if multiway is None else float(stdtrit(found.df, (1 + level) / 2)) * multiway
    undefined = {} if n > 1 else {"naive": "a single value does not vary"}
    if None in found.by_group:
        undefined |= dict.fromkeys(
            ("by_group", "multiway", "raw_variance", "low", "high"), _ONE_CLUSTER
        )
    return ClusterSE(
        n=n,
        n_clusters=found.n_clusters,
        mean=mean,
        naive=float(column.std(ddof=1)) / math.sqrt(n) if n > 1 else None,
        by_group=tuple(root(variance) for variance in found.by_group),
        multiway=multiway,
        raw_variance=found.raw,
        fell_back=found.fell_back,
        df=found.df,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        level=float(level),
        method=f"{len(groups)}-way clustered (Cameron-Gelbach-Miller), t",
        undefined=undefined,
    )


def cluster_variance(
    influence: Float64, *, groups: Sequence[npt.ArrayLike], n_means: int
) -> ClusterVariance:
    """Variance of an estimate whose error is about the sum of `influence` float64[V].

    groups: int[V] each, V > n_means, the number of means that were estimated. The variance of a set
    of groupings is the sum over its clusters of the squared sum of `influence`, times CORRECTION.
    """
    ids = [_numbered(f"groups[{i}]", group, influence.size) for i, group in enumerate(groups)]
    n_clusters = tuple(int(group.max()) + 1 for group in ids)
    spare = influence.size - n_means
    by_group: list[float | None] = []
    raw = 0.0
    for size in range(1, len(ids) + 1):
        for chosen in combinations(ids, size):
            cluster = chosen[0]
            for other in chosen[1:]:
                cluster = _renumbered(cluster * (int(other.max()) + 1) + other)
            n = int(cluster.max()) + 1
            if n < 2 or spare < 1:
                by_group.append(None)
                continue
            sums = np.bincount(cluster, weights=influence)
            term = float(sums @ sums) * n / (n - 1) * (influence.size - 1) / spare
            if size == 1:
                by_group.append(term)
            raw += term if size % 2 else -term
    known = [variance for variance in by_group if variance is not None]
    if len(known) < len(by_group):
        return ClusterVariance(n_clusters, tuple(by_group[: len(ids)]), None, None, False)
    # A sum over few clusters can come out negative. The largest one-way variance then errs on the
    # safe side; zero would claim certainty.
    negative = len(ids) > 1 and raw <= 0 < max(known)
    return ClusterVariance(
        n_clusters=n_clusters,
        by_group=tuple(known),
        raw=raw,
        multiway=max(known) if negative else max(raw, 0.0),
        fell_back=negative,
    )


def by_first_seen(ids: npt.NDArray[np.integer]) -> Int64:
    """int64[V]: the same clusters numbered from 0 in the order in which they first occur.

    Sums over clusters are sums of fractions, whose last digits follow their order.
    """
    _, first, place = np.unique(ids, return_index=True, return_inverse=True)
    number = np.empty(first.size, dtype=np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    return np.asarray(number[place.reshape(-1)], dtype=np.int64)


def root(variance: float | None) -> float | None:
    """The square root, None of None."""
    return None if variance is None else math.sqrt(variance)


def _numbered(name: str, group: npt.ArrayLike, length: int) -> Int64:
    return _renumbered(id_column(name, group, length=length)[0].astype(np.int64))


def _renumbered(ids: Int64) -> Int64:
    """The same clusters numbered 0..G-1 without gaps; product ids then stay below V squared."""
    return np.unique(ids, return_inverse=True)[1].reshape(-1)
