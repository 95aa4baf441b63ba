"""sensitivity: every model's error under every choice of rule and timing window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from studyapp.exports.columns import Cell, described
from studyapp.reports import StudyReport

SENSITIVITY_COLUMNS = described(
    """
    model string Name of the model
    planned boolean Whether this is the rule and window of the report
    accept_at integer Yes votes that accept
    unsure string What unsure counts as: missing, no or yes
    extra string Votes beyond the rule's: first leaves them out, fraction counts all of them
    window string Name of the timing window
    window_low number Fastest answer that counts, in seconds; null where open
    window_high number Slowest answer that counts, in seconds; null where open
    n_raters integer Raters whose votes on the asked errors are left
    n_votes integer Votes on the asked errors that are left
    n_images integer Images of the model
    n_accepted integer Asked errors that people accept
    n_undecided integer Asked errors without a verdict
    rectified_top1_error share Its errors that people do not accept / n_images
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    raters string Whose votes count: all, or without_disagreeing
    """
)
PRINTED_OF_SENSITIVITY = (
    "model", "accept_at", "unsure", "extra", "window", "raters", "n_images", "n_accepted",
    "rectified_top1_error", "ci_low", "ci_high",
)  # fmt: skip


def sensitivity_rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    """Rows of SENSITIVITY_COLUMNS: the choices of the report, in its order."""
    for choice in report.sensitivity:
        cells = asdict(choice)
        yield tuple(cells[column.name] for column in SENSITIVITY_COLUMNS)
