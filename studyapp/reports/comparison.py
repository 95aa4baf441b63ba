"""Every two models of a study on the images both have a prediction for."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Contrast, Verdict, holm, mcnemar
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.reports.study_report import PairReport


def compare_models(analysis: Analysis) -> tuple[PairReport, ...]:
    """All pairs in the order of names; those without an image in common are left out.

    Adjusted over all pairs, the standard and the rectified comparisons each as one family.
    """
    right = {model.name: _right(model, analysis) for model in analysis.models}
    found = []
    for first, second in combinations(analysis.models, 2):
        _, of_first, of_second = np.intersect1d(
            first.row, second.row, assume_unique=True, return_indices=True
        )
        if of_first.size:
            rectified = mcnemar(right[first.name][of_first], right[second.name][of_second])
            standard = mcnemar(first.correct[of_first], second.correct[of_second])
            found.append((first.name, second.name, standard, rectified))
    return tuple(
        PairReport(
            first=first,
            second=second,
            n_images=standard.n["n_images"],
            standard=standard,
            standard_p_holm=adjusted,
            rectified=rectified,
            rectified_p_holm=rectified_adjusted,
        )
        for (first, second, standard, rectified), adjusted, rectified_adjusted in zip(
            found,
            _adjusted([standard for _, _, standard, _ in found]),
            _adjusted([rectified for _, _, _, rectified in found]),
            strict=True,
        )
    )


def _right(model: ModelAnalysis, analysis: Analysis) -> npt.NDArray[np.bool_]:
    """bool[L]: the annotated class, or one that people accepted."""
    right = model.correct.copy()
    asked = np.flatnonzero(model.question >= 0)
    right[asked] = analysis.verdicts.code[model.question[asked]] == Verdict.ACCEPTED
    return right


def _adjusted(contrasts: list[Contrast]) -> list[float]:
    """McNemar's test always has a p: without any difference it is 1."""
    adjusted = holm([1.0 if found.p is None else found.p for found in contrasts])
    return [float(p) for p in adjusted]
