"""What other choices would have made of one model's rectified error, one choice a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studyapp.figures.canvas import COLOURS, NARROW, TEXT, WIDE, new_figure, scale_marks, shortened
from studyapp.figures.scales import percent_marks, round_top

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EDGE = 6
TOP = 8
FOOT = 30
ROW = 44
#: From the upper edge of a row to its dot.
LINE = 32


@dataclass(frozen=True)
class ChoiceMark:
    """The rectified error and its interval under one choice, as fractions."""

    label: str
    value: float
    low: float
    high: float
    planned: bool = False
    #: Where the pictures it counts are shown, if anywhere.
    link: str = ""


def choices_figure(rows: Sequence[ChoiceMark], *, width: int = WIDE) -> Figure:
    """A dot and its interval per choice; a line runs down from the dot of the plan."""
    bottom = TOP + ROW * len(rows)
    figure, axes = new_figure(width, bottom + FOOT)
    top_value = round_top(max((row.high for row in rows), default=0.01))
    scale = (width - 2 * EDGE) / top_value
    marks = percent_marks(top_value, scale=scale, edge=EDGE, parts=3 if width <= NARROW else 6)
    lines = [TOP + ROW * place + LINE for place in range(len(rows))]
    scale_marks(axes, marks=marks, bottom=bottom, spans=[(y - 8, y + 8) for y in lines])
    for plan in (EDGE + scale * row.value for row in rows if row.planned):
        for line in lines:
            axes.plot(
                [plan, plan], [line - 10, line + 10], color=COLOURS["accepted"], linewidth=1.2,
                linestyle=(0, (2, 2)), zorder=1,
            )  # fmt: skip
    for row, line in zip(rows, lines, strict=True):
        _draw(axes, row, line=line, scale=scale, width=width)
    return figure


def choices_text(rows: Sequence[ChoiceMark], *, model: str) -> str:
    """The figure in words."""
    return f"Rectified top-1 error of {model} under other choices. {marks_text(rows)}"


def marks_text(rows: Sequence[ChoiceMark]) -> str:
    """The lines of the figure in words."""
    return " ".join(
        f"{row.label}: {100 * row.value:.2f} %, "
        f"interval {100 * row.low:.2f} to {100 * row.high:.2f} %."
        for row in rows
    )


def _draw(axes: Axes, row: ChoiceMark, *, line: float, scale: float, width: int) -> None:
    colour = COLOURS["accepted" if row.planned else "ink-2"]
    value = f"{100 * row.value:.2f} %"
    axes.text(
        EDGE, line - LINE + 6, shortened(row.label, width=width - len(value) * TEXT * 0.62 - TEXT),
        color=COLOURS["ink"], fontsize=TEXT, fontweight="bold" if row.planned else "normal",
        va="top",
    )  # fmt: skip
    axes.text(
        width - EDGE, line - LINE + 6, value, color=COLOURS["ink-2"], fontsize=TEXT, va="top",
        ha="right",
    )  # fmt: skip
    axes.plot(
        [EDGE + scale * row.low, EDGE + scale * row.high], [line, line], color=colour, linewidth=7,
        alpha=0.35, solid_capstyle="butt", zorder=2,
    )  # fmt: skip
    axes.plot(
        EDGE + scale * row.value, line, "o", markersize=8, color=colour, zorder=3,
        url=row.link or None,
    )  # fmt: skip
