"""cross_check: a researcher's answer to each question of the blind sample, once all are there."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Max

from studyapp.exports.columns import Cell, Table, described
from studyapp.models import CrossCheckAnswer, CrossCheckItem, Study
from studyapp.reports import StudyReport

COLUMNS = described(
    """
    position integer Place in the sample, from 1
    question_id integer The question; the same in questions and votes
    verdict string What the raters' verdict was when the sample was drawn: accepted or rejected
    answer string What the researcher said without seeing it: yes, no or unsure
    n_changes integer How often the answer was taken back and given anew
    answered_at datetime When the answer that stands was given
    """
)


def cross_check_tables(study: Study, report: StudyReport) -> tuple[Table, ...]:
    """The table, or none before the last answer: half a sample must not unblind the other half."""
    if report.cross_check is None or not report.cross_check.complete:
        return ()
    return (
        Table(
            name="cross_check",
            title="The researcher's own answers to a blind sample of decided questions",
            columns=COLUMNS,
            rows=_rows(study),
            key=("position",),
        ),
    )


def _rows(study: Study) -> Iterator[tuple[Cell, ...]]:
    answers = CrossCheckAnswer.objects.filter(item__check_of__study=study).order_by("sequence")
    standing = dict(answers.values_list("item_id", "answer"))
    items = (
        CrossCheckItem.objects.filter(check_of__study=study)
        .annotate(n=Count("answers"), at=Max("answers__given_at"))
        .order_by("position")
    )
    for pk, position, question, verdict, n, at in items.values_list(
        "pk", "position", "question_id", "verdict", "n", "at"
    ):
        yield position + 1, question, verdict, standing[pk], n - 1, at
