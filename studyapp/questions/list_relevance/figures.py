"""Rectified top-5 errors of a study's models, from verdicts about lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True)
class Top5Row:
    """One model under one protocol."""

    model: str
    figures: RectifiedTop5


def protocols_of(analysis: Analysis) -> tuple[str, ...]:
    """Those the study's questions answer: the lists of protocol B are among those of A."""
    return ("A", "B") if analysis.study.population == PopulationKind.MISTAKES else ("B",)


def top5_rows(analysis: Analysis, *, verdicts: Verdicts, form: str) -> list[Top5Row]:
    """Every model with a prediction under every protocol of the study."""
    asked = _rows_of_lists(analysis)
    found = []
    for model in analysis.told:
        if not model.row.size:
            continue
        rank, question = _columns(model, analysis=analysis, asked=asked)
        for protocol in protocols_of(analysis):
            figures = rectified_top5(
                rank, question5=question, verdicts5=verdicts, protocol=protocol, form=form
            )
            found.append(Top5Row(model.name, figures))
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
