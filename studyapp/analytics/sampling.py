"""Intervals of a share of all images where only a sample of a part of them was asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from studyapp.analytics.intervals import Interval, proportion_ci


@dataclass(frozen=True)
class Sampled:
    """A part of the images, `population` of them, of which n >= 1 drawn at random were asked.

    n_yes of the n have the property that is counted; 0 <= n_yes <= n <= population.
    """

    n_yes: int
    n: int
    population: int


def with_sampling(
    share: float, *, parts: Sequence[Sampled], n: int, method: str, level: float
) -> Interval:
    """Interval of a `share` of n images that is estimated from samples of some parts of them.

    Two things vary: which n images there are, whose interval is `method`'s of a share of n; and
    which images of each part were asked, whose interval is that of n_yes of n, shortened by the
    finite population correction sqrt(1 - n / population) and weighted by population / n images.
    The distances from the estimate to each end are added in squares (Newcombe 1998; Zou and Donner
    2008). The two variances add up exactly to that of the estimate, so a part that was asked whole
    adds nothing. Raises RuleError for an unknown method or level.
    """
    whole = round(share * n)
    image = proportion_ci(whole, n=n, method=method, level=level)
    below, above = (whole / n - image.low) ** 2, (image.high - whole / n) ** 2
    for part in parts:
        own = proportion_ci(part.n_yes, n=part.n, method=method, level=level)
        weight = (part.population / n) ** 2 * (1 - part.n / part.population)
        below += weight * (part.n_yes / part.n - own.low) ** 2
        above += weight * (own.high - part.n_yes / part.n) ** 2
    return Interval(
        low=max(0.0, share - math.sqrt(below)),
        high=min(1.0, share + math.sqrt(above)),
        method=f"{method}, sampled parts added in squares",
        level=float(level),
    )
