"""A model's mistakes, one by one: what the gallery shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Verdict
from studyapp.models import Image, LabelClass, Question
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.vocabulary import StimulusKind

UNASKED = "unasked"
#: What a mistake can have come to.
OUTCOMES = ("accepted", "rejected", "undecided", UNASKED)


@dataclass(frozen=True)
class Mistake:
    """One misclassified image. `stimulus_hash` is None where there is no picture to show."""

    image_id: str
    label: str
    prediction: str
    stimulus_hash: str | None
    n_yes: int
    n_no: int
    n_unsure: int
    outcome: str


def mistakes_with(
    analysis: Analysis, *, model: ModelAnalysis, outcome: str
) -> npt.NDArray[np.int64]:
    """Places in the model's arrays of its mistakes with this outcome, most yes votes first."""
    wrong, asked = ~model.correct, model.question >= 0
    if outcome == UNASKED:
        return np.flatnonzero(wrong & ~asked)
    found = np.flatnonzero(asked)
    code = Verdict[outcome.upper()]
    found = found[analysis.verdicts.code[model.question[found]] == code]
    yes = analysis.valid.counts3()[model.question[found], 0]
    return np.asarray(found[np.argsort(-yes, kind="stable")], dtype=np.int64)


def mistakes_with_yes(
    analysis: Analysis, *, model: ModelAnalysis, yes: int
) -> npt.NDArray[np.int64]:
    """Places of its mistakes with exactly `yes` yes of n votes, as the report counts them."""
    asked = np.flatnonzero(analysis.shown_whole(model.question) >= 0)
    rows, found = model.question[asked], analysis.verdicts
    so_many = (found.valid[rows] == analysis.rule.n) & (found.yes[rows] == yes)
    return np.asarray(asked[so_many], dtype=np.int64)


def read_mistakes(
    analysis: Analysis, *, model: ModelAnalysis, places: npt.NDArray[np.int64], outcome: str
) -> list[Mistake]:
    """The mistakes at these places, with names, pictures and raw counts of valid votes."""
    image_keys = analysis.images.image[model.row[places]]
    image_id = dict(Image.objects.filter(pk__in=image_keys.tolist()).values_list("pk", "image_id"))
    labels, predicted = analysis.images.label[model.row[places]], model.top1[places]
    names = dict(
        LabelClass.objects.filter(pk__in=np.union1d(labels, predicted).tolist()).values_list(
            "pk", "prompt_name"
        )
    )
    rows = model.question[places]
    asked = rows >= 0
    keys = np.where(asked, analysis.questions.question[rows] if asked.any() else 0, 0)
    pictures = dict(
        Question.objects.filter(
            pk__in=keys[asked].tolist(), stimulus__kind=StimulusKind.RENDERED
        ).values_list("pk", "stimulus__stimulus_hash")
    )
    counts = analysis.valid.counts3()
    return [
        Mistake(
            image_id=image_id[image],
            label=names[label],
            prediction=names[top1],
            stimulus_hash=pictures.get(question),
            n_yes=int(counts[row, 0]) if row >= 0 else 0,
            n_no=int(counts[row, 1]) if row >= 0 else 0,
            n_unsure=int(counts[row, 2]) if row >= 0 else 0,
            outcome=outcome,
        )
        for image, label, top1, question, row in zip(
            image_keys.tolist(),
            labels.tolist(),
            predicted.tolist(),
            keys.tolist(),
            rows.tolist(),
            strict=True,
        )
    ]
