"""The half-width of an interval against the number of mistakes asked about."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studyapp.figures.canvas import COLOURS, NARROW, TEXT, WIDE, new_figure, shortened
from studyapp.figures.scales import round_step

TOP = 16
HEIGHT = 270
FOOT = 56
LEFT = 46


@dataclass(frozen=True)
class DesignLine:
    """One number of raters: (mistakes asked, half-width as a fraction), by rising number."""

    label: str
    points: tuple[tuple[int, float], ...]
    strong: bool = False


def design_figure(
    lines: Sequence[DesignLine], *, wanted: float, asked: int, width: int = WIDE
) -> Figure:
    """A line for each number of raters; the wanted half-width and what is to be asked are marked.

    The height ends at four times what is wanted or at the widest point, whichever is lower, so
    that the part that matters is seen.
    """
    figure, axes = new_figure(width, TOP + HEIGHT + FOOT)
    right, bottom = width * (0.74 if width >= WIDE else 0.66), TOP + HEIGHT
    most = max((n for line in lines for n, _ in line.points), default=1)
    widest = max((half for line in lines for _, half in line.points), default=wanted)
    narrowest = min((line.points[-1][1] for line in lines if line.points), default=wanted)
    top = min(widest, max(4 * wanted, 1.5 * narrowest)) or 0.01

    def x(n: float) -> float:
        return LEFT + (right - LEFT) * n / most

    def y(half: float) -> float:
        return bottom - HEIGHT * min(half, top) / top

    _scales(axes, x=x, y=y, most=most, top=top, right=right, narrow=width <= NARROW)
    axes.plot([LEFT, right], [y(wanted)] * 2, color=COLOURS["accepted"], linewidth=1.2,
              linestyle=(0, (2, 2)), zorder=1)  # fmt: skip
    _wanted(axes, f"wanted ± {100 * wanted:g}", y(wanted), right=right,
            late=asked > most / 2)  # fmt: skip
    axes.plot([x(asked)] * 2, [TOP, bottom], color=COLOURS["line"], linewidth=1.5, zorder=1)
    taken: list[float] = []
    alike = _alike(lines, least=top / HEIGHT)
    for line in sorted(lines, key=lambda line: -line.points[-1][1]):
        shown = [(n, half) for n, half in line.points if half <= top]
        if not shown:
            continue
        colour = COLOURS["action" if line.strong else "ink-2"]
        axes.plot([x(n) for n, _ in shown], [y(half) for _, half in shown], color=colour,
                  linewidth=2.4 if line.strong else 1.4, zorder=2 + line.strong)  # fmt: skip
        if alike and not line.strong:
            continue
        place = max([y(shown[-1][1]), *(other + TEXT + 3 for other in taken)])
        taken.append(place)
        axes.text(right + 4, place, shortened(alike or line.label, width=width - right - 4),
                  color=COLOURS["ink"], fontsize=TEXT, va="center",
                  fontweight="bold" if line.strong else "normal")  # fmt: skip
    return figure


def design_text(lines: Sequence[DesignLine], *, wanted: float, asked: int) -> str:
    """The figure in words."""
    told = [
        f"{line.label}: ± {100 * line.points[0][1]:.2f} points with {line.points[0][0]:,} asked, "
        f"± {100 * line.points[-1][1]:.2f} with {line.points[-1][0]:,}."
        for line in lines
        if line.points
    ]
    what = "Half-width of the interval of the rectified error by the number of mistakes asked."
    marked = f"Wanted: ± {100 * wanted:g} points; to be asked: {asked:,}."
    return " ".join([what, marked, *told])


def _alike(lines: Sequence[DesignLine], *, least: float) -> str:
    """The one name of lines that nobody can tell apart; nothing where some can be."""
    strong = next((line for line in lines if line.strong), None)
    if strong is None or len(lines) < 2:
        return ""
    apart = max(
        abs(half - own)
        for line in lines
        for (_, half), (_, own) in zip(line.points, strong.points, strict=True)
    )
    return "any number" if apart < least else ""


def _wanted(axes: Axes, text: str, line: float, *, right: float, late: bool) -> None:
    """The name of the wanted half-width where no curve runs: below its line before they cross it,
    above it behind."""
    axes.text(
        LEFT + 4 if late else right - 4, line + 4 if late else line - 6, text,
        color=COLOURS["accepted"], fontsize=TEXT - 1, ha="left" if late else "right",
        va="top" if late else "bottom",
    )  # fmt: skip


def _scales(
    axes: Axes,
    *,
    x: Callable[[float], float],
    y: Callable[[float], float],
    most: int,
    top: float,
    right: float,
    narrow: bool,
) -> None:
    step = round_step(top, parts=6)
    for place in range(int(top / step + 1e-9) + 1):
        height = y(step * place)
        axes.plot([LEFT, right], [height] * 2, color=COLOURS["line"], linewidth=1, zorder=0)
        axes.text(LEFT - 6, height, f"{100 * step * place:g}", color=COLOURS["ink-2"],
                  fontsize=TEXT - 1, ha="right", va="center")  # fmt: skip
    each = max(1, math.ceil(round_step(float(most), parts=3 if narrow else 5)))
    for number in range(0, most + 1, each):
        axes.plot([x(number)] * 2, [y(0), y(0) + 4], color=COLOURS["line"], linewidth=1)
        axes.text(x(number), y(0) + 8, f"{number:,}", color=COLOURS["ink-2"], fontsize=TEXT - 1,
                  ha="center", va="top")  # fmt: skip
    axes.text((LEFT + right) / 2, y(0) + 30, "mistakes asked about", color=COLOURS["ink-2"],
              fontsize=TEXT, ha="center", va="top")  # fmt: skip
