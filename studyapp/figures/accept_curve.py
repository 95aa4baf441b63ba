"""The rectified error of each model against the number of yes votes that accept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studyapp.figures.canvas import COLOURS, TEXT, WIDE, new_figure, shortened
from studyapp.figures.scales import percent_marks, round_top

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOP = 12
HEIGHT = 260
FOOT = 52
LEFT = 40
#: Lines beyond this many cannot be told apart; the table has every model.
MOST_MODELS = 8


@dataclass(frozen=True)
class AcceptCurve:
    """One model: (k, rectified error, low, high) for each k, as fractions."""

    name: str
    points: tuple[tuple[int, float, float, float], ...]


def accept_figure(curves: Sequence[AcceptCurve], *, accept_at: int, width: int = WIDE) -> Figure:
    """A line per model with the interval at every k; the rule of the report is marked."""
    shown = curves[:MOST_MODELS]
    figure, axes = new_figure(width, TOP + HEIGHT + FOOT)
    right = width * (0.7 if width >= WIDE else 0.64)
    top_value = round_top(max((p[3] for c in shown for p in c.points), default=0.01))
    largest = max((p[0] for c in shown for p in c.points), default=1)
    ks = sorted({p[0] for c in shown for p in c.points})
    step = (right - LEFT - 20) / max(1, largest - ks[0]) if ks else 0

    def x(k: int) -> float:
        return LEFT + 10 + step * (k - ks[0])

    def y(share: float) -> float:
        return TOP + HEIGHT * (1 - share / top_value)

    for place, label in percent_marks(top_value, scale=1.0, edge=0.0, parts=5):
        axes.plot([LEFT, right], [y(place)] * 2, color=COLOURS["line"], linewidth=1, zorder=0)
        axes.text(
            LEFT - 6, y(place), label, color=COLOURS["ink-2"], fontsize=TEXT - 1, ha="right",
            va="center",
        )  # fmt: skip
    _foot(axes, [(x(k), k) for k in ks], accept_at=accept_at, right=right)
    taken: list[float] = []
    for curve in sorted(shown, key=lambda curve: -curve.points[-1][1]):
        strong = curve is shown[0]
        colour = COLOURS["accepted" if strong else "ink-2"]
        xs = [x(k) for k, *_ in curve.points]
        axes.plot(
            xs, [y(p[1]) for p in curve.points], "-o", color=colour, markersize=5, linewidth=1.8,
            zorder=3,
        )  # fmt: skip
        for at, (_, _, low, high) in zip(xs, curve.points, strict=True):
            axes.plot(
                [at, at], [y(low), y(high)], color=colour, linewidth=7, alpha=0.3,
                solid_capstyle="butt", zorder=2,
            )  # fmt: skip
        beside = _free(y(curve.points[-1][1]), taken)
        axes.text(
            right + 2, beside, shortened(curve.name, width=width - right - 4),
            color=COLOURS["ink"], fontsize=TEXT, va="center",
            fontweight="bold" if strong else "normal",
        )  # fmt: skip
    return figure


def accept_text(curves: Sequence[AcceptCurve]) -> str:
    """The figure in words."""
    told = [
        f"{curve.name}: "
        + ", ".join(f"{100 * share:.2f} % at {k} yes" for k, share, _, _ in curve.points)
        + "."
        for curve in curves[:MOST_MODELS]
    ]
    return " ".join(["Rectified top-1 error by the number of yes that accept.", *told])


def _foot(axes: Axes, places: list[tuple[float, int]], *, accept_at: int, right: float) -> None:
    bottom = TOP + HEIGHT
    for at, k in places:
        planned = k == accept_at
        axes.text(
            at, bottom + 10, str(k), fontsize=TEXT, ha="center", va="top",
            color=COLOURS["accepted" if planned else "ink-2"],
            fontweight="bold" if planned else "normal",
        )  # fmt: skip
        if planned:
            axes.plot(
                [at, at], [TOP, bottom], color=COLOURS["accepted"], linewidth=1.2,
                linestyle=(0, (2, 2)), zorder=1,
            )  # fmt: skip
    axes.text(
        (LEFT + right) / 2, bottom + 30, "yes votes that accept", fontsize=TEXT,
        color=COLOURS["ink-2"], ha="center", va="top",
    )  # fmt: skip


def _free(wanted: float, taken: list[float]) -> float:
    """The nearest place at or below `wanted` where a line of text touches none above it."""
    place = max([wanted, *(other + TEXT + 3 for other in taken)])
    taken.append(place)
    return place
