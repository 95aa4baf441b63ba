"""Round scales that begin at zero."""

from __future__ import annotations

import math


def round_top(largest: float) -> float:
    """A round end of the scale, a little beyond the largest figure."""
    step = round_step(max(largest, 0.001), parts=8)
    return min(1.0, math.ceil(largest * 1.02 / step) * step)


def round_step(span: float, *, parts: int) -> float:
    """1, 2 or 5 times a power of ten, so that the span has at most this many steps."""
    power = 10.0 ** math.floor(math.log10(span / parts))
    return next(m * power for m in (1, 2, 5, 10) if span / (m * power) <= parts + 1e-9)


def percent_marks(top: float, *, scale: float, edge: float, parts: int) -> list[tuple[float, str]]:
    """Places and words of a scale of shares from 0 to `top`, `scale` pixels a whole."""
    step = round_step(top, parts=parts)
    return [
        (edge + scale * step * n, f"{100 * step * n:g}" + (" %" if n == 0 else ""))
        for n in range(int(top / step + 1e-9) + 1)
    ]
