"""Krippendorff's alpha of sets, and its standard error by leaving out one item at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studyapp.analytics.columns import Bool, Float64, Int64
from studyapp.analytics.set_distances import DISTANCES, row_distances, weighted_distances

_NO_PAIRS = "no item was coded twice, so no two sets can be compared"
_ONE_SET = "every rater gave the same set everywhere, so agreement by chance is certain"
_NO_SPREAD = "fewer than two items were coded twice, or leaving one out leaves one set alone"

#: Flags packed into one whole number at a time.
_PACKED = 31


@dataclass(frozen=True)
class SetAlpha:
    """The fields of `SetAgreement` by these names, whose docstring tells them."""

    n_sets: int = 0
    observed: float | None = None
    expected: float | None = None
    alpha: float | None = None
    se: float | None = None
    undefined: Mapping[str, str] = field(default_factory=dict)


def set_alpha(sets: Bool, *, item: Int64, n_items: int, distance: str) -> SetAlpha:
    """Alpha of bool[n, K], a row per coding; `item` int64[n] rises, two or more rows of each."""
    if not len(sets):
        return SetAlpha(undefined=dict.fromkeys(("observed", "expected", "alpha", "se"), _NO_PAIRS))
    size = np.bincount(item, minlength=n_items)
    pairs = _pair_sums(sets, item, size=size, distance=distance)
    met = size >= 2
    size, pairs = size[met], pairs[met]
    distinct, which = _distinct(sets)
    counts = np.bincount(which).astype(np.float64)
    from_all = weighted_distances(distinct, weights=counts, distance=DISTANCES[distance])
    of_item = np.bincount(item, weights=from_all[which], minlength=n_items)[met]
    within, total, n = 2 * pairs / (size - 1), float(counts @ from_all), len(sets)
    observed, expected = float(within.sum()) / n, total / (n * (n - 1))
    if len(distinct) == 1:
        undefined = dict.fromkeys(("alpha", "se"), _ONE_SET)
        return SetAlpha(1, observed, expected, undefined=undefined)
    # Alpha without each item: its pairs with all others leave `total`, its own only once.
    left = n - size
    without = total - 2 * of_item + 2 * pairs
    se = _jackknife((within.sum() - within) * (left - 1), without, least=1e-12 * total)
    return SetAlpha(
        n_sets=len(distinct),
        observed=observed,
        expected=expected,
        alpha=1 - observed / expected,
        se=se,
        undefined={} if se is not None else {"se": _NO_SPREAD},
    )


def _distinct(sets: Bool) -> tuple[Bool, Int64]:
    """The different rows of bool[n, K], and which of them int64[n] each row is."""
    code = np.zeros(len(sets), dtype=np.int64)
    for begin in range(0, sets.shape[1], _PACKED):
        part = sets[:, begin : begin + _PACKED]
        # Sorting whole numbers is many times faster than sorting rows.
        packed = part @ (np.int64(1) << np.arange(part.shape[1], dtype=np.int64))
        _, first, code = np.unique(
            (code << _PACKED) + packed, return_index=True, return_inverse=True
        )
    return sets[first], code.astype(np.int64)


def _pair_sums(sets: Bool, item: Int64, *, size: Int64, distance: str) -> Float64:
    """float64[I]: the distances of the unordered pairs inside each item, added up."""
    sums = np.zeros(size.size)
    # Codings of an item stand together: a pair is a coding and one some places further on.
    for step in range(1, int(size.max())):
        same = np.flatnonzero(item[step:] == item[:-step])
        apart = row_distances(sets[same], sets[same + step], distance=DISTANCES[distance])
        sums += np.bincount(item[same], weights=apart, minlength=size.size)
    return sums


def _jackknife(observed: Float64, expected: Float64, *, least: float) -> float | None:
    """The standard error from alpha = 1 - observed / expected without each item in turn.

    None where an `expected` is not above `least`, which is 0 but for rounding.
    """
    n_items = observed.size
    if n_items < 2 or bool((expected <= least).any()):
        return None
    alphas = 1 - observed / expected
    spread = float(((alphas - alphas.mean()) ** 2).sum())
    return math.sqrt((n_items - 1) / n_items * spread)
