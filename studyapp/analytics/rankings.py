"""Do two rankings of the classes agree, above all at the low end?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from studyapp.analytics.class_robustness import ranks
from studyapp.analytics.columns import Float64, Int64
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload

#: Rows of classes compared with all the others at once: 2 MB for 1,000 classes.
_BLOCK = 256


@dataclass(frozen=True)
class Overlap:
    """What two rankings of the same n_classes classes share.

    size: classes among the k lowest of both; expected = k^2 / n_classes, what two unrelated
    rankings would share; jaccard = size / (2 k - size).
    log10_p: base 10 logarithm of Fisher's exact one-sided p, the chance of `size` or more if they
    were unrelated. It is nearly always tiny; the other figures say how much they share.
    spearman, kendall (tau-b): over all classes, -1..1, equal scores sharing a rank; None for one
    class or a constant side. rbo: rank-biased overlap (Webber et al. 2010) from the low end with
    this persistence, 0..1: the chance-weighted mean share of common classes among the d lowest.
    n_left_out: classes without a score in one or both. n_tied_at_k: classes of either side whose
    score is that of its k-th, if more than one has it: then class numbers decide who is among
    the k.
    """

    k: int
    n_classes: int
    n_left_out: int
    size: int
    expected: float
    jaccard: float
    log10_p: float
    spearman: float | None
    kendall: float | None
    rbo: float
    persistence: float
    n_tied_at_k: int

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(
            k=self.k,
            n_classes=self.n_classes,
            n_left_out=self.n_left_out,
            size=self.size,
            expected=self.expected,
            jaccard=self.jaccard,
            log10_p=self.log10_p,
            spearman=self.spearman,
            kendall=self.kendall,
            rbo=self.rbo,
            persistence=self.persistence,
            n_tied_at_k=self.n_tied_at_k,
        )


def rank_overlap(
    a: npt.ArrayLike, *, b: npt.ArrayLike, k: int, persistence: float | None = None
) -> Overlap:
    """Compare two rankings by rising score (Szyc et al. 2021, section 4, Table 1).

    a, b: float64[C], NaN where a class has no score; only classes with both are ranked. Equal
    scores rank by class number. persistence in [0, 1) weighs depth d by persistence^(d - 1); None
    is 1 - 1/k, whose mean depth is k. Raises ColumnError for other shapes, RuleError for k
    outside 1..the number of classes ranked or another persistence.
    """
    first, other = _scores("a", a), _scores("b", b)
    if first.shape != other.shape:
        raise ColumnError(f"a has {first.size} classes and b {other.size}; give the same ones.")
    both = ~(np.isnan(first) | np.isnan(other))
    one, two = first[both], other[both]
    if not 1 <= k <= one.size:
        raise RuleError(f"k={k} of {one.size} classes with both scores; give 1 to that number.")
    weight = 1 - 1 / k if persistence is None else persistence
    if not 0 <= weight < 1:
        raise RuleError(f"persistence={weight} cannot be; give 0 or more, below 1.")
    shared = shared_by_depth(one, two)
    size = int(shared[k - 1])
    return Overlap(
        k=k,
        n_classes=one.size,
        n_left_out=first.size - one.size,
        size=size,
        expected=k * k / one.size,
        jaccard=size / (2 * k - size),
        log10_p=_fisher_log10_p(one.size, k, size),
        spearman=spearman(one, two),
        kendall=_kendall(one, two),
        rbo=_rank_biased(shared, weight),
        persistence=weight,
        n_tied_at_k=_tied_at(one, k) + _tied_at(two, k),
    )


def shared_by_depth(a: Float64, b: Float64) -> Int64:
    """int64[C], classes among the d lowest of both for d = 1..C; no NaN."""
    # A class is among both from the deeper of its two places on.
    deeper = np.maximum(ranks(a)[0], ranks(b)[0])
    return np.cumsum(np.bincount(deeper, minlength=a.size + 1)[1:]).astype(np.int64)


def spearman(a: Float64, b: Float64) -> float | None:
    """Spearman's correlation of two columns without NaN; None where it is undefined."""
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(_mean_ranks(a), _mean_ranks(b))[0, 1])


def _mean_ranks(scores: Float64) -> Float64:
    """Ranks by rising score; equal scores share the mean of their places."""
    _, place, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(sizes) - (sizes - 1) / 2)[place], dtype=np.float64)


def _kendall(a: Float64, b: Float64) -> float | None:
    """tau-b from all pairs of classes, a block of rows at a time."""
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    balance, differ_a, differ_b = 0.0, 0.0, 0.0
    for start in range(0, a.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        one, two = (np.sign(side[rows, None] - side) for side in (a, b))
        balance += float((one * two).sum())
        differ_a += float(np.abs(one).sum())
        differ_b += float(np.abs(two).sum())
    return balance / math.sqrt(differ_a * differ_b)


def _rank_biased(shared: Int64, persistence: float) -> float:
    """Both rankings are complete, so beyond the last depth they share everything."""
    depth = np.arange(1, shared.size + 1)
    weights = (1 - persistence) * persistence ** (depth - 1.0)
    return float(weights @ (shared / depth)) + persistence**shared.size


def _fisher_log10_p(n: int, k: int, size: int) -> float:
    both = np.arange(max(size, 2 * k - n), k + 1)
    if both[0] == max(0, 2 * k - n):
        return 0.0  # every pair of rankings shares so many
    log_ways = _log_choose(k, both) + _log_choose(n - k, k - both)
    return float((logsumexp(log_ways) - _log_choose(n, np.array([k]))[0]) / math.log(10))


def _log_choose(n: int, k: Int64) -> Float64:
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.asarray(ways, dtype=np.float64)


def _tied_at(scores: Float64, k: int) -> int:
    equal = int(np.count_nonzero(scores == np.partition(scores, k - 1)[k - 1]))
    return equal if equal > 1 else 0


def _scores(name: str, values: npt.ArrayLike) -> Float64:
    column = np.asarray(values)
    if column.ndim != 1 or column.dtype.kind not in "iuf" or np.isinf(column).any():
        raise ColumnError(
            f"{name} has shape {column.shape} of {column.dtype}; "
            "give one finite number for each class, NaN where it has none."
        )
    return column.astype(np.float64)
