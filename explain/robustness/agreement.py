"""Do two rankings of the classes agree on which are the least robust?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from explain.errors import ParameterError


@dataclass(frozen=True, slots=True)
class RankOverlap:
    """How many of the k classes with the lowest scores two rankings share.

    n_classes  classes that have a score in both
    shared     classes among the lowest k of both
    log10_p    base 10 logarithm of Fisher's exact one-sided p: the chance that two lists of k drawn
               from n_classes without regard for each other share so many or more. A logarithm,
               because p itself can be too small for a floating point number
    """

    k: int
    n_classes: int
    shared: int
    log10_p: float


def lowest(scores: Mapping[int, float | None], *, k: int | None = None) -> tuple[int, ...]:
    """Class indices by rising score, the first k of them, or all (Szyc et al. 2021, step 3).

    Equal scores rank by class index. Classes without a score have no rank.

    Raises ParameterError for k below 1 or above the number of classes that have a score.
    """
    ranked = sorted((score, index) for index, score in scores.items() if score is not None)
    if k is not None and not 1 <= k <= len(ranked):
        raise ParameterError(
            f"{len(ranked)} classes have a score", item=f"k = {k}", remedy="Choose 1 to that number"
        )
    return tuple(index for _, index in ranked[:k])


def rank_overlap(
    first: Mapping[int, float | None], second: Mapping[int, float | None], *, k: int
) -> RankOverlap:
    """What two rankings share at the low end (Szyc et al. 2021, section 4, Table 1).

    Only classes that have a score in both are ranked.

    Raises ParameterError for k below 1 or above the number of these.
    """
    one, other = _common(first, second)
    shared = len(set(lowest(one, k=k)) & set(lowest(other, k=k)))
    return RankOverlap(
        k=k,
        n_classes=len(one),
        shared=shared,
        log10_p=fisher_log10_p(n=len(one), k=k, shared=shared),
    )


def fisher_log10_p(*, n: int, k: int, shared: int) -> float:
    """log10 of P(X >= shared) for X the overlap of two random subsets of size k of n things.

    Exact but for the last rounding: the counts are whole numbers of any size.
    """
    ways = sum(
        math.comb(k, both) * math.comb(n - k, k - both)
        for both in range(max(shared, 2 * k - n, 0), k + 1)
    )
    return math.log10(ways) - math.log10(math.comb(n, k))


def spearman(first: Mapping[int, float | None], second: Mapping[int, float | None]) -> float | None:
    """Spearman's correlation over the classes that have a score in both; equal scores share a rank.

    None where there are fewer than two of them, or one side has the same score for all.
    """
    one, other = _common(first, second)
    ranks = [stats.rankdata(list(side.values())) for side in (one, other)]
    if len(one) < 2 or any(np.ptp(side) == 0 for side in ranks):
        return None
    return float(np.corrcoef(ranks)[0, 1])


def _common(
    first: Mapping[int, float | None], second: Mapping[int, float | None]
) -> tuple[dict[int, float], dict[int, float]]:
    one = {index: score for index, score in sorted(first.items()) if score is not None}
    other = {index: score for index, score in sorted(second.items()) if score is not None}
    both = [index for index in one if index in other]
    return {index: one[index] for index in both}, {index: other[index] for index in both}
