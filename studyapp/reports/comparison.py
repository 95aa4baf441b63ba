"""Every two models of a study on the images both have a prediction for."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Contrast, Verdict, holm, mcnemar
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.reports.study_report import PairReport


def compare_models(
    analysis: Analysis, *, planned: Collection[frozenset[str]] = ()
) -> tuple[PairReport, ...]:
    """All pairs in the order of names; those without an image in common are left out.

    Planned pairs are adjusted among themselves, the others over all pairs, for those that were
    looked at beside them are looks as well; the standard and the rectified comparisons each as
    families of their own.
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
    is_planned = [frozenset(pair[:2]) in planned for pair in found]
    standard_p = _adjusted([pair[2] for pair in found], is_planned)
    rectified_p = _adjusted([pair[3] for pair in found], is_planned)
    return tuple(
        PairReport(
            first=first,
            second=second,
            planned=is_planned[place],
            n_family=sum(is_planned) if is_planned[place] else len(found),
            n_images=standard.n["n_images"],
            standard=standard,
            standard_p_holm=standard_p[place],
            rectified=rectified,
            rectified_p_holm=rectified_p[place],
        )
        for place, (first, second, standard, rectified) in enumerate(found)
    )


def _right(model: ModelAnalysis, analysis: Analysis) -> npt.NDArray[np.bool_]:
    """bool[L]: the annotated class, or one that people accepted."""
    right = model.correct.copy()
    asked = np.flatnonzero(model.question >= 0)
    right[asked] = analysis.verdicts.code[model.question[asked]] == Verdict.ACCEPTED
    return right


def _adjusted(contrasts: list[Contrast], planned: list[bool]) -> list[float]:
    """McNemar's test always has a p: without any difference it is 1."""
    p = [1.0 if found.p is None else found.p for found in contrasts]
    adjusted = [float(value) for value in holm(p)]
    places = [place for place, is_planned in enumerate(planned) if is_planned]
    for place, value in zip(places, holm([p[place] for place in places]), strict=True):
        adjusted[place] = float(value)
    return adjusted
