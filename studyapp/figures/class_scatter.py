"""The robustness score of each class against how often it is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studyapp.figures.canvas import COLOURS, TEXT, WIDE, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOP, HEIGHT, FOOT, LEFT, RIGHT = 30, 270, 56, 46, 18
#: Classes with the lowest scores that carry their name.
MOST_NAMED = 5


@dataclass(frozen=True)
class ClassDot:
    """One class: both figures in 0..1. link: where its images are shown, if anywhere."""

    name: str
    score: float
    accuracy: float
    link: str = ""


def class_figure(dots: Sequence[ClassDot], *, accuracy: str, width: int = WIDE) -> Figure:
    """A dot a class, both scales from 0 to 1; those with the lowest scores are diamonds with their
    name."""
    figure, axes = new_figure(width, TOP + HEIGHT + FOOT)
    right, bottom = width - RIGHT, TOP + HEIGHT
    span = right - LEFT

    def place(dot: ClassDot) -> tuple[float, float]:
        return LEFT + span * dot.score, bottom - HEIGHT * dot.accuracy

    for mark in range(6):
        share = mark / 5
        height, across = bottom - HEIGHT * share, LEFT + span * share
        axes.plot([LEFT, right], [height, height], color=COLOURS["line"], linewidth=1, zorder=0)
        axes.plot([across, across], [bottom, bottom + 4], color=COLOURS["line"], linewidth=1)
        _word(axes, LEFT - 6, height, f"{share:.1f}", ha="right", va="center")
        _word(axes, across, bottom + 8, f"{share:.1f}", ha="center", va="top")
    _word(axes, (LEFT + right) / 2, bottom + 30, "class robustness score", ha="center", va="top")
    _word(axes, LEFT, TOP - 8, f"{accuracy} accuracy", ha="left", va="bottom")
    lowest = sorted(dots, key=lambda dot: dot.score)[:MOST_NAMED]
    for dot in dots:
        if dot not in lowest:
            axes.plot(
                *place(dot), "o", markersize=4.5, alpha=0.6, color=COLOURS["accepted"],
                markeredgewidth=0, zorder=2, url=dot.link or None,
            )  # fmt: skip
    taken: list[float] = []
    for dot in sorted(lowest, key=lambda dot: -dot.accuracy):
        x, y = place(dot)
        axes.plot(
            x, y, "D", markersize=6, color=COLOURS["rejected"], markeredgewidth=0, zorder=3,
            url=dot.link or None,
        )  # fmt: skip
        at = max([y, *(other + TEXT + 3 for other in taken)])
        taken.append(at)
        before = x > (LEFT + right) / 2
        room = (x - LEFT if before else right - x) - 12
        axes.text(
            x - 10 if before else x + 10, at, shortened(dot.name, width=room),
            color=COLOURS["ink"], fontsize=TEXT - 1, ha="right" if before else "left", va="center",
        )  # fmt: skip
    return figure


def class_text(dots: Sequence[ClassDot], *, accuracy: str) -> str:
    """The figure in words."""
    lowest = sorted(dots, key=lambda dot: dot.score)[:MOST_NAMED]
    told = "; ".join(
        f"{dot.name}: score {dot.score:.2f}, {accuracy} accuracy {100 * dot.accuracy:.0f} %"
        for dot in lowest
    )
    return f"{len(dots)} classes by robustness score and {accuracy} accuracy. The lowest: {told}."


def _word(axes: Axes, x: float, y: float, text: str, *, ha: str, va: str) -> None:
    axes.text(x, y, text, color=COLOURS["ink-2"], fontsize=TEXT - 1, ha=ha, va=va)
