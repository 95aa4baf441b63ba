"""Several tests at once: p values adjusted for how many there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Float64, number_column
from studyapp.analytics.errors import ColumnError


def holm(p: npt.ArrayLike) -> Float64:
    """Holm's step-down adjustment (1979): float64[T] in 0..1, in the order of p float64[T].

    Rejecting where the result is at most alpha keeps the chance of any false rejection at alpha,
    however the tests hang together. Raises ColumnError for values outside 0..1 or NaN.
    """
    raw = _p_values(p)
    order = np.argsort(raw, kind="stable")
    steps = raw[order] * np.arange(raw.size, 0, -1)
    return _placed(np.maximum.accumulate(steps), order)


def holm_known(p: Sequence[float | None]) -> list[float | None]:
    """`holm` over the tests that have a p value; None stays where there is none."""
    adjusted = iter(holm([value for value in p if value is not None]).tolist())
    return [None if value is None else next(adjusted) for value in p]


def bh(p: npt.ArrayLike) -> Float64:
    """Benjamini and Hochberg's step-up adjustment (1995): float64[T] in 0..1, in the order of p.

    Rejecting where the result is at most alpha keeps the expected share of false ones among the
    rejections at alpha, for independent or positively dependent tests. Errors as `holm`.
    """
    raw = _p_values(p)
    order = np.argsort(raw, kind="stable")
    steps = raw[order] * raw.size / np.arange(1, raw.size + 1)
    return _placed(np.minimum.accumulate(steps[::-1])[::-1], order)


def _p_values(p: npt.ArrayLike) -> Float64:
    raw = number_column("p", p)
    outside = (raw < 0) | (raw > 1)
    if outside.any():
        row = int(outside.argmax())
        raise ColumnError(f"Row {row} of column p holds {raw[row]}; give p values between 0 and 1.")
    return raw


def _placed(steps: Float64, order: npt.NDArray[np.intp]) -> Float64:
    adjusted = np.empty_like(steps)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
