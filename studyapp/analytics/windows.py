"""Timing windows: which answers came faster or slower than a study allows."""

from __future__ import annotations

import math

from studyapp.analytics.columns import Bool, Float64
from studyapp.analytics.errors import RuleError

#: (low, high) in seconds, both ends inside, None for an open end; None is no window at all.
Window = tuple[float | None, float | None]


def window_ends(window: Window | None) -> tuple[float, float]:
    """The ends as numbers, 0 and infinity where open; refuses, with RuleError, what cannot be."""
    low, high = (None, None) if window is None else window
    if any(end is not None and not 0 <= end < math.inf for end in (low, high)) or (
        low is not None and high is not None and low > high
    ):
        raise RuleError(
            f"The timing window {low}..{high} s cannot be; give 0 <= low <= high, "
            "or None for an open end."
        )
    return 0.0 if low is None else float(low), math.inf if high is None else float(high)


def outside(seconds: Float64, *, window: Window | None) -> tuple[Bool, Bool]:
    """bool[V] too fast and bool[V] too slow; a time that is not known (NaN) is neither."""
    low, high = window_ends(window)
    # A comparison with NaN is False, which is what keeps votes without a time.
    return seconds < low, seconds > high
