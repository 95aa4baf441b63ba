"""Bars of a histogram on a plain or a logarithmic scale, with a window marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studyapp.figures.canvas import COLOURS, NARROW, TEXT, WIDE, new_figure
from studyapp.figures.scales import round_step

TOP = 14
HEIGHT = 200
FOOT = 56
LEFT = 52
RIGHT = 14
_ROUND = tuple(m * 10.0**p for p in range(-3, 6) for m in (1, 2, 5))


@dataclass(frozen=True)
class Bar:
    """From low to high: n of what is counted, and grey above them n_beside that is not."""

    low: float
    high: float
    n: int
    n_beside: int = 0


def histogram_figure(
    bars: Sequence[Bar],
    *,
    unit: str,
    logarithmic: bool = False,
    window: tuple[float | None, float | None] = (None, None),
    width: int = WIDE,
) -> Figure:
    """Heights begin at zero; each end of the window is a dashed line."""
    figure, axes = new_figure(width, TOP + HEIGHT + FOOT)
    right, bottom = width - RIGHT, TOP + HEIGHT
    low, high = bars[0].low, bars[-1].high
    most = max(bar.n + bar.n_beside for bar in bars) or 1
    place: Callable[[float], float] = math.log if logarithmic else float

    def x(value: float) -> float:
        share = (place(value) - place(low)) / (place(high) - place(low))
        return LEFT + (right - LEFT) * share

    step = max(1, math.ceil(round_step(float(most), parts=4)))
    for count in range(0, most + 1, step):
        y = bottom - HEIGHT * count / most
        axes.plot([LEFT, right], [y, y], color=COLOURS["line"], linewidth=1, zorder=0)
        axes.text(LEFT - 6, y, f"{count:,}", color=COLOURS["ink-2"], fontsize=TEXT - 1,
                  ha="right", va="center")  # fmt: skip
    for bar in bars:
        left, size = x(bar.low), x(bar.high) - x(bar.low)
        for start, count, colour in ((0, bar.n, "accepted"), (bar.n, bar.n_beside, "undecided")):
            axes.add_patch(
                Rectangle(
                    (left + 0.5, bottom - HEIGHT * (start + count) / most),
                    max(0.5, size - 1), HEIGHT * count / most, color=COLOURS[colour], linewidth=0,
                )
            )  # fmt: skip
    _scale(axes, x=x, low=low, high=high, logarithmic=logarithmic, narrow=width <= NARROW)
    axes.text((LEFT + right) / 2, bottom + 30, unit, color=COLOURS["ink-2"], fontsize=TEXT,
              ha="center", va="top")  # fmt: skip
    for end in window:
        if end is not None and low <= end <= high:
            axes.plot([x(end)] * 2, [TOP, bottom], color=COLOURS["ink"], linewidth=1.2,
                      linestyle=(0, (2, 2)), zorder=4)  # fmt: skip
    return figure


def histogram_text(bars: Sequence[Bar], *, what: str, unit: str) -> str:
    """The figure in words: where the middle and the ends lie."""
    total = sum(bar.n for bar in bars)
    if not total:
        return f"{what}: none."
    reached, middle = 0, bars[-1]
    for bar in bars:
        reached += bar.n
        if 2 * reached >= total:
            middle = bar
            break
    beside = sum(bar.n_beside for bar in bars)
    told = (
        f"{what}: {total:,}, from {bars[0].low:.3g} to {bars[-1].high:.3g} {unit}; half of them "
        f"lie below {middle.high:.3g}."
    )
    return f"{told} {beside:,} more do not count." if beside else told


def _scale(
    axes: Axes,
    *,
    x: Callable[[float], float],
    low: float,
    high: float,
    logarithmic: bool,
    narrow: bool,
) -> None:
    bottom, parts = TOP + HEIGHT, 4 if narrow else 8
    if logarithmic:
        marks = [value for value in _ROUND if low <= value <= high]
        marks = marks[:: max(1, math.ceil(len(marks) / parts))]
    else:
        step = round_step(high - low, parts=parts)
        first = math.ceil(low / step - 1e-9)
        marks = [step * n for n in range(first, int(high / step + 1e-9) + 1)]
    for value in marks:
        axes.plot([x(value)] * 2, [bottom, bottom + 4], color=COLOURS["line"], linewidth=1)
        axes.text(x(value), bottom + 8, f"{value:,.10g}", color=COLOURS["ink-2"],
                  fontsize=TEXT - 1, ha="center", va="top")  # fmt: skip
