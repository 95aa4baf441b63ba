"""The robustness score of each class against how often it is recognised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studyapp.figures.canvas import COLOURS, LETTER, TEXT, WIDE, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOP, HEIGHT, FOOT, LEFT, RIGHT = 30, 270, 56, 46, 18
#: From one line of names to the next.
LINE = TEXT + 3
#: Half a diamond, and a little.
DOT = 6
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
    for dot in lowest:
        axes.plot(
            *place(dot), "D", markersize=6, color=COLOURS["rejected"], markeredgewidth=0, zorder=3,
            url=dot.link or None,
        )  # fmt: skip
    for name, x, y in _names(lowest, place=place, dots=dots, right=right, bottom=bottom):
        axes.text(x, y, name, color=COLOURS["ink"], fontsize=TEXT - 1, ha="left", va="center")
    return figure


def class_text(dots: Sequence[ClassDot], *, accuracy: str) -> str:
    """The figure in words."""
    lowest = sorted(dots, key=lambda dot: dot.score)[:MOST_NAMED]
    told = "; ".join(
        f"{dot.name}: score {dot.score:.2f}, {accuracy} accuracy {100 * dot.accuracy:.0f} %"
        for dot in lowest
    )
    return f"{len(dots)} classes by robustness score and {accuracy} accuracy. The lowest: {told}."


def _names(
    lowest: Sequence[ClassDot],
    *,
    place: Callable[[ClassDot], tuple[float, float]],
    dots: Sequence[ClassDot],
    right: float,
    bottom: float,
) -> list[tuple[str, float, float]]:
    """Each name with its left end and its height: beside its dot, where it lies over no other
    name and over as few dots as can be."""
    marks = [place(dot) for dot in dots]
    boxes: list[tuple[float, float, float]] = []
    found = []
    for dot in lowest:
        x, y = place(dot)
        # Most lie at the left of all others, where there is room.
        name = shortened(dot.name, width=max(x - LEFT, right - x) - 10)
        wide = len(name) * (TEXT - 1) * LETTER
        tries = [
            (start, y + line * LINE, wide)
            for line in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)
            # Far from its dot a name stands straight over or under it: else it is another dot's.
            for start in ((x - wide / 2,) if abs(line) > 1 else ()) + (x - 10 - wide, x + 10)
            if start >= LEFT
            and start + wide <= right
            and TOP <= y + line * LINE <= bottom - TEXT / 2
        ] or [(max(LEFT, x - 10 - wide), min(y, bottom - TEXT), wide)]
        best = min(tries, key=lambda box: _hidden(box, marks=marks, boxes=boxes))
        boxes.append(best)
        found.append((name, best[0], best[1]))
    return found


def _hidden(
    box: tuple[float, float, float],
    *,
    marks: Sequence[tuple[float, float]],
    boxes: Sequence[tuple[float, float, float]],
) -> int:
    """How much a name there would lie over: names weigh more than any number of dots."""
    start, height, wide = box
    names = sum(
        abs(other - height) < TEXT and start < begin + long and begin < start + wide
        for begin, other, long in boxes
    )
    under = sum(
        start - DOT <= x <= start + wide + DOT and abs(y - height) < LINE / 2 for x, y in marks
    )
    return 100_000 * names + under


def _word(axes: Axes, x: float, y: float, text: str, *, ha: str, va: str) -> None:
    axes.text(x, y, text, color=COLOURS["ink-2"], fontsize=TEXT - 1, ha=ha, va=va)
