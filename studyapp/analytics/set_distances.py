"""How far apart two sets of flags are: from 0, the same set, to 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studyapp.analytics.columns import Bool, Float64, Int64

#: (common flags, flags of the one, flags of the other) -> distance; arrays that broadcast.
SetDistance = Callable[[Int64, Int64, Int64], Float64]


def nominal(common: Int64, first: Int64, second: Int64) -> Float64:
    """0 for equal sets, otherwise 1."""
    return np.asarray(1.0 - ((common == first) & (common == second)), dtype=np.float64)


def jaccard(common: Int64, first: Int64, second: Int64) -> Float64:
    """1 - common / all flags of the two; two empty sets are equal, so 0."""
    union = first + second - common
    return np.asarray(1.0 - np.where(union > 0, common / np.maximum(union, 1), 1.0))


def masi(common: Int64, first: Int64, second: Int64) -> Float64:
    """1 - J M (Passonneau 2006): J is Jaccard's share of common flags; M is 1 for equal sets, 2/3
    where one holds the other, 1/3 where they overlap, 0 where nothing is common."""
    contained = (common == first) | (common == second)
    # Where nothing is common J is 0 already, and M has no say; two empty sets are equal.
    monotone = np.where(contained, 2.0, 1.0)
    equal = (common == first) & (common == second)
    weight = np.where(equal, 1.0, monotone / 3.0)
    return np.asarray(1.0 - (1.0 - jaccard(common, first, second)) * weight)


DISTANCES: dict[str, SetDistance] = {"masi": masi, "jaccard": jaccard, "nominal": nominal}


def row_distances(left: Bool, right: Bool, *, distance: SetDistance) -> Float64:
    """float64[N]: the distance of each row of bool[N, K] from the same row of the other."""
    common = np.count_nonzero(left & right, axis=1)
    return distance(common, np.count_nonzero(left, axis=1), np.count_nonzero(right, axis=1))


def weighted_distances(sets: Bool, *, weights: Float64, distance: SetDistance) -> Float64:
    """float64[P]: for each of bool[P, K], the sum over all sets of weight x distance.

    In blocks, so that no P x P table is made.
    """
    # Whole numbers below 2**53 are exact in float64, and its matrix product is the fast one.
    flags = sets.astype(np.float64)
    sizes = flags.sum(axis=1).astype(np.int64)
    sums = np.zeros(len(sets))
    block = max(1, 4_000_000 // max(1, len(sets)))
    for begin in range(0, len(sets), block):
        rows = slice(begin, begin + block)
        common = (flags[rows] @ flags.T).astype(np.int64)
        sums[rows] = distance(common, sizes[rows, None], sizes[None, :]) @ weights
    return sums
