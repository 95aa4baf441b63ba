"""contrasts: each pair of models on the images both have predictions for."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.columns import Cell, described
from studyapp.reports import StudyReport

CONTRAST_COLUMNS = described(
    """
    first string Name of one model
    second string Name of the other
    correctness string standard: by the label; rectified: accepted predictions are right too
    n_images integer Labelled images both have a prediction for
    only_first integer Images only the first gets right
    only_second integer Images only the second gets right
    estimate share Share of them the first gets right less the share the second does
    ci_low share Lower end of its interval
    ci_high share Upper end of it
    ci_method string How the interval is made
    ci_level number Its confidence
    p_raw number Two-sided p of no difference
    p_holm number The same, adjusted by Holm over n_family pairs of this correctness
    test string The test
    planned boolean Whether the analysis plan names this pair and the report follows it
    n_family integer Comparisons p_holm is adjusted over
    """
)
PRINTED_OF_CONTRASTS = (
    "first", "second", "correctness", "n_images", "only_first", "only_second", "estimate", "ci_low",
    "ci_high", "p_raw", "p_holm",
)  # fmt: skip


def contrast_rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    """Rows of CONTRAST_COLUMNS by names of the models: the comparisons of the report."""
    for pair in report.comparisons:
        for correctness, found, p_holm in (
            ("standard", pair.standard, pair.standard_p_holm),
            ("rectified", pair.rectified, pair.rectified_p_holm),
        ):
            yield (
                pair.first,
                pair.second,
                correctness,
                pair.n_images,
                found.n["only_first"],
                found.n["only_second"],
                found.estimate,
                found.low,
                found.high,
                found.interval_method,
                found.level,
                found.p,
                p_holm,
                found.method,
                pair.planned,
                pair.n_family,
            )
