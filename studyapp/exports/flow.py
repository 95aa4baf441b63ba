"""flow: where the votes went, from all that were given to those that count."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.columns import Cell, described
from studyapp.reports import StudyReport

FLOW_COLUMNS = described(
    """
    step string given, the reason of an exclusion, or valid
    label string The step in words
    n_votes integer Votes of this step
    share share n_votes / all votes given
    """
)


def flow_rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    """Rows of FLOW_COLUMNS: all votes, those each reason took away, those left."""
    votes = report.votes
    steps = [
        ("given", "Votes given", votes.n_votes),
        *((row.reason, row.label, row.n_votes) for row in votes.excluded),
        ("valid", "Votes that count", votes.n_valid),
    ]
    for step, label, n_votes in steps:
        yield step, label, n_votes, n_votes / votes.n_votes if votes.n_votes else None
