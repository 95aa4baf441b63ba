"""agreement: how far raters agree, a row for each way to read three answers."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.columns import Cell, described
from studyapp.reports import StudyReport

AGREEMENT_COLUMNS = described(
    """
    coding string Which answers share a category
    n_questions integer Questions with at least two votes
    n_votes integer Their votes
    n_single integer Questions with one vote
    percent_agreement share Mean over questions of the share of agreeing pairs of votes
    unanimous_share share Questions whose votes are all equal / n_questions
    fleiss_kappa number Fleiss' kappa
    krippendorff_alpha number Krippendorff's nominal alpha
    gwet_ac1 number Gwet's AC1
    brennan_prediger number Brennan and Prediger's coefficient
    """
)


def agreement_rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    """Rows of AGREEMENT_COLUMNS in the order of the codings."""
    for row in report.agreement:
        yield tuple(getattr(row, column.name) for column in AGREEMENT_COLUMNS)
