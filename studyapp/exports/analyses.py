"""analyses: every analysis that was not planned, and the plan as a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from studyapp.exports.columns import Cell, Table, described
from studyapp.models import Study
from studyapp.reports import StudyReport
from studyapp.reports.plan import plan_content

#: Only where a plan was stamped.
ANALYSIS_PLAN = "analysis_plan.json"

ANALYSIS_COLUMNS = described(
    """
    analysis string Name of the analysis
    model string Name of the model
    planned boolean false: these are the analyses that were not
    accept_at integer Yes votes that accept
    unsure string What unsure counts as: missing, no or yes
    seconds_min number Fastest answer that counts, in seconds; null where open
    seconds_max number Slowest answer that counts, in seconds; null where open
    named_by string Account of the person who named it; null at the terminal
    named_at datetime When it was named
    note string Why, in the person's words
    n_votes integer Votes that count
    n_images integer Labelled images with a prediction of the model
    n_accepted integer Asked errors that people accept
    n_undecided integer Asked errors without a verdict
    rectified_top1_error share Its errors that people do not accept / n_images
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    """
)
PRINTED = (
    "analysis", "model", "accept_at", "unsure", "seconds_min", "seconds_max", "n_images",
    "n_accepted", "rectified_top1_error", "ci_low", "ci_high",
)  # fmt: skip


def analyses_table(report: StudyReport) -> Table:
    """A row for each named analysis and model, in the order they were named."""
    return Table(
        name="analyses",
        title="Analyses that were not planned",
        columns=ANALYSIS_COLUMNS,
        rows=_rows(report),
        key=("analysis", "model"),
        printed=PRINTED,
    )


def analysis_plan(study: Study, report: StudyReport) -> dict[str, object] | None:
    """The stamped plan: its time, its hash, and the content that the hash is of."""
    content = plan_content(study)
    if content is None or report.plan is None:
        return None
    return {
        "stamped_at": report.plan.stamped_at,
        "plan_hash": report.plan.plan_hash,
        "protocol_hash": report.plan.protocol_hash,
        "plan": content,
    }


def _rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    for one in report.analyses:
        for of in one.models:
            yield (
                one.name,
                of.model,
                False,
                one.accept_at,
                one.unsure,
                one.seconds_min,
                one.seconds_max,
                one.author,
                datetime.fromisoformat(one.created_at),
                one.note,
                one.n_votes,
                of.n_images,
                of.n_accepted,
                of.n_undecided,
                of.rectified_top1_error,
                of.ci_low,
                of.ci_high,
            )
