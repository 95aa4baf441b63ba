"""sensitivity: every model's error under every rule, with and without the timing window."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.analytics import exclude, rule_grid, sensitivity
from studyapp.exports.columns import Cell, described
from studyapp.reports import Analysis
from studyapp.selectors.votes import valid_votes

SENSITIVITY_COLUMNS = described(
    """
    model string Name of the model
    window_low number Fastest answer that counts, in seconds; null where open
    window_high number Slowest answer that counts, in seconds; null where open
    rule_k integer Yes votes that accept
    rule_n integer Votes that are looked at
    rule_unsure string What unsure counts as: missing, no or yes
    rule_extra string Votes beyond rule_n: first leaves them out, fraction counts all of them
    n_votes integer Votes on the asked errors that are left
    n_images integer Images of the model
    n_errors integer Its errors
    n_accepted integer Asked errors that people accept
    n_rejected integer Asked errors that people reject
    n_undecided integer Asked errors without a verdict
    rectified_top1_error share (n_errors - n_accepted) / n_images
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    bound_low share The error if every undecided image were accepted
    bound_high share The error if every undecided image were rejected
    """
)
PRINTED_OF_SENSITIVITY = (
    "model", "window_low", "window_high", "rule_k", "rule_n", "rule_unsure", "rule_extra",
    "n_images", "n_errors", "n_accepted", "rectified_top1_error", "ci_low", "ci_high",
)  # fmt: skip


def sensitivity_rows(analysis: Analysis) -> Iterator[tuple[Cell, ...]]:
    """Rows of SENSITIVITY_COLUMNS by model, window and rule."""
    votes, study = analysis.votes, analysis.study
    # The window and the surplus are what varies here: what the other reasons leave is the start.
    left = exclude(
        votes.question,
        rater=votes.rater,
        test_run=votes.test_run,
        unconfirmed=votes.unconfirmed,
        late=votes.late,
        superseded=votes.superseded,
        manual=votes.manual,
    )
    all_votes = valid_votes(votes, keep=left.keep, questions=analysis.questions.question)
    planned = tuple(
        None if end is None else float(end) for end in (study.seconds_min, study.seconds_max)
    )
    windows = [None] if planned == (None, None) else [(planned[0], planned[1]), None]
    for model in analysis.models:
        if not model.row.size:
            continue
        for row in sensitivity(
            all_votes,
            correct=model.correct,
            question=model.question,
            rules=rule_grid(analysis.rule.n),
            windows=windows,
        ):
            cells = row.to_dict() | {"model": model.name}
            yield tuple(cells[column.name] for column in SENSITIVITY_COLUMNS)  # type: ignore[misc]
