"""The rectified error under attack as a part of a report (Table 2 and Figures 4 to 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Contrast,
    RectifiedAdversarial,
    Verdict,
    mcnemar,
    rectified_adversarial,
)
from studyapp.models import Condition, Image
from studyapp.questions.relevance.adversarial_tables import (
    Arm,
    Pair,
    adversarial_exports,
    adversarial_tables,
    arm_errors,
    headline,
    methods,
)
from studyapp.questions.relevance.attack_coverage import Coverage, attacked, outcomes
from studyapp.questions.relevance.attack_names import ATTACKED_COLUMNS, arm_label, pair_label
from studyapp.questions.relevance.explained_twice import explained_twice
from studyapp.questions.relevance.flipped import shown
from studyapp.questions.shelves import image_ids, judged_shelf, question_key
from studyapp.rendering import picture_hash
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.reports.asked_about import question_rows
from studyapp.reports.parts import Part, PartExport, PartGallery, PartShelf
from studyapp.vocabulary import QuestionKind

#: Pictures of each kind on the page.
MOST_SHOWN = 12


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model's attacked images. images: int64[N] keys; clean, attacked: bool[N], right before and
    after; question: int32[N] by condition; picture: hash of the stimulus by condition and place."""

    model: ModelAnalysis
    coverage: Coverage
    images: npt.NDArray[np.int64]
    clean: npt.NDArray[np.bool_]
    attacked: npt.NDArray[np.bool_]
    question: dict[str, npt.NDArray[np.int32]]
    picture: dict[tuple[str, int], str]


def adversarial_part(analysis: Analysis) -> Part:
    """Each model under each condition, over both bases; and the conditions against each other."""
    conditions = analysis.conditions()
    asked = list(_asked(analysis, conditions))
    arms = [arm for each in asked for arm in _arms(each, analysis=analysis)]
    pairs = [pair for each in asked for pair in _pairs(each, analysis=analysis)]
    return Part(
        kind=QuestionKind.RELEVANCE,
        headline=headline(analysis, arms, pairs),
        tables=adversarial_tables(arms, pairs, [each.coverage for each in asked]),
        methods=methods(analysis),
        values={
            "adversarial": [arm.values() for arm in arms],
            "contrasts": [
                {
                    "model": pair.model,
                    "first": pair.first,
                    "second": pair.second,
                    "yes_to_no": pair.n_lost,
                    "no_to_yes": pair.n_gained,
                    **pair.contrast.to_dict(),
                }
                for pair in pairs
            ],
        },
        exports=adversarial_exports(arms, pairs),
        errors_title="Error under attack, standard and rectified",
        errors=arm_errors(arms),
        by_yes=tuple(
            (arm.label, tuple(arm.figures.shown.by_yes.tolist()))
            for arm in arms
            if arm.figures.over == "flipped" and arm.figures.unasked == "error"
        ),
        galleries=tuple(g for each in asked for g in _galleries(each, analysis=analysis)),
        strips=tuple(explained_twice(analysis.study, only=analysis.only)),
        sources=(_source(asked, analysis),),
        shelves=(
            *(shelf for each in asked for shelf in _arm_shelves(each, analysis)),
            *(shelf for each in asked for shelf in _pair_shelves(each, analysis)),
        ),
    )


def _arm_shelves(asked: _Asked, analysis: Analysis) -> Iterator[PartShelf]:
    flipped = asked.clean & ~asked.attacked
    for condition, question in asked.question.items():
        name = arm_label(asked.model.name, condition)
        yield judged_shelf(name, question[flipped], verdicts=analysis.verdicts, by_yes=True)


def _pair_shelves(asked: _Asked, analysis: Analysis) -> Iterator[PartShelf]:
    """Each image as both conditions show it, one after the other."""
    for first, second, one, other, places in _accepted(asked, analysis):
        rows = np.stack([asked.question[name][places] for name in (first, second)], axis=1)
        yield PartShelf(
            pair_label(asked.model.name, first, second),
            tuple(
                (title, tuple(rows[found].ravel().tolist()))
                for title, found in (
                    ("Yes to no", one & ~other),
                    ("No to yes", ~one & other),
                    ("Accepted in both", one & other),
                    ("In neither", ~one & ~other),
                )
            ),
        )


def _source(asked: list[_Asked], analysis: Analysis) -> PartExport:
    names = image_ids(analysis)
    return PartExport(
        name="attacked",
        title="Every attacked image in every condition, by model",
        columns=ATTACKED_COLUMNS,
        rows=tuple(
            (each.model.name, condition, names[key], clean, right, question_key(analysis, row))
            for each in asked
            for condition, question in each.question.items()
            for key, clean, right, row in zip(
                each.images.tolist(),
                each.clean.tolist(),
                each.attacked.tolist(),
                question.tolist(),
                strict=True,
            )
        ),
        key=("model", "condition", "image_id"),
    )


def _asked(analysis: Analysis, conditions: list[Condition]) -> Iterator[_Asked]:
    study = analysis.study
    rows = question_rows(analysis)
    within = _of_classes(analysis)
    made = outcomes(study)
    found = {
        (condition.name, row.vision_model_id, row.image_id): (
            picture_hash(picture, study=study),
            row.flip_class_id or 0,
        )
        for condition in conditions
        for row, picture in shown(study, condition)
    }
    for model in analysis.told:
        key = model.predictions.model.pk
        images, clean = analysis.images.image[model.row], model.correct
        if within is not None:
            chosen = np.isin(images, within)
            images, clean = images[chosen], clean[chosen]
        if not images.size:
            continue
        after = attacked(images, correct=clean, model=(key, model.name), found=made)
        images = images[after.known]
        question = {c.name: np.full(images.size, -1, dtype=np.int32) for c in conditions}
        picture: dict[tuple[str, int], str] = {}
        for at, image in enumerate(images.tolist()):
            for condition in conditions:
                asked = found.get((condition.name, key, image))
                if asked is not None:
                    question[condition.name][at] = rows.get((*asked, ""), -1)
                    picture[condition.name, at] = asked[0]
        yield _Asked(model, after.coverage, images, after.clean, after.after, question, picture)


def _of_classes(analysis: Analysis) -> npt.NDArray[np.int64] | None:
    """Keys of the images of the classes the study is about; None for all."""
    classes = analysis.study.selection.get("classes")
    if not classes:
        return None
    rows = Image.objects.filter(image_set=analysis.study.image_set_id, label__wnid__in=classes)
    return np.fromiter(rows.values_list("pk", flat=True), dtype=np.int64)


def _arms(asked: _Asked, *, analysis: Analysis) -> Iterator[Arm]:
    if not asked.clean.size:
        return
    for condition, question in asked.question.items():
        for over, unasked in (
            ("flipped", "error"),
            ("flipped", "extrapolate"),
            ("all_errors", "error"),
        ):
            figures = _figures(asked, question, analysis, over=over, unasked=unasked)
            if figures is not None:
                yield Arm(asked.model.name, condition, figures, asked.coverage)


def _figures(
    asked: _Asked,
    question: npt.NDArray[np.int32],
    analysis: Analysis,
    *,
    over: str,
    unasked: str,
) -> RectifiedAdversarial | None:
    """None for an extrapolation where every flipped image was asked, or none."""
    n_asked = int(np.count_nonzero(question >= 0))
    if unasked == "extrapolate":
        n_flipped = int(np.count_nonzero(asked.clean & ~asked.attacked))
        if not 0 < n_asked < n_flipped:
            return None
    return rectified_adversarial(
        asked.clean,
        adv_correct=asked.attacked,
        question=question,
        verdicts=analysis.verdicts,
        over=over,
        unasked=unasked,
    )


def _accepted(
    asked: _Asked, analysis: Analysis
) -> Iterator[tuple[str, str, npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.int64]]]:
    """Every two conditions: acceptance of the images that are decided in both, and their places."""
    names = list(asked.question)
    code = analysis.verdicts.code
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            one, other = asked.question[first], asked.question[second]
            both = np.flatnonzero((one >= 0) & (other >= 0))
            decided = both[
                (code[one[both]] != Verdict.UNDECIDED) & (code[other[both]] != Verdict.UNDECIDED)
            ]
            if decided.size:
                in_first, in_second = (
                    code[row[decided]] == Verdict.ACCEPTED for row in (one, other)
                )
                yield first, second, in_first, in_second, decided


def _pairs(asked: _Asked, *, analysis: Analysis) -> Iterator[Pair]:
    for first, second, one, other, _ in _accepted(asked, analysis):
        contrast: Contrast = mcnemar(other, one)
        yield Pair(
            model=asked.model.name,
            first=first,
            second=second,
            n=one.size,
            n_both=int(np.count_nonzero(one & other)),
            n_lost=int(np.count_nonzero(one & ~other)),
            n_gained=int(np.count_nonzero(~one & other)),
            contrast=contrast,
        )


def _galleries(asked: _Asked, *, analysis: Analysis) -> Iterator[PartGallery]:
    """The images on which two conditions differ, side by side."""
    for first, second, one, other, places in _accepted(asked, analysis):
        for differs, told in (
            (~one & other, f"Accepted in {second} and not in {first}"),
            (one & ~other, f"Accepted in {first} and not in {second}"),
        ):
            pictures = [
                (asked.picture[name, int(at)], name)
                for at in places[differs][:MOST_SHOWN]
                for name in (first, second)
                if (name, int(at)) in asked.picture
            ]
            if pictures:
                n = int(np.count_nonzero(differs))
                yield PartGallery(
                    f"{asked.model.name}: {told} ({n:,})", tuple(pictures), pairs=True
                )
