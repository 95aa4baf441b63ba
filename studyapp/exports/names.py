"""What rows are called in the files: ids of images, indices and names of classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.models import Image, LabelClass, Question, Trial
from studyapp.reports import Analysis

ROWS_PER_FETCH = 5_000


@dataclass(frozen=True, eq=False)
class Names:
    """Names by row of the analysis. An image outside the study's set has no row, only an id."""

    class_index: dict[int, int]
    class_name: dict[int, str]
    #: By row of ImageTable.
    image_id: list[str]
    #: int64[Q], row of ImageTable of every question, -1 where it lies outside.
    question_image: npt.NDArray[np.int64]
    #: Ids of the images of such questions, by key of the question.
    outside: dict[int, str]
    #: Names of the conditions a question is asked in, by key of the question.
    condition: dict[int, str]

    def image_of(self, row: int, *, question: int) -> str:
        """Id of the image of the question in this row, with this key."""
        image = self.question_image[row]
        return self.image_id[image] if image >= 0 else self.outside[question]


def names_of(analysis: Analysis) -> Names:
    """Read the names once."""
    study, images, questions = analysis.study, analysis.images, analysis.questions
    classes = list(
        LabelClass.objects.filter(class_list=study.image_set.class_list_id).values_list(
            "pk", "index", "name"
        )
    )
    wanted = set(images.image.tolist())
    image_id = [
        name
        for pk, name in Image.objects.filter(image_set=study.image_set_id)
        .order_by("pk")
        .values_list("pk", "image_id")
        .iterator(chunk_size=ROWS_PER_FETCH)
        if pk in wanted
    ]
    question_image = _images_of(analysis)
    missing = questions.question[question_image < 0].tolist()
    return Names(
        class_index={pk: index for pk, index, _ in classes},
        class_name={pk: name for pk, _, name in classes},
        image_id=image_id,
        question_image=question_image,
        outside=_outside(missing),
        condition=_conditions(analysis),
    )


def _images_of(analysis: Analysis) -> npt.NDArray[np.int64]:
    """Row of the image of every question, -1 where it lies outside the set.

    Of images with equal content that is the first whose mistake the question is about; another
    one may carry another label, for which the asked class is no mistake at all.
    """
    stimulus = analysis.questions.stimulus
    found = _first_image(analysis.images.stimulus)[stimulus]
    found[stimulus < 0] = -1
    # From the last to the first, so that the first mistake is what stays.
    asked = [(model.row, model.question) for model in analysis.models]
    rows = np.concatenate([row for row, _ in asked] or [np.empty(0, dtype=np.int64)])
    questions = np.concatenate([question for _, question in asked] or [np.empty(0, dtype=np.int32)])
    rows, questions = rows[questions >= 0], questions[questions >= 0]
    last_first = np.argsort(-rows, kind="stable")
    found[questions[last_first]] = rows[last_first]
    return found


def _first_image(stimulus: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Row of the first image that shows each stimulus; a last -1 for those that none shows."""
    shown, first = np.unique(stimulus, return_index=True)
    rows = np.full(int(shown[-1]) + 2 if shown.size else 1, -1, dtype=np.int64)
    rows[shown[shown >= 0]] = first[shown >= 0]
    return rows


def _outside(questions: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(questions), ROWS_PER_FETCH // 10):
        part = questions[start : start + ROWS_PER_FETCH // 10]
        found.update(
            Question.objects.filter(pk__in=part).values_list("pk", "stimulus__image__image_id")
        )
    return found


def _conditions(analysis: Analysis) -> dict[int, str]:
    trials = (
        Trial.objects.filter(condition__study=analysis.study)
        .order_by("condition__position", "condition__name")
        .values_list("question_id", "condition__name")
    )
    names: dict[int, str] = {}
    for question, name in trials.iterator(chunk_size=ROWS_PER_FETCH):
        names[question] = f"{names[question]};{name}" if question in names else name
    return names
