"""Shares as columns: k of n with an interval, for each of many raters at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from studyapp.analytics.columns import Float64, Int64, frozen
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True, eq=False)
class Shares:
    """One share per row; every array is read-only. Build with `shares`.

    k: int64[R] or float64[R], what is counted; a float where it is a sum of values in 0..1.
    n: int64[R], the denominator.
    share: float64[R], k / n in 0..1, NaN where n is 0.
    low, high: float64[R], Wilson's score interval at confidence `level`, NaN where n is 0.
    """

    k: Int64 | Float64
    n: Int64
    share: Float64
    low: Float64
    high: Float64
    level: float

    def __len__(self) -> int:
        """The number of rows R."""
        return self.n.size

    @property
    def n_undefined(self) -> int:
        """How many rows have no share, for their denominator is 0."""
        return int(np.count_nonzero(self.n == 0))

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the columns with null where undefined, n_undefined, the interval's method."""
        return payload(
            k=self.k,
            n=self.n,
            share=self.share,
            ci_low=self.low,
            ci_high=self.high,
            ci_method="wilson",
            ci_level=self.level,
            n_undefined=self.n_undefined,
        )


def shares(k: Int64 | Float64, *, n: npt.ArrayLike, level: float = 0.95) -> Shares:
    """k / n of every row, with Wilson's interval (1927) without continuity correction.

    k: int64[R], or float64[R] where each of the n parts is a value in 0..1 rather than yes or no.
    Such values vary at most as much as yes and no with the same mean do, so the interval is then
    at least as wide as it need be. n: int64[R].
    The numbers are those of `proportion_ci`, row by row. Raises ColumnError unless 0 <= k <= n,
    RuleError for a level outside (0, 1).
    """
    total = np.asarray(n, dtype=np.int64)
    if k.shape != total.shape or total.ndim != 1:
        raise ColumnError(f"k has shape {k.shape} and n {total.shape}; give one of both per row.")
    # The slack is for sums of fractions such as 1/3, which may pass a whole number by rounding.
    bad = ~((k >= 0) & (k <= total * (1 + 1e-12)))
    if bad.any():
        row = int(bad.argmax())
        raise ColumnError(f"Row {row} has {k[row]} of {total[row]}; give 0 <= k <= n.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    share = np.full(total.size, np.nan)
    np.divide(k, total, out=share, where=total > 0)
    share = np.minimum(share, 1.0)
    low, high = _wilson(share, total, level)
    return Shares(
        k=frozen(k.copy()),
        n=frozen(total.copy()),
        share=frozen(share),
        low=frozen(low),
        high=frozen(high),
        level=float(level),
    )


def _wilson(share: Float64, n: Int64, level: float) -> tuple[Float64, Float64]:
    z = float(ndtri((1 + level) / 2))
    # A denominator of 0 has a NaN share, which makes both its ends NaN whatever stands here.
    size, squared = np.maximum(n, 1), z * z
    centre = (share + squared / (2 * size)) / (1 + squared / size)
    spread = share * (1 - share) / size + squared / (4 * size * size.astype(np.float64))
    half = z * np.sqrt(spread) / (1 + squared / size)
    low = np.where(share == 0, 0.0, np.minimum(np.maximum(0.0, centre - half), share))
    high = np.where(share == 1, 1.0, np.maximum(np.minimum(1.0, centre + half), share))
    return low, high
