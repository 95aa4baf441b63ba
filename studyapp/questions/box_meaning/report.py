"""Whether boxes mark what class names mean, class by class, as a part of a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studyapp.analytics import Verdict
from studyapp.models import LabelClass
from studyapp.plurals import counted
from studyapp.questions.box_meaning.population import boxed_pictures
from studyapp.questions.judged import COLUMNS, HEADER, Judged
from studyapp.questions.shelves import judged_shelf, question_key
from studyapp.rendering import picture_hash
from studyapp.reports.analysis import Analysis
from studyapp.reports.asked_about import question_rows
from studyapp.reports.parts import (
    ACCEPTED,
    Part,
    PartExport,
    PartGallery,
    PartMark,
    PartTable,
)
from studyapp.reports.protocol import in_words
from studyapp.reports.sentences import interval, percent
from studyapp.selectors.class_scores import own_scores
from studyapp.vocabulary import QuestionKind

#: Pictures on which raters say no, and classes in the figure.
MOST_SHOWN, MOST_MARKED = 24, 20
_COLUMNS = f"""
    class_index integer Index of the class
    class_name string Its name
    crs share Class robustness score by the first model of the study with one; null without
{COLUMNS.strip(chr(10))}"""


_BOXED_COLUMNS = """
    class_index integer Index of the class
    question_id integer The question; null where nobody was asked
"""
#: The line of all classes together.
_ALL = "All classes"


@dataclass(frozen=True)
class _OfClass:
    label: LabelClass
    stimuli: tuple[str, ...]
    questions: tuple[int, ...]
    judged: Judged
    crs: float | None


def box_part(analysis: Analysis) -> Part:
    rows = _of_classes(analysis)
    whole = Judged.of(analysis, questions=[at for row in rows for at in row.questions])
    told = [row for row in rows if row.judged.share is not None]
    return Part(
        kind=QuestionKind.BOX_MEANING,
        headline=_headline(analysis, whole, told),
        tables=tuple(_tables(whole, rows)),
        methods=(_method(analysis),),
        values={
            "all": whole.values(),
            "classes": [
                {
                    "class_index": row.label.index,
                    "class_name": row.label.name,
                    "crs": row.crs,
                    **row.judged.values(),
                }
                for row in rows
            ],
        },
        exports=(
            PartExport(
                name="box_meaning",
                title="Share of images whose box marks what the class name means, by class",
                columns=_COLUMNS,
                rows=tuple(
                    (row.label.index, row.label.name, row.crs, *row.judged.cells()) for row in rows
                ),
                key=("class_index",),
                printed=("class_name", "crs", "n_asked", "n_accepted", "share"),
            ),
        ),
        sources=(_source(analysis, rows),),
        shelves=(
            judged_shelf(
                _ALL, [at for row in rows for at in row.questions], verdicts=analysis.verdicts
            ),
            *(judged_shelf(_shelf(row), row.questions, verdicts=analysis.verdicts) for row in rows),
        ),
        marks_note=(
            "One line per class, the lowest first: the dot is the share of its images whose "
            "frame is accepted, the pale bar its 95 % interval."
        ),
        marks_title="Boxes that mark what the name means, by class",
        marks=tuple(
            PartMark(
                row.label.prompt_name,
                row.judged.share,
                row.judged.ci.low,
                row.judged.ci.high,
                shelf=_shelf(row),
                group=ACCEPTED,
            )
            for row in told[:MOST_MARKED]
            if row.judged.share is not None and row.judged.ci is not None
        ),
        galleries=tuple(_galleries(analysis, rows)),
    )


def _shelf(row: _OfClass) -> str:
    """Names may repeat, indices do not."""
    return f"{row.label.name} ({row.label.index})"


def _source(analysis: Analysis, rows: list[_OfClass]) -> PartExport:
    return PartExport(
        name="boxed",
        title="Every picture the study shows, by class",
        columns=_BOXED_COLUMNS,
        rows=tuple(
            (row.label.index, question_key(analysis, question))
            for row in sorted(rows, key=lambda row: row.label.index)
            for question in row.questions
        ),
        key=(),
    )


def _of_classes(analysis: Analysis) -> list[_OfClass]:
    """The lowest share first, classes nobody was asked about last."""
    study, rows = analysis.study, question_rows(analysis)
    scores = own_scores(study.image_set, models=study.vision_models.all())
    crs = scores[0].by_class() if scores else {}
    found: dict[int, tuple[list[str], list[int]]] = {}
    for picture in boxed_pictures(study):
        if not analysis.shows(picture.image.pk):
            continue
        label = picture.image.label_id or 0
        text = picture_hash(picture, study=study)
        stimuli, questions = found.setdefault(label, ([], []))
        stimuli.append(text)
        questions.append(rows.get((text, label, ""), -1))
    labels = LabelClass.objects.in_bulk(list(found))
    of_classes = [
        _OfClass(
            label=labels[label],
            stimuli=tuple(stimuli),
            questions=tuple(questions),
            judged=Judged.of(analysis, questions=questions),
            crs=crs.get(labels[label].index),
        )
        for label, (stimuli, questions) in found.items()
    ]
    return sorted(
        of_classes,
        key=lambda row: (row.judged.share is None, row.judged.share, row.label.index),
    )


def _headline(analysis: Analysis, whole: Judged, told: list[_OfClass]) -> str:
    if whole.ci is None or not told:
        return f"{analysis.study.name}: nobody has been asked about a box yet."
    # A class that people rejected says more than one that is still open.
    lowest = min(told, key=lambda row: (row.judged.share or 0, row.judged.bound_high or 0))
    return (
        f"Of {whole.n_asked:,} images of {counted(len(told), 'class', 'classes')}, the boxes of "
        f"{percent(whole.share)} % {interval(whole.ci.low, whole.ci.high)} mark what the name "
        f"means{whole.open_words()}; fewest for {lowest.label.prompt_name}, "
        f"{lowest.judged.n_accepted:,} of {lowest.judged.n_asked:,}."
    )


def _tables(whole: Judged, rows: list[_OfClass]) -> Iterator[PartTable]:
    yield PartTable(
        title="Does the box mark what the name means?",
        header=("Class", "crs", *HEADER),
        rows=(
            (_ALL, "–", *whole.words()),
            *(
                (
                    row.label.prompt_name,
                    "–" if row.crs is None else f"{row.crs:.3f}",
                    *row.judged.words(),
                )
                for row in rows
            ),
        ),
        shelves=((_ALL,), *((_shelf(row),) for row in rows)),
        note=(
            "Share: images whose frames enough raters accept / images asked about; undecided ones "
            "are not among them. A class of a low robustness score (crs) and a low share is one "
            "whose boxes and name mean different things: the score then speaks of the boxes, not "
            "of the model. Images were drawn class by class, so the first row is no share of the "
            "set."
        ),
    )


def _method(analysis: Analysis) -> str:
    rule = analysis.rule
    return (
        f"The question was “{analysis.study.question}”, with the annotated class in place of "
        "{class}. A box counts as marking what the name means when at least "
        f"{in_words(rule.k)} of the first {in_words(rule.n)} valid votes say yes."
    )


def _galleries(analysis: Analysis, rows: list[_OfClass]) -> Iterator[PartGallery]:
    code = analysis.verdicts.code
    pictures = [
        (stimulus, row.label.prompt_name)
        for row in rows
        for stimulus, question in zip(row.stimuli, row.questions, strict=True)
        if question >= 0 and code[question] == Verdict.REJECTED
    ]
    if pictures:
        yield PartGallery(
            f"Boxes that people reject ({len(pictures):,})", tuple(pictures[:MOST_SHOWN])
        )
