"""Figures: the same drawing as SVG in the page and as PDF or PNG for a paper."""

from __future__ import annotations

from studyapp.figures.accept_curve import AcceptCurve, accept_figure, accept_text
from studyapp.figures.canvas import NARROW, WIDE, FileFormat, as_file, as_svg
from studyapp.figures.choices import ChoiceMark, choices_figure, choices_text, marks_text
from studyapp.figures.class_scatter import ClassDot, class_figure, class_text
from studyapp.figures.design_curve import DesignLine, design_figure, design_text
from studyapp.figures.errors import ErrorRow, error_figure, error_text
from studyapp.figures.histogram import Bar, histogram_figure, histogram_text
from studyapp.figures.rater_scatter import RaterDot, rater_figure, rater_text
from studyapp.figures.yes_votes import YesRow, yes_figure, yes_text

__all__ = [
    "NARROW",
    "WIDE",
    "AcceptCurve",
    "Bar",
    "ChoiceMark",
    "ClassDot",
    "DesignLine",
    "ErrorRow",
    "FileFormat",
    "RaterDot",
    "YesRow",
    "accept_figure",
    "accept_text",
    "as_file",
    "as_svg",
    "choices_figure",
    "choices_text",
    "class_figure",
    "class_text",
    "design_figure",
    "design_text",
    "error_figure",
    "error_text",
    "histogram_figure",
    "histogram_text",
    "marks_text",
    "rater_figure",
    "rater_text",
    "yes_figure",
    "yes_text",
]
