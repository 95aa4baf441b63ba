"""A two-sided audit as a part of a report, beside the figures of the models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Audited,
    ColumnError,
    CorrectedShare,
    Interval,
    Verdict,
    audited_top1,
    proportion_ci,
)
from studyapp.analytics.audited import corrected_by_decoys
from studyapp.questions.relevance.audited import decoys
from studyapp.questions.shelves import image_ids, judged_shelf, question_key
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.reports.parts import Part, PartExport, PartTable
from studyapp.reports.sentences import interval, percent
from studyapp.vocabulary import QuestionKind

_COLUMNS = """
    model string Name of the model
    n_images integer Labelled images with a prediction
    n_errors integer Wrong predictions
    n_right_asked integer Right predictions drawn and shown
    n_right_accepted integer Those of them that are accepted
    n_right_undecided integer Those of them that are neither accepted nor rejected yet
    n_wrong_asked integer Wrong predictions shown
    n_wrong_undecided integer Those of them that are neither accepted nor rejected yet
    accepted_share_wrong share Accepted / decided of the wrong predictions; null without a decided one
    accepted_share_right share Accepted / decided of the right ones
    top1_error share n_errors / n_images
    audited_top1_error share (m (1 - a) + (N - m) (1 - a_c)) / N; null until both sides have a verdict
    ci_low share Lower end of its interval, with both samples in it
    ci_high share Upper end of it
    bound_low share The same with every undecided image accepted
    bound_high share The same with every undecided image rejected
    n_decoys integer Decoys asked, the same for every model
    n_decoys_accepted integer Decoys accepted
    corrected_share share Share of mistakes that are right, corrected for the panel's errors
"""  # noqa: E501  # a line is a column


_AUDITED_COLUMNS = """
    model string Name of the model
    image_id string The image
    is_right boolean Whether the first class is the annotated one
    question_id integer The question about the first class; null where nobody was asked
"""
_DECOY_COLUMNS = """
    image_id string The image
    question_id integer The question about the drawn class; null where nobody was asked
"""
_DECOYS = "Decoys"


@dataclass(frozen=True)
class Decoys:
    """What panels made of decoys: accepted ones are false yes."""

    n_drawn: int
    n_asked: int
    n_accepted: int
    n_undecided: int
    ci: Interval | None
    #: Keys of their images, and rows of their questions, -1 where nobody was asked.
    image: tuple[int, ...]
    question: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """corrected: None where the decoys or the right predictions say nothing yet. image: rows of
    ImageTable, int64[L]; correct: bool[L]; question: int32[L], of the first class."""

    model: str
    figures: Audited
    corrected: CorrectedShare | None
    image: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]
    question: npt.NDArray[np.int32]


def audit_part(analysis: Analysis) -> Part:
    """Beside the models: both sides of the error, and how often a panel says yes to nothing."""
    found = _decoys(analysis)
    rows = [row for model in analysis.told if (row := _row(model, analysis, found)) is not None]
    return Part(
        kind=QuestionKind.RELEVANCE,
        headline="",
        beside=True,
        tables=(_table(rows), _decoy_table(found)),
        methods=(_METHOD,),
        values={
            "audit": [
                {
                    "model": row.model,
                    **row.figures.to_dict(),
                    "corrected": row.corrected.to_dict() if row.corrected else None,
                }
                for row in rows
            ],
            "decoys": {
                "n_drawn": found.n_drawn,
                "n_asked": found.n_asked,
                "n_accepted": found.n_accepted,
                "n_undecided": found.n_undecided,
                "ci_low": found.ci.low if found.ci else None,
                "ci_high": found.ci.high if found.ci else None,
            },
        },
        exports=(_export(rows, found),),
        sources=tuple(_sources(analysis, rows, found)),
        shelves=(
            *(
                judged_shelf(
                    _right(row.model), row.question[row.correct], verdicts=analysis.verdicts
                )
                for row in rows
            ),
            judged_shelf(_DECOYS, found.question, verdicts=analysis.verdicts),
        ),
    )


def _right(model: str) -> str:
    return f"{model}: right predictions drawn"


def _sources(analysis: Analysis, rows: Sequence[Row], found: Decoys) -> Iterator[PartExport]:
    names, images = image_ids(analysis), analysis.images.image
    yield PartExport(
        name="audited",
        title="Every labelled image with a prediction, by model, and the question about it",
        columns=_AUDITED_COLUMNS,
        rows=tuple(
            (row.model, names[int(images[image])], right, question_key(analysis, question))
            for row in rows
            for image, right, question in zip(
                row.image.tolist(), row.correct.tolist(), row.question.tolist(), strict=True
            )
        ),
        key=("model", "image_id"),
    )
    yield PartExport(
        name="decoys",
        title="Every decoy that was drawn",
        columns=_DECOY_COLUMNS,
        rows=tuple(
            (names[image], question_key(analysis, question))
            for image, question in zip(found.image, found.question, strict=True)
        ),
        key=(),
    )


def _decoys(analysis: Analysis) -> Decoys:
    drawn = [one for one in decoys(analysis.study) if analysis.shows(one.image)]
    row = {int(key): at for at, key in enumerate(analysis.images.image)}
    places = np.array([row[one.image] for one in drawn], dtype=np.int64)
    question = analysis.questions.find(
        analysis.images.stimulus[places],
        label_class=np.array([one.label_class for one in drawn], dtype=np.int64),
    )
    code = analysis.verdicts.code[question[question >= 0]]
    accepted, undecided = (
        int(np.count_nonzero(code == verdict)) for verdict in (Verdict.ACCEPTED, Verdict.UNDECIDED)
    )
    decided = code.size - undecided
    return Decoys(
        n_drawn=len(drawn),
        n_asked=code.size,
        n_accepted=accepted,
        n_undecided=undecided,
        ci=proportion_ci(accepted, n=decided) if decided else None,
        image=tuple(one.image for one in drawn),
        question=tuple(question.tolist()),
    )


def _row(model: ModelAnalysis, analysis: Analysis, found: Decoys) -> Row | None:
    """None for a model of which one of the two sides was not asked yet."""
    question = analysis.questions.find(analysis.images.stimulus[model.row], label_class=model.top1)
    try:
        figures = audited_top1(model.correct, question=question, verdicts=analysis.verdicts)
    except ColumnError:
        return None
    corrected = corrected_by_decoys(
        figures, n_decoys=found.n_asked - found.n_undecided, n_accepted=found.n_accepted
    )
    return Row(model.name, figures, corrected, model.row, model.correct, question)


def _table(rows: Sequence[Row]) -> PartTable:
    return PartTable(
        title="Both sides of the error",
        header=(
            "Model", "Right, asked", "Right, accepted", "Right, undecided", "Mistakes, undecided",
            "Top-1 error", "Audited top-1 error", "95 % interval", "Bounds", "Mistakes accepted",
            "Corrected for the panel",
        ),
        rows=tuple(
            (
                row.model,
                f"{found.right.n_asked:,} of {found.right.n_shown:,}",
                f"{found.right.n_accepted:,}",
                f"{found.right.n_undecided:,}",
                f"{found.wrong.n_undecided:,}",
                f"{percent(found.top1_error)} %",
                _share(found.audited_top1_error),
                f"{interval(found.ci.low, found.ci.high)} %" if found.ci else "–",
                f"{interval(found.bound_low, found.bound_high)} %",
                _share(found.accepted_share_wrong),
                f"{percent(row.corrected.corrected_share)} % "
                f"{interval(row.corrected.low, row.corrected.high)}"
                if row.corrected
                else "–",
            )
            for row in rows
            for found in (row.figures,)
        ),
        shelves=tuple((_right(row.model),) for row in rows),
        note=(
            "Audited: right predictions that people reject count as errors too, the decided ones "
            "standing for all. It may lie above the top-1 error. Undecided: asked, and not enough "
            "votes yet; bounds: with all of these accepted, and with all rejected. Corrected "
            "for the panel: the share of mistakes that are right if panels accept what is there as "
            "often as they accept right predictions, and what is not as often as decoys; a look at "
            "how much it would matter, not a headline."
        ),
    )  # fmt: skip


def _share(share: float | None) -> str:
    return "–" if share is None else f"{percent(share)} %"


def _decoy_table(found: Decoys) -> PartTable:
    return PartTable(
        title=_DECOYS,
        header=("Decoys", "Asked", "Accepted", "Undecided", "Share accepted, 95 % interval"),
        rows=(
            (
                f"{found.n_drawn:,}",
                f"{found.n_asked:,}",
                f"{found.n_accepted:,}",
                f"{found.n_undecided:,}",
                f"{interval(found.ci.low, found.ci.high)} %" if found.ci else "–",
            ),
        ),
        shelves=((_DECOYS,),),
        note=(
            "Drawn images with a class nobody expects in them: what is accepted of these is a "
            "panel’s yes to nothing, or a thing nobody knew was there. Look at them."
        ),
    )


_METHOD = (
    "Right predictions and decoys were asked about like any mistake, and told apart by nothing. "
    "The audited error counts a right prediction as an error where the panel rejects it, those "
    "with a verdict standing for all, and leaves the undecided to its bounds; "
    "its interval holds the sampling of images and of right predictions."
)


def _export(rows: Sequence[Row], found: Decoys) -> PartExport:
    return PartExport(
        name="audit",
        title="The error by what people say of wrong and of right predictions",
        columns=_COLUMNS,
        rows=tuple(
            (
                row.model,
                figures.n_images,
                figures.n_errors,
                figures.right.n_asked,
                figures.right.n_accepted,
                figures.right.n_undecided,
                figures.wrong.n_asked,
                figures.wrong.n_undecided,
                figures.accepted_share_wrong,
                figures.accepted_share_right,
                figures.top1_error,
                figures.audited_top1_error,
                figures.ci.low if figures.ci else None,
                figures.ci.high if figures.ci else None,
                figures.bound_low,
                figures.bound_high,
                found.n_asked,
                found.n_accepted,
                row.corrected.corrected_share if row.corrected else None,
            )
            for row in rows
            for figures in (row.figures,)
        ),
        key=("model",),
        printed=("model", "top1_error", "audited_top1_error", "ci_low", "ci_high"),
    )
