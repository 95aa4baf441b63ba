"""Figures: the same drawing as SVG in the page and as PDF or PNG for a paper."""

from __future__ import annotations

from studyapp.figures.accept_curve import AcceptCurve, accept_figure, accept_text
from studyapp.figures.canvas import NARROW, WIDE, FileFormat, as_file, as_svg
from studyapp.figures.choices import ChoiceMark, choices_figure, choices_text, marks_text
from studyapp.figures.errors import ErrorRow, error_figure, error_text
from studyapp.figures.yes_votes import YesRow, yes_figure, yes_text

__all__ = [
    "NARROW",
    "WIDE",
    "AcceptCurve",
    "ChoiceMark",
    "ErrorRow",
    "FileFormat",
    "YesRow",
    "accept_figure",
    "accept_text",
    "as_file",
    "as_svg",
    "choices_figure",
    "choices_text",
    "error_figure",
    "error_text",
    "marks_text",
    "yes_figure",
    "yes_text",
]
