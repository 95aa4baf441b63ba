"""Which question of a study is about which picture, and what raters answered letter by letter."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models.functions import Coalesce

from studyapp.identity import wording_version
from studyapp.models import Question, Vote
from studyapp.reports.analysis import Analysis

ROWS_PER_FETCH = 5_000

#: Row of QuestionTable by hash of the stimulus, key of the class (0 where none is asked about) and
#: hash of the subject (empty where a class is).
Rows = Mapping[tuple[str, int, str], int]


def question_rows(analysis: Analysis) -> Rows:
    """The questions of the study in its wording; also those about pictures made by a model, which
    no image's number leads to."""
    keys = {int(key): row for row, key in enumerate(analysis.questions.question)}
    study = analysis.study
    version = wording_version(study.question_kind, text=study.question)
    columns = Question.objects.filter(wording__version=version).values_list(
        "pk", "stimulus__stimulus_hash", Coalesce("label_class_id", 0), "subject_hash"
    )
    return {
        (stimulus, label, subject): keys[pk]
        for pk, stimulus, label, subject in columns.iterator(chunk_size=ROWS_PER_FETCH)
        if pk in keys
    }


def raw_answers(analysis: Analysis) -> dict[int, list[str]]:
    """By row of QuestionTable the answers that count, letter by letter, in the order given: the
    first of each question, as many as the rule looks at."""
    counted = analysis.votes.vote[analysis.exclusion.keep]
    place = {int(key): at for at, key in enumerate(counted)}
    raws = [""] * counted.size
    rows = Vote.objects.filter(study=analysis.study).values_list("pk", "answer_raw")
    for pk, raw in rows.iterator(chunk_size=ROWS_PER_FETCH):
        if (at := place.get(pk)) is not None:
            raws[at] = raw
    found: dict[int, list[str]] = {}
    for row, raw in zip(analysis.valid.question.tolist(), raws, strict=True):
        of_question = found.setdefault(row, [])
        if len(of_question) < analysis.rule.n:
            of_question.append(raw)
    return found
