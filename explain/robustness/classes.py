"""The robustness score of each class: means that say what they leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explain.errors import ParameterError
from explain.robustness.rs import Scores


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The robustness score of one class, and what entered it.

    crs          mean rs of the images that have one; None where no image has
    crs_correct  mean over those among them that the model gets right; None where there are none,
                 or where it is not known which
    n_images     images of the class, with a score or without
    n_scored     those with a score
    undefined    how many are without, by reason; n_images = n_scored + the sum of these
    top1, top5   shares of n_images whose class is the model's first, is among its first five; None
                 where not known
    area         mean share of the picture inside the boxes, over the scored images: the crs of a
                 model that looks everywhere alike
    """

    class_index: int
    crs: float | None
    crs_correct: float | None
    n_images: int
    n_scored: int
    undefined: Mapping[str, int]
    top1: float | None
    top5: float | None
    area: float | None


def by_class(
    scores: Scores,
    classes: Sequence[int] | npt.NDArray[np.integer],
    *,
    ranks: Sequence[int] | npt.NDArray[np.integer] | None = None,
) -> tuple[ClassScore, ...]:
    """Class scores by class index (Szyc et al. 2021, eq. 2).

    classes  N, the annotated class of each image
    ranks    N, the place of that class among the model's predictions, 0 for the first

    Raises ParameterError for another number of classes or ranks.
    """
    labels = np.asarray(classes, dtype=np.int64)
    places = None if ranks is None else np.asarray(ranks, dtype=np.int64)
    for name, given in (("classes", labels), ("ranks", places)):
        if given is not None and given.shape != (len(scores),):
            raise ParameterError(
                f"{len(scores)} scores need as many {name}",
                item=f"{name} {given.shape}",
                remedy="Give one number per image, in the order of the maps",
            )
    return tuple(
        _class_score(scores, np.flatnonzero(labels == label), label=int(label), ranks=places)
        for label in np.unique(labels)
    )


def _class_score(
    scores: Scores,
    members: npt.NDArray[np.int64],
    *,
    label: int,
    ranks: npt.NDArray[np.int64] | None,
) -> ClassScore:
    scored = members[~np.isnan(scores.rs[members])]
    reasons = Counter(
        reason.name.lower() for at in members if (reason := scores.undefined[at]) is not None
    )
    return ClassScore(
        class_index=label,
        crs=_mean(scores.rs[scored]),
        crs_correct=None if ranks is None else _mean(scores.rs[scored[ranks[scored] == 0]]),
        n_images=len(members),
        n_scored=len(scored),
        undefined=dict(sorted(reasons.items())),
        top1=None if ranks is None else float((ranks[members] == 0).mean()),
        top5=None if ranks is None else float((ranks[members] < 5).mean()),
        area=_mean(scores.area[scored]),
    )


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None
