"""The rectified top-5 error as a part of a report."""

from __future__ import annotations

from studyapp.analytics import Verdicts
from studyapp.analytics.results import plain
from studyapp.plurals import counted
from studyapp.questions.list_relevance.figures import (
    ModelLists,
    Top5Row,
    model_lists,
    top5_rows,
)
from studyapp.questions.shelves import image_ids, judged_shelf, question_key
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import Part, PartErrors, PartExport, PartTable
from studyapp.reports.protocol import in_words
from studyapp.reports.sentences import interval, percent
from studyapp.vocabulary import QuestionKind

SHOWN = {
    "A": "every image whose first prediction is wrong",
    "B": "the images whose annotated class is not among the five",
}
_COLUMNS = """
    model string Name of the model
    protocol string A: every image whose first prediction is wrong is shown; B: those alone whose label is not among the five
    form string list: one answer for the five classes; any_rater, any_class: five answers, see figures.md
    n_images integer Labelled images with a prediction
    n_top1_errors integer Images whose first prediction is wrong
    n_top5_errors integer Images whose label is not among the five
    n_shown integer Images the protocol shows
    n_asked integer Those whose list has been before raters
    n_accepted integer Lists accepted
    n_rejected integer Lists rejected
    n_undecided integer Neither
    top5_error share n_top5_errors / n_images
    rectified_top5_error share (n_shown - n_accepted) / n_images
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    bound_low share With every undecided list accepted
    bound_high share With every undecided list rejected
    accepted_share share n_accepted / n_shown
    mean_yes_share share Mean of yes / (yes + no) over the asked lists
    n_listed_asked integer Asked images whose label is in places 2 to 5
    n_listed_rejected integer Those of them that people rejected
"""  # noqa: E501  # a line is a column
_LIST_COLUMNS = """
    model string Name of the model
    image_id string The image
    rank_of_truth integer Place of the annotated class among the five, from 0; 5 where it is not
    question_id integer The question about the list; null where it was not asked
"""
_FIGURES = tuple(line.split()[0] for line in _COLUMNS.strip().splitlines())


def list_part(analysis: Analysis) -> Part:
    lists = model_lists(analysis)
    rows = top5_rows(lists, analysis, verdicts=analysis.verdicts, form="list")
    return top5_part(
        analysis,
        kind=QuestionKind.LIST_RELEVANCE,
        lists=lists,
        judged=[("list", row, analysis.verdicts) for row in rows],
        method="one answer for the five classes of an image: yes, no or cannot tell",
    )


def top5_part(
    analysis: Analysis,
    *,
    kind: str,
    lists: list[ModelLists],
    judged: list[tuple[str, Top5Row, Verdicts]],
    method: str,
) -> Part:
    """judged: the form of the question, the figures and the verdicts they are of; the first makes
    the headline."""
    rows = [(form, row) for form, row, _ in judged]
    return Part(
        kind=kind,
        headline=_headline(analysis, rows),
        tables=(_table(rows), _listed(rows)) if rows else (),
        methods=(_method(analysis, method),),
        values={
            "top5": [
                {"model": row.model, **row.figures.to_dict(), "form": form} for form, row in rows
            ]
        },
        exports=(_export(rows),),
        sources=(_source(analysis, lists),),
        shelves=tuple(
            judged_shelf(
                _label(form, row, several=_several(rows)),
                row.question,
                verdicts=verdicts,
                by_yes=True,
            )
            for form, row, verdicts in judged
        ),
        errors_title="Standard and rectified top-5 error",
        errors=tuple(_errors(form, row, several=_several(rows)) for form, row in rows),
        by_yes=tuple(
            (_label(form, row, several=_several(rows)), tuple(row.figures.shown.by_yes.tolist()))
            for form, row in rows
        ),
    )


def _several(rows: list[tuple[str, Top5Row]]) -> bool:
    return len({form for form, _ in rows}) > 1


def _label(form: str, row: Top5Row, *, several: bool) -> str:
    told = f"{row.model}, {row.figures.protocol}"
    return f"{told}, {form.replace('_', ' ')}" if several else told


def _headline(analysis: Analysis, rows: list[tuple[str, Top5Row]]) -> str:
    if not rows:
        return f"{analysis.study.name} has no labelled image with a prediction yet."
    best = min(
        (row for form, row in rows if form == rows[0][0]),
        key=lambda row: (row.figures.protocol, row.figures.rectified_top5_error, row.model),
    )
    found = best.figures
    errs = (
        f"{best.model} has a top-5 error of {percent(found.top5_error)} % on "
        f"{counted(found.n_images, 'image')}"
    )
    if not found.shown.n_asked:
        return f"{errs}; nobody has been asked about its lists yet."
    if found.shown.n_asked == found.shown.n_undecided:
        return (
            f"{errs}; {found.shown.n_asked:,} of its lists are being asked about, and none is "
            "decided yet."
        )
    undecided = f", {found.shown.n_undecided:,} undecided" if found.shown.n_undecided else ""
    return (
        f"{errs}; when people are shown {SHOWN[found.protocol]} with its five predictions "
        f"(protocol {found.protocol}), {percent(found.rectified_top5_error)} % "
        f"{interval(found.ci.low, found.ci.high)} remain; "
        f"{counted(found.shown.n_asked, 'image')} asked, {found.shown.n_accepted:,} accepted"
        f"{undecided}."
    )


def _table(rows: list[tuple[str, Top5Row]]) -> PartTable:
    several = _several(rows)
    return PartTable(
        title="Rectified top-5 error",
        header=(
            "Model, protocol", "Images", "Shown", "Asked", "Accepted", "Rejected", "Undecided",
            "Top-5 error", "Rectified", "95 % interval", "Bounds",
        ),
        rows=tuple(
            (
                _label(form, row, several=several),
                f"{found.n_images:,}",
                f"{found.shown.n_shown:,}",
                f"{found.shown.n_asked:,}",
                f"{found.shown.n_accepted:,}",
                f"{found.shown.n_rejected:,}",
                f"{found.shown.n_undecided:,}",
                f"{percent(found.top5_error)} %",
                f"{percent(found.rectified_top5_error)} %",
                f"{interval(found.ci.low, found.ci.high)} %",
                f"{interval(found.bound_low, found.bound_high)} %",
            )
            for form, row in rows
            for found in (row.figures,)
        ),
        shelves=tuple((_label(form, row, several=several),) for form, row in rows),
        note=(
            "Protocol A shows every image whose first prediction is wrong, B those alone whose "
            "annotated class is not among the five; figures of different protocols or forms of the "
            "question are not comparable. Rectified: (shown − accepted) / images. Undecided and "
            "unasked lists stay errors."
        ),
    )  # fmt: skip


def _listed(rows: list[tuple[str, Top5Row]]) -> PartTable:
    several = _several(rows)
    return PartTable(
        title="Lists that hold the annotated class",
        header=("Model, protocol", "Asked", "Rejected all the same", "Share rejected"),
        rows=tuple(
            (
                _label(form, row, several=several),
                f"{row.figures.n_listed_asked:,}",
                f"{row.figures.n_listed_rejected:,}",
                f"{percent(_share(row))} %" if row.figures.n_listed_asked else "–",
            )
            for form, row in rows
        ),
        note=(
            "Nobody who answers knows the annotation, so people may reject a list that holds it in "
            "places 2 to 5: an estimate of how often a panel misses what is there. Under B there "
            "is no such list."
        ),
    )


def _share(row: Top5Row) -> float | None:
    asked = row.figures.n_listed_asked
    return row.figures.n_listed_rejected / asked if asked else None


def _errors(form: str, row: Top5Row, *, several: bool) -> PartErrors:
    found = row.figures
    return PartErrors(
        label=_label(form, row, several=several),
        error=found.top5_error,
        rectified=found.rectified_top5_error,
        ci_low=found.ci.low,
        ci_high=found.ci.high,
        bound_low=found.bound_low,
        bound_high=found.bound_high,
        decided=bool(found.shown.n_accepted or found.shown.n_rejected),
        shelf=_label(form, row, several=several),
    )


def _source(analysis: Analysis, lists: list[ModelLists]) -> PartExport:
    names = image_ids(analysis)
    images = analysis.images.image
    return PartExport(
        name="lists",
        title="Every labelled image with its list, by model",
        columns=_LIST_COLUMNS,
        rows=tuple(
            (of.model.name, names[int(images[image])], rank, question_key(analysis, row))
            for of in lists
            for image, rank, row in zip(
                of.model.row.tolist(), of.rank.tolist(), of.question.tolist(), strict=True
            )
        ),
        key=("model", "image_id"),
    )


def _method(analysis: Analysis, method: str) -> str:
    rule = analysis.rule
    return (
        f"The question was “{analysis.study.question}”, with the first five predictions of the "
        f"model below it and {method}. A list is accepted when at least "
        f"{in_words(rule.k)} of the first {in_words(rule.n)} valid votes on it say yes, and "
        f"rejected when {in_words(rule.k)} can no longer be reached. The annotated class has no "
        "say in it. Intervals are Wilson’s at 95 %, with the images seen as a sample."
    )


def _export(rows: list[tuple[str, Top5Row]]) -> PartExport:
    return PartExport(
        name="top5",
        title="Standard and rectified top-5 error of each model, by protocol",
        columns=_COLUMNS,
        rows=tuple(_cells(form, row) for form, row in rows),
        key=("model", "protocol", "form"),
        printed=("model", "protocol", "form", "top5_error", "rectified_top5_error"),
    )


def _cells(form: str, row: Top5Row) -> tuple[str | int | float | None, ...]:
    values = plain({**row.figures.to_dict(), "model": row.model, "form": form})
    assert isinstance(values, dict)  # noqa: S101  # of a mapping
    return tuple(_cell(values[name]) for name in _FIGURES)


def _cell(value: object) -> str | int | float | None:
    return value if isinstance(value, str | int | float) else None
