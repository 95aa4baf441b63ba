"""How many of the raters said yes: each model's mistakes by yes votes (Fig. 2 of the paper)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studyapp.figures.canvas import COLOURS, TEXT, WIDE, new_figure, scale_marks, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EDGE = 2
TOP = 8
FOOT = 30
BAR = 24
#: Below this a segment carries no number; the table beside the figure has it.
SMALLEST_LABEL = 15


@dataclass(frozen=True)
class YesRow:
    """One model: images with exactly j yes of n valid votes, for j from 0 to n.

    links: where those images are shown, by j; empty where the figure links to nothing.
    """

    name: str
    by_yes: tuple[int, ...]
    links: tuple[str, ...] = ()


def yes_figure(rows: Sequence[YesRow], *, accept_at: int, width: int = WIDE) -> Figure:
    """A bar per model, split by yes votes; those that accept are green."""
    row_height = 60
    bottom = TOP + row_height * len(rows)
    figure, axes = new_figure(width, bottom + FOOT)
    scale = width - 2 * EDGE
    marks = [(EDGE + scale * share, f"{share:.0%}".replace("%", " %")) for share in (0, 0.5, 1)]
    scale_marks(axes, marks=marks, bottom=bottom)
    for place, row in enumerate(rows):
        top = TOP + place * row_height
        total = sum(row.by_yes)
        count = f"{total:,} images" if place == 0 else f"{total:,}"
        axes.text(
            EDGE, top + 6,
            shortened(row.name, width=scale - len(count) * TEXT * 0.62 - TEXT),
            color=COLOURS["ink"], fontsize=TEXT, fontweight="bold", va="top",
        )  # fmt: skip
        axes.text(
            width - EDGE,
            top + 6,
            count,
            color=COLOURS["ink-2"],
            fontsize=TEXT,
            va="top",
            ha="right",
        )
        _bar(axes, row, accept_at=accept_at, top=top + 26, scale=scale)
    return figure


def yes_text(rows: Sequence[YesRow]) -> str:
    """The figure in words."""
    lines = []
    for row in rows:
        total = sum(row.by_yes)
        parts = ", ".join(
            f"{j} yes {count:,} ({count / total:.1%})"
            for j, count in enumerate(row.by_yes)
            if total
        )
        lines.append(f"{row.name}: {parts or 'no image with all its votes'}.")
    return " ".join(["Misclassified images of each model by number of yes votes.", *lines])


def _bar(axes: Axes, row: YesRow, *, accept_at: int, top: float, scale: float) -> None:
    total, left = sum(row.by_yes), float(EDGE)
    n = len(row.by_yes) - 1
    for yes, count in enumerate(row.by_yes):
        width = scale * count / total if total else 0
        if not width:
            continue
        accepts = yes >= accept_at
        colour, strength = _shade(yes, n=n, accept_at=accept_at)
        (bar,) = axes.barh(
            top, width, BAR, left, align="edge", color=COLOURS[colour], alpha=strength, linewidth=0
        )
        if row.links:
            bar.set_url(row.links[yes])
        axes.plot([left, left], [top, top + BAR], color=COLOURS["paper"], linewidth=1.5)
        if width >= SMALLEST_LABEL:
            axes.text(
                left + width / 2, top + BAR / 2 + 0.5, str(yes), fontsize=TEXT, ha="center",
                va="center_baseline", fontweight="bold" if accepts else "normal",
                color=COLOURS["paper" if strength > 0.6 else "ink"],
            )  # fmt: skip
        left += width


def _shade(yes: int, *, n: int, accept_at: int) -> tuple[str, float]:
    """Grey that deepens towards the line of acceptance, then green that deepens towards n."""
    if yes >= accept_at:
        steps = n - accept_at
        return "accepted", 1.0 if not steps else 0.75 + 0.25 * (yes - accept_at) / steps
    return "undecided", 0.14 + 0.4 * yes / max(1, accept_at - 1)
