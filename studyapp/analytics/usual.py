"""Who is far from the usual rater: below the fence of a box plot, and by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyapp.analytics.columns import Bool, Float64
from studyapp.analytics.shares import Shares

#: A share of fewer says too little of a rater.
ENOUGH = 10


@dataclass(frozen=True)
class Usual:
    """What a share of many raters usually is, 0..1; None where no rater has one.

    median: of every rater with a share. fence: the lower quartile less one and a half times the
    range between the quartiles (Tukey 1977), of the raters whose share is of at least ENOUGH.
    """

    median: float | None
    fence: float | None

    def far_above(self, share: float, *, n: int, high: float) -> bool:
        """Whether the usual is far above a share of n with this upper end of its interval.

        With many votes the interval alone would tell nearly half of all raters, with few the fence
        alone those who had bad luck.
        """
        if self.median is None or self.fence is None:
            return False
        return n >= ENOUGH and share < self.fence and high < self.median


def usual(column: Shares) -> Usual:
    """The usual of one share per rater."""
    known = column.share[column.n >= ENOUGH]
    fence = None
    if known.size:
        lower, upper = np.quantile(known, [0.25, 0.75])
        fence = float(lower - 1.5 * (upper - lower))
    return Usual(median=median(column.share), fence=fence)


def median(column: Float64) -> float | None:
    """The median of float64[R] without its NaN, None where nothing else is there."""
    known = column[~np.isnan(column)]
    return float(np.median(known)) if known.size else None


def far_below(column: Shares) -> Bool:
    """bool[R]: the raters whose share the usual is far above."""
    among = usual(column)
    return np.array(
        [
            among.far_above(share, n=n, high=high)
            for share, n, high in zip(
                column.share.tolist(), column.n.tolist(), column.high.tolist(), strict=True
            )
        ],
        dtype=np.bool_,
    )
