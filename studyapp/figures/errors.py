"""The dumbbell: each model's standard error and what is left of it when people are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studyapp.figures.canvas import COLOURS, NARROW, TEXT, WIDE, new_figure, scale_marks, shortened
from studyapp.figures.scales import percent_marks, round_top

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Room for half a dot that lies at an end of the scale.
EDGE = 7
TOP = 8
FOOT = 30
#: From the line of a row to its lower edge.
LINE = 18


@dataclass(frozen=True)
class ErrorRow:
    """One model; every figure a fraction of its images.

    While nothing is `decided` the rectified error is no finding, and is not drawn as one.
    links: where the images of the two dots, standard and rectified, are shown; or nothing.
    """

    name: str
    error: float
    rectified: float
    low: float
    high: float
    bound_low: float
    bound_high: float
    decided: bool = True
    links: tuple[str, str] | None = None


def error_figure(rows: Sequence[ErrorRow], *, width: int = WIDE) -> Figure:
    """One line per model: an open dot for the standard error, a full one for the rectified.

    A model about which nothing is decided has the open dot alone, and no green.
    The bar around the full dot is its interval; the thin line with ends below it, drawn only
    where a question is undecided, the bounds. The scale begins at zero.
    """
    row_height = 74 if width < WIDE else 58
    bottom = TOP + row_height * len(rows)
    figure, axes = new_figure(width, bottom + FOOT)
    top_value = round_top(max((max(row.error, row.high) for row in rows), default=0.01))
    scale = (width - 2 * EDGE) / top_value
    marks = percent_marks(top_value, scale=scale, edge=EDGE, parts=3 if width <= NARROW else 6)
    lines = [TOP + row_height * (place + 1) - LINE for place in range(len(rows))]
    scale_marks(axes, marks=marks, bottom=bottom, spans=[(y - 12, y + 14) for y in lines])
    for place, row in enumerate(rows):
        _draw(axes, row, top=TOP + place * row_height, height=row_height, scale=scale, width=width)
    return figure


def error_text(rows: Sequence[ErrorRow]) -> str:
    """The figure in words."""
    lines = [
        f"{row.name}: {100 * row.error:.2f} % standard, {_rectified(row)}, "
        f"interval {100 * row.low:.2f} to {100 * row.high:.2f} %, "
        f"bounds {100 * row.bound_low:.2f} to {100 * row.bound_high:.2f} %."
        for row in rows
    ]
    return " ".join(["Standard and rectified top-1 error of each model.", *lines])


def _rectified(row: ErrorRow) -> str:
    return f"{100 * row.rectified:.2f} % rectified" if row.decided else "no verdicts yet"


def _draw(
    axes: Axes, row: ErrorRow, *, top: float, height: float, scale: float, width: int
) -> None:
    line = top + height - LINE
    at = {
        name: EDGE + scale * getattr(row, name)
        for name in ("error", "rectified", "low", "high", "bound_low", "bound_high")
    }
    after = f" → {100 * row.rectified:.2f} %" if row.decided else " %, no verdicts yet"
    figures = f"{100 * row.error:.2f}{after}"
    colour = COLOURS["accepted" if row.decided else "undecided"]
    beside = width >= WIDE
    room = width - 2 * EDGE - (len(figures) * TEXT * 0.62 if beside else 0)
    axes.text(
        EDGE, top + 6, shortened(row.name, width=room), color=COLOURS["ink"], fontsize=TEXT,
        fontweight="bold", va="top",
    )  # fmt: skip
    axes.text(
        width - EDGE if beside else EDGE, top + 6 if beside else top + 24, figures,
        color=COLOURS["ink-2"], fontsize=TEXT, va="top", ha="right" if beside else "left",
    )  # fmt: skip
    axes.plot(
        [at["rectified"], at["error"]], [line, line], color=COLOURS["ink-2"], linewidth=2, zorder=1
    )
    axes.plot(
        [at["low"], at["high"]], [line, line], color=colour, linewidth=9, alpha=0.35,
        solid_capstyle="butt", zorder=2,
    )  # fmt: skip
    if row.bound_low < row.bound_high:
        _bounds(axes, at["bound_low"], at["bound_high"], line + 9)
    axes.plot(
        at["error"], line, "o", markersize=9, markerfacecolor=COLOURS["paper"],
        markeredgecolor=COLOURS["ink-2"], markeredgewidth=2, zorder=3,
        url=row.links and row.links[0],
    )  # fmt: skip
    if row.decided:
        axes.plot(
            at["rectified"], line, "o", markersize=10, color=colour, zorder=4,
            url=row.links and row.links[1],
        )  # fmt: skip


def _bounds(axes: Axes, low: float, high: float, line: float) -> None:
    axes.plot([low, high], [line, line], color=COLOURS["ink-2"], linewidth=1.2, zorder=2)
    for end in (low, high):
        axes.plot([end, end], [line - 3, line + 3], color=COLOURS["ink-2"], linewidth=1.2, zorder=2)
