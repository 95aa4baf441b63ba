"""Each rater's agreement with the others against the time an answer took."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studyapp.figures.canvas import COLOURS, NARROW, TEXT, WIDE, new_figure, shortened

TOP = 14
HEIGHT = 270
FOOT = 56
LEFT = 46
RIGHT = 18
#: Names beyond this many would lie over each other; the table has every rater.
MOST_NAMED = 6
#: Seconds that may carry a mark.
_STEPS = tuple(m * 10.0**p for p in range(-2, 5) for m in (1, 2, 5))
#: The same where raters are so much alike that of those hardly any lies among them.
_FINE_STEPS = tuple(m * 10.0**p for p in range(-2, 5) for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8))
_FEW = 3


@dataclass(frozen=True)
class RaterDot:
    """One rater: median seconds above 0, agreement with the others 0..1, votes that count."""

    name: str
    seconds: float
    agreement: float
    n_votes: int
    flagged: bool


def rater_figure(dots: Sequence[RaterDot], *, width: int = WIDE) -> Figure:
    """A dot a rater, times on a logarithmic scale; flagged raters are diamonds with their name.

    The area of a dot grows with the number of votes.
    """
    figure, axes = new_figure(width, TOP + HEIGHT + FOOT)
    right, bottom = width - RIGHT, TOP + HEIGHT
    low, high = _span([dot.seconds for dot in dots])
    lowest = math.floor(10 * min((dot.agreement for dot in dots), default=0.0)) / 10

    def x(seconds: float) -> float:
        share = (math.log(seconds) - math.log(low)) / (math.log(high) - math.log(low))
        return LEFT + 12 + (right - LEFT - 24) * share

    def y(agreement: float) -> float:
        return bottom - HEIGHT * (agreement - lowest) / max(1 - lowest, 0.1)

    _grid(axes, lowest=lowest, y=y, right=right)
    times = [s for s in _STEPS if low <= s <= high]
    if len(times) < _FEW:
        times = [s for s in _FINE_STEPS if low <= s <= high]
    every = math.ceil(len(times) / (4 if width <= NARROW else 8)) or 1
    for seconds in times[::every]:
        axes.plot([x(seconds)] * 2, [bottom, bottom + 4], color=COLOURS["line"], linewidth=1)
        _word(axes, x(seconds), bottom + 8, f"{seconds:g}", va="top")
    _word(axes, (LEFT + right) / 2, bottom + 30, "median seconds an answer took", va="top")
    most = max((dot.n_votes for dot in dots), default=1)
    for dot in sorted(dots, key=lambda dot: -dot.n_votes):
        axes.plot(
            x(dot.seconds), y(dot.agreement), "D" if dot.flagged else "o",
            markersize=5 + 7 * math.sqrt(dot.n_votes / most), alpha=0.75, zorder=3,
            color=COLOURS["rejected" if dot.flagged else "accepted"], markeredgewidth=0,
        )  # fmt: skip
    _names(axes, [(x(dot.seconds), y(dot.agreement), dot.name) for dot in dots if dot.flagged],
           right=right)  # fmt: skip
    return figure


def rater_text(dots: Sequence[RaterDot]) -> str:
    """The figure in words."""
    if not dots:
        return "No rater has both a time and an agreement."
    agreements = sorted(dot.agreement for dot in dots)
    seconds = sorted(dot.seconds for dot in dots)
    flagged = sum(dot.flagged for dot in dots)
    return (
        f"{len(dots)} raters: agreement with the others from {100 * agreements[0]:.0f} to "
        f"{100 * agreements[-1]:.0f} %, median times from {seconds[0]:.1f} to {seconds[-1]:.1f} "
        f"seconds; {flagged} of them flagged. The table below has every rater."
    )


def _span(seconds: list[float]) -> tuple[float, float]:
    """Ends of the scale of times, at least a factor of two apart."""
    low, high = min(seconds, default=1.0), max(seconds, default=10.0)
    middle = math.sqrt(low * high)
    return min(low, middle / 1.5), max(high, middle * 1.5)


def _grid(axes: Axes, *, lowest: float, y: Callable[[float], float], right: float) -> None:
    step = 0.1 if lowest >= 0.5 else 0.25 if lowest == 0 else 0.2
    count = round((1 - lowest) / step)
    for place in range(count + 1):
        share = 1 - step * place
        height = y(share)
        axes.plot([LEFT, right], [height, height], color=COLOURS["line"], linewidth=1, zorder=0)
        label = f"{100 * share:.0f}" + (" %" if place == 0 else "")
        axes.text(
            LEFT - 6, height, label, color=COLOURS["ink-2"], fontsize=TEXT - 1, ha="right",
            va="center",
        )  # fmt: skip


def _word(axes: Axes, x: float, y: float, text: str, *, va: str) -> None:
    axes.text(x, y, text, color=COLOURS["ink-2"], fontsize=TEXT - 1, ha="center", va=va)


def _names(axes: Axes, places: list[tuple[float, float, str]], *, right: float) -> None:
    """Names beside their dots, the lowest first, each below none that is written already."""
    taken: list[float] = []
    for x, y, name in sorted(places, key=lambda place: -place[1])[:MOST_NAMED]:
        at = min([y, *(other - TEXT - 3 for other in taken)])
        taken.append(at)
        before = x > (LEFT + right) / 2
        room = (x - LEFT if before else right + RIGHT - x) - 14
        axes.text(
            x - 12 if before else x + 12, at, shortened(name, width=room), color=COLOURS["ink"],
            fontsize=TEXT - 1, ha="right" if before else "left", va="center",
        )  # fmt: skip
