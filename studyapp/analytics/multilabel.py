"""Multi-label accuracy: a prediction is right when it is any of an image's right labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Int64, id_column, integer_column
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True)
class RealAccuracy:
    """Share of images with right labels whose first predicted class is among them (ReaL).

    n_images: images with at least one right label, the denominator; n_without_labels: the others,
    which count nowhere; n_correct: images whose prediction is right. accuracy = n_correct /
    n_images in 0..1 with its interval `ci`; both None when no image has right labels.
    """

    n_images: int
    n_correct: int
    n_without_labels: int
    accuracy: float | None
    ci: Interval | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, the interval as ci_low, ci_high, ci_method, ci_level."""
        return payload(
            n_images=self.n_images,
            n_correct=self.n_correct,
            n_without_labels=self.n_without_labels,
            real_accuracy=self.accuracy,
            ci_low=self.ci and self.ci.low,
            ci_high=self.ci and self.ci.high,
            ci_method=self.ci and self.ci.method,
            ci_level=self.ci and self.ci.level,
        )


def real_accuracy(
    prediction: npt.ArrayLike,
    *,
    indptr: npt.ArrayLike,
    indices: npt.ArrayLike,
    method: str = "wilson",
    level: float = 0.95,
) -> RealAccuracy:
    """ReaL accuracy of first predictions (Beyer et al. 2020).

    prediction: int32[N], the first predicted class of every image.
    indptr: int64[N + 1], indices: int32[L]: the right labels of image i are
    indices[indptr[i]:indptr[i + 1]]; none at all is allowed, and so is a label twice.
    Raises ColumnError for other shapes or an `indptr` that does not rise from 0 to L.
    """
    predicted, _ = id_column("prediction", prediction)
    labels, _ = id_column("indices", indices)
    ends = integer_column("indptr", indptr, length=predicted.size + 1)
    sizes = np.diff(ends)
    if ends[0] != 0 or ends[-1] != labels.size or (sizes < 0).any():
        raise ColumnError(
            f"Column indptr must rise from 0 to {labels.size}, the number of labels; "
            "give the running total of labels per image."
        )
    image = np.repeat(np.arange(predicted.size), sizes)
    right = np.zeros(predicted.size, dtype=np.bool_)
    right[image[labels == predicted[image]]] = True
    n_images, n_correct = int(np.count_nonzero(sizes)), int(np.count_nonzero(right))
    return RealAccuracy(
        n_images=n_images,
        n_correct=n_correct,
        n_without_labels=predicted.size - n_images,
        accuracy=n_correct / n_images if n_images else None,
        ci=proportion_ci(n_correct, n=n_images, method=method, level=level) if n_images else None,
    )


def labels_of(rows: Int64, *, indptr: Int64, indices: Int64) -> tuple[Int64, Int64]:
    """The right labels of some images, in the form of `real_accuracy`.

    rows: int64[R], images 0..N-1 in any order. indptr: int64[N + 1], indices: int64[L], as there.
    Returns int64[R + 1] and the labels of the rows, one row after another.
    """
    sizes = np.diff(indptr)[rows]
    ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    # The labels of image i lie at indptr[i] + 0, 1, ...
    within = np.arange(ends[-1]) - np.repeat(ends[:-1], sizes)
    return ends, indices[np.repeat(indptr[:-1][rows], sizes) + within]
