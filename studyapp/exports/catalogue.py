"""Every table of an export, in order."""

from __future__ import annotations

from studyapp.exports.agreement import AGREEMENT_COLUMNS, agreement_rows
from studyapp.exports.analyses import analyses_table
from studyapp.exports.columns import Table, described
from studyapp.exports.conditions import CONDITION_COLUMNS, condition_rows
from studyapp.exports.contrasts import CONTRAST_COLUMNS, PRINTED_OF_CONTRASTS, contrast_rows
from studyapp.exports.cross_check import cross_check_tables
from studyapp.exports.flow import FLOW_COLUMNS, flow_rows
from studyapp.exports.models import (
    PREDICTION_COLUMNS,
    PRINTED_OF_MODELS,
    model_columns,
    model_rows,
    prediction_rows,
)
from studyapp.exports.names import Names
from studyapp.exports.pseudonyms import Pseudonyms
from studyapp.exports.questions import QUESTION_COLUMNS, question_rows
from studyapp.exports.raters import rater_table
from studyapp.exports.sensitivity import (
    PRINTED_OF_SENSITIVITY,
    SENSITIVITY_COLUMNS,
    sensitivity_rows,
)
from studyapp.exports.subjects import SUBJECT_COLUMNS, has_subjects, subject_rows
from studyapp.exports.votes import VOTE_COLUMNS, vote_rows
from studyapp.reports import Analysis, StudyReport
from studyapp.reports.parts import PartExport


def data_tables(
    analysis: Analysis, *, report: StudyReport, names: Names, pseudonyms: Pseudonyms
) -> tuple[Table, ...]:
    """What the figures are counted from."""
    version = report.protocol.wording_version
    return (
        Table(
            name="votes",
            title="Every vote, by question, then in the order they were given",
            columns=VOTE_COLUMNS,
            rows=vote_rows(analysis, names=names, pseudonyms=pseudonyms, wording_version=version),
            key=(),
        ),
        Table(
            name="questions",
            title="Every question asked, its votes and its verdict",
            columns=QUESTION_COLUMNS,
            rows=question_rows(analysis, names=names),
            key=("question_id",),
        ),
        Table(
            name="predictions",
            title="Every predicted class",
            columns=PREDICTION_COLUMNS,
            rows=prediction_rows(analysis, names=names),
            key=("model", "image_id", "rank"),
        ),
        *_subject_tables(analysis, names=names),
        *(part_table(table) for table in (report.part.sources if report.part else ())),
        *cross_check_tables(analysis.study, report),
    )


def _subject_tables(analysis: Analysis, *, names: Names) -> tuple[Table, ...]:
    if not has_subjects(analysis):
        return ()
    return (
        Table(
            name="subjects",
            title="What each question about several things lists",
            columns=SUBJECT_COLUMNS,
            rows=subject_rows(analysis, names=names),
            key=("question_id", "place"),
        ),
    )


def figure_tables(
    analysis: Analysis, *, report: StudyReport, pseudonyms: Pseudonyms
) -> tuple[Table, ...]:
    """What was counted from them."""
    return (
        *(part_table(table) for table in (report.part.exports if report.part else ())),
        Table(
            name="models",
            title="Standard and rectified top-1 error of each model",
            columns=model_columns(report),
            rows=model_rows(report),
            key=("model",),
            printed=PRINTED_OF_MODELS,
        ),
        rater_table(analysis, pseudonyms=pseudonyms),
        Table(
            name="agreement",
            title="Agreement between raters",
            columns=AGREEMENT_COLUMNS,
            rows=agreement_rows(report),
            key=("coding",),
            printed=tuple(column.name for column in AGREEMENT_COLUMNS),
            own_json=True,
        ),
        Table(
            name="sensitivity",
            title="Rectified top-1 error under other rules and timing windows",
            columns=SENSITIVITY_COLUMNS,
            rows=sensitivity_rows(report),
            key=(),
            printed=PRINTED_OF_SENSITIVITY,
        ),
        Table(
            name="contrasts",
            title="Differences between models in what they get right, on the same images",
            columns=CONTRAST_COLUMNS,
            rows=contrast_rows(report),
            key=("first", "second", "correctness"),
            printed=PRINTED_OF_CONTRASTS,
        ),
        analyses_table(report),
        Table(
            name="flow",
            title="Votes given, excluded and counted",
            columns=FLOW_COLUMNS,
            rows=flow_rows(report),
            key=("step",),
            printed=tuple(column.name for column in FLOW_COLUMNS if column.name != "step"),
        ),
        Table(
            name="conditions",
            title="Share of yes in each condition",
            columns=CONDITION_COLUMNS,
            rows=condition_rows(analysis),
            key=("condition",),
            printed=tuple(column.name for column in CONDITION_COLUMNS),
        ),
    )


def part_table(table: PartExport) -> Table:
    """A table of the question type."""
    return Table(
        name=table.name,
        title=table.title,
        columns=described(table.columns),
        rows=table.rows,
        key=table.key,
        printed=table.printed,
    )
