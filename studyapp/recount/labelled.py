"""A model's first predictions on the labelled images of an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.recount.tables import FirstPredictions, Images


@dataclass(frozen=True, eq=False)
class Labelled:
    """row: int64[L], rows of Images. correct: bool[L], the annotated class is predicted.
    question: int64[L], place of the question about the prediction, -1 where there is none."""

    row: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]
    question: npt.NDArray[np.int64]


#: Of every model with a prediction, by its name.
OfModels = Mapping[str, Labelled]


def labelled_of(of: FirstPredictions, *, places: npt.NDArray[np.int64], images: Images) -> Labelled:
    """places: int64[P], of the questions of all the model's predictions."""
    known = images.label[of.row] >= 0
    return Labelled(
        row=of.row[known],
        correct=images.label[of.row[known]] == of.top1[known],
        question=places[known],
    )
