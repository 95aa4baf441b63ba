"""The curve of a design, and its numbers as a table."""

from __future__ import annotations

from studyapp.figures import DesignLine, design_figure, design_text
from studyapp.reports.design_values import Design
from studyapp.reports.report_figures import ReportFigure


def curve_figure(design: Design) -> ReportFigure:
    """The half-width against the mistakes asked, for half, all and twice the people."""
    people = design.wish.people
    lines = [
        DesignLine(
            f"{people:,} people",
            tuple((point.n_asked, point.halfwidth) for point in design.curve),
            strong=True,
        ),
        DesignLine(
            f"{max(1, people // 2):,}",
            tuple((point.n_asked, point.halfwidth_half) for point in design.curve),
        ),
        DesignLine(
            f"{2 * people:,}",
            tuple((point.n_asked, point.halfwidth_twice) for point in design.curve),
        ),
        DesignLine(
            "no limit",
            tuple((point.n_asked, point.halfwidth_images) for point in design.curve),
        ),
    ]
    wanted, asked = design.wish.halfwidth, design.n_asked
    return ReportFigure(
        name="design",
        title="Interval by mistakes asked",
        text=design_text(lines, wanted=wanted, asked=asked),
        rows=(wanted, asked, lines),
        draw=lambda width: design_figure(lines, wanted=wanted, asked=asked, width=width),
    )
