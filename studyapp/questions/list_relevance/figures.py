"""Rectified top-5 errors of a study's models, from verdicts about lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import F

from studyapp.analytics import Verdicts
from studyapp.analytics.top5 import RectifiedTop5, rectified_top5
from studyapp.identity import subject_hash, wording_version
from studyapp.models import Prediction, Question
from studyapp.questions.list_relevance.population import LISTED, list_subject
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.vocabulary import PopulationKind

#: Names of the paper's protocols, and the populations they ask about.
PROTOCOLS = {"A": PopulationKind.MISTAKES, "B": PopulationKind.TOP5_MISTAKES}
ROWS_PER_FETCH = 5_000

#: Row of the question about each list, by number of the stimulus and hash of the subject.
Rows = Mapping[tuple[int, str], int]


@dataclass(frozen=True, eq=False)
class Top5Row:
    """One model under one protocol."""

    model: str
    figures: RectifiedTop5
    #: Rows of the questions of the images the protocol shows, -1 where nobody was asked.
    question: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class ModelLists:
    """A model's labelled images: rank_of_truth int16[L] and the row of the question, int32[L]."""

    model: ModelAnalysis
    rank: npt.NDArray[np.int16]
    question: npt.NDArray[np.int32]


def protocols_of(analysis: Analysis) -> tuple[str, ...]:
    """Those the study's questions answer: the lists of protocol B are among those of A."""
    return ("A", "B") if analysis.study.population == PopulationKind.MISTAKES else ("B",)


def model_lists(analysis: Analysis) -> list[ModelLists]:
    """Every model with a prediction, and which list of which image was asked about."""
    asked = _rows_of_lists(analysis)
    return [
        ModelLists(model, *_columns(model, analysis=analysis, asked=asked))
        for model in analysis.told
        if model.row.size
    ]


def top5_rows(
    lists: Sequence[ModelLists], analysis: Analysis, *, verdicts: Verdicts, form: str
) -> list[Top5Row]:
    """Every model under every protocol of the study."""
    found = []
    for of in lists:
        for protocol in protocols_of(analysis):
            figures = rectified_top5(
                of.rank, question5=of.question, verdicts5=verdicts, protocol=protocol, form=form
            )
            shown = of.question[of.rank > (0 if protocol == "A" else LISTED - 1)]
            found.append(Top5Row(of.model.name, figures, shown))
    return found


def _rows_of_lists(analysis: Analysis) -> Rows:
    keys = {int(key): row for row, key in enumerate(analysis.questions.question)}
    study = analysis.study
    version = wording_version(study.question_kind, text=study.question)
    asked = Question.objects.filter(wording__version=version).exclude(subject_hash="")
    rows: dict[tuple[int, str], int] = {}
    columns = asked.values_list("pk", "subject_hash")
    for pk, text in columns.iterator(chunk_size=ROWS_PER_FETCH):
        row = keys.get(pk, -1)
        if row >= 0 and analysis.questions.stimulus[row] >= 0:
            rows[int(analysis.questions.stimulus[row]), text] = row
    return rows


def _columns(
    model: ModelAnalysis, *, analysis: Analysis, asked: Rows
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int32]]:
    """Rank of the annotated class, 0 where it is first, and the question of every image."""
    rank = np.zeros(model.row.size, dtype=np.int16)
    question = np.full(model.row.size, -1, dtype=np.int32)
    place = {int(analysis.images.image[row]): at for at, row in enumerate(model.row)}
    for image, classes, label in _mistakes(model):
        at = place.get(image)
        if at is None:
            continue
        listed = classes[:LISTED]
        rank[at] = listed.index(label) if label in listed else LISTED
        if len(listed) == LISTED:
            stimulus = int(analysis.images.stimulus[model.row[at]])
            question[at] = asked.get((stimulus, _hash(analysis, listed)), -1)
    return rank, question


def _mistakes(model: ModelAnalysis) -> Iterator[tuple[int, list[int], int]]:
    rows = Prediction.objects.filter(
        vision_model=model.predictions.model, image__label__isnull=False
    ).exclude(top1=F("image__label"))
    columns = rows.values_list("image_id", "classes", "image__label__index")
    yield from columns.iterator(chunk_size=ROWS_PER_FETCH)


def _hash(analysis: Analysis, classes: list[int]) -> str:
    study = analysis.study
    subject = list_subject(classes, class_list=study.image_set.class_list.content_hash)
    return subject_hash(study.question_kind, subject=subject)
