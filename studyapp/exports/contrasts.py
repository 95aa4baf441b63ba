"""contrasts: each pair of models on the images both have predictions for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Contrast, Verdict, holm, mcnemar
from studyapp.exports.columns import Cell, described
from studyapp.reports import Analysis, ModelAnalysis

CONTRAST_COLUMNS = described(
    """
    first string Name of one model
    second string Name of the other
    n_images integer Labelled images both have a prediction for
    only_first integer Images only the first still has wrong after people were asked
    only_second integer Images only the second still has wrong
    estimate share Rectified top-1 error of the first less that of the second, on these images
    ci_low share Lower end of its interval
    ci_high share Upper end of it
    ci_method string How the interval is made
    ci_level number Its confidence
    p_raw number Two-sided p of no difference
    p_holm number The same, adjusted by Holm over all pairs of this table
    test string The test
    """
)
PRINTED_OF_CONTRASTS = (
    "first", "second", "n_images", "only_first", "only_second", "estimate", "ci_low", "ci_high",
    "p_raw", "p_holm",
)  # fmt: skip


def contrast_rows(analysis: Analysis) -> Iterator[tuple[Cell, ...]]:
    """Rows of CONTRAST_COLUMNS by names of the models."""
    found: list[tuple[str, str, Contrast]] = []
    for first, second in combinations(analysis.models, 2):
        _, one, other = np.intersect1d(
            first.row, second.row, assume_unique=True, return_indices=True
        )
        if one.size:
            left, right = (
                _still_wrong(model, analysis)[rows]
                for model, rows in ((first, one), (second, other))
            )
            found.append((first.name, second.name, mcnemar(left, right)))
    adjusted = holm([float(contrast.p or 0) for _, _, contrast in found]).tolist() if found else []
    for (first_name, second_name, contrast), p_holm in zip(found, adjusted, strict=True):
        yield (
            first_name,
            second_name,
            contrast.n["n_images"],
            contrast.n["only_first"],
            contrast.n["only_second"],
            contrast.estimate,
            contrast.low,
            contrast.high,
            contrast.interval_method,
            contrast.level,
            contrast.p,
            p_holm,
            contrast.method,
        )


def _still_wrong(model: ModelAnalysis, analysis: Analysis) -> npt.NDArray[np.bool_]:
    """bool[L]: the model's errors less those people accept."""
    asked = model.question >= 0
    wrong = ~model.correct
    accepted = analysis.verdicts.code == Verdict.ACCEPTED
    wrong[asked] &= ~accepted[model.question[asked]]
    return wrong
