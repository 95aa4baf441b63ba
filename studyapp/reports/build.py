"""Count a study's figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from studyapp.analytics import (
    ExclusionReason,
    RealAccuracy,
    Rectified,
    RectifiedBootstrap,
    Window,
    agreement_by_coding,
    bootstrap_rectified_top1,
    real_accuracy,
    rectified_top1,
)
from studyapp.analytics.multilabel import labels_of
from studyapp.models import Study
from studyapp.reports.analysis import Analysis, ModelAnalysis, analyse_study
from studyapp.reports.asked_again import asked_again_of
from studyapp.reports.comparison import compare_models
from studyapp.reports.cross_check import cross_check_of
from studyapp.reports.parts import part_of
from studyapp.reports.plan import plan_of, planned_pairs
from studyapp.reports.protocol import protocol_of
from studyapp.reports.sensitivity import sensitivity_of
from studyapp.reports.study_report import (
    DataReport,
    ExcludedVotes,
    ModelReport,
    RaterReport,
    SliceReport,
    StudyReport,
    VoteReport,
)
from studyapp.reports.unplanned import unplanned_analyses
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.votes import votes_stand


def build_report(
    study: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
) -> StudyReport:
    """The report of a study, or a part of it, under its own rule and window unless others are
    asked for."""
    return report_of(analyse_study(study, accept=accept, unsure=unsure, window=window, only=only))


def report_of(analysis: Analysis) -> StudyReport:
    """The report of what has been read already."""
    plan = plan_of(analysis.study)
    protocol = protocol_of(analysis.study, rule=analysis.rule, window=analysis.window)
    only = analysis.only
    planned = plan if protocol.as_planned and not only.recounts else None
    part = part_of(analysis)
    alone = part is not None and not part.beside
    return StudyReport(
        study=analysis.study.name,
        title=analysis.study.title,
        protocol=protocol,
        data=_data(analysis),
        votes=_votes(analysis, [int(n) for n in analysis.valid.counts3().sum(axis=0)]),
        raters=_raters(analysis),
        models=()
        if alone
        else tuple(
            _model(model, analysis, planned=planned is not None and model.name in planned.models)
            for model in analysis.told
        ),
        agreement=agreement_by_coding(analysis.whole.counts3()),
        sensitivity=() if alone or analysis.curtailed else sensitivity_of(analysis),
        comparisons=()
        if alone
        else tuple(
            pair
            for pair in compare_models(analysis, planned=planned_pairs(planned))
            if only.tells(pair.first) or only.tells(pair.second)
        ),
        plan=plan,
        # These were named of the whole study, as the sample of verdicts was drawn from it.
        analyses=() if alone or not only.whole else unplanned_analyses(analysis),
        part=part,
        cross_check=cross_check_of(analysis.study) if only.whole else None,
        asked_again=asked_again_of(analysis),
        slice=_slice(analysis),
    )


def _slice(analysis: Analysis) -> SliceReport | None:
    only = analysis.only
    if only.whole:
        return None
    return SliceReport(
        model=only.model or None,
        class_index=only.class_index,
        class_name=only.class_name or None,
        condition=only.condition or None,
        without_rater=only.rater or None,
        n_labelled_of=analysis.n_labelled_of,
        n_votes_of=analysis.n_votes_of,
    )


def _model(model: ModelAnalysis, analysis: Analysis, *, planned: bool) -> ModelReport:
    n_labelled = int(np.count_nonzero(analysis.images.label))
    real = _real(model, analysis)
    if not model.row.size:
        return replace(_without_images(model.name, n_labelled, analysis, real), planned=planned)
    figures = rectified_top1(model.correct, question=model.question, verdicts=analysis.verdicts)
    counted = _with_images(model.name, n_labelled, figures, real, _resampled(model, analysis))
    return replace(counted, planned=planned, **_whole(model, analysis))


def _whole(model: ModelAnalysis, analysis: Analysis) -> dict[str, Any]:
    """What is told of images with all their votes, where others were closed before."""
    if not analysis.curtailed:
        return {}
    shown = rectified_top1(
        model.correct, question=analysis.shown_whole(model.question), verdicts=analysis.verdicts
    )
    return {
        "mean_yes_share": shown.mean_yes_share,
        "by_yes": tuple(shown.by_yes.tolist()),
        "by_yes_incomplete": shown.by_yes_incomplete,
    }


def _resampled(model: ModelAnalysis, analysis: Analysis) -> RectifiedBootstrap | None:
    """With the same seed for every model, so that none depends on the others being there.

    Votes that were not asked for cannot be weighted, so there is none where pairs close early.
    """
    if analysis.curtailed:
        return None
    return bootstrap_rectified_top1(
        analysis.valid,
        correct=model.correct,
        question=model.question,
        rule=analysis.rule,
        rng=np.random.default_rng(analysis.study.seed),
    )


def _with_images(
    name: str,
    n_labelled: int,
    figures: Rectified,
    real: RealAccuracy,
    resampled: RectifiedBootstrap | None,
) -> ModelReport:
    return ModelReport(
        model=name,
        planned=False,
        n_images=figures.n_images,
        n_without_prediction=n_labelled - figures.n_images,
        n_errors=figures.n_errors,
        n_asked=figures.n_asked,
        n_accepted=figures.n_accepted,
        n_rejected=figures.n_rejected,
        n_undecided=figures.n_undecided,
        n_unasked=figures.n_unasked,
        top1_error=figures.top1_error,
        rectified_top1_error=figures.rectified_top1_error,
        ci_low=figures.ci.low,
        ci_high=figures.ci.high,
        ci_method=figures.ci.method,
        ci_level=figures.ci.level,
        bound_low=figures.bound_low,
        bound_high=figures.bound_high,
        accepted_share=figures.accepted_share,
        mean_yes_share=figures.mean_yes_share,
        by_yes=tuple(figures.by_yes.tolist()),
        by_yes_incomplete=figures.by_yes_incomplete,
        real_accuracy=real.accuracy,
        n_real=real.n_images,
        n_real_correct=real.n_correct,
        resampled=resampled,
    )


def _without_images(
    name: str, n_labelled: int, analysis: Analysis, real: RealAccuracy
) -> ModelReport:
    """A model whose predictions are still to come, or on unlabelled images only."""
    return ModelReport(
        model=name,
        planned=False,
        n_images=0,
        n_without_prediction=n_labelled,
        n_errors=0,
        n_asked=0,
        n_accepted=0,
        n_rejected=0,
        n_undecided=0,
        n_unasked=0,
        top1_error=None,
        rectified_top1_error=None,
        ci_low=None,
        ci_high=None,
        ci_method="wilson",
        ci_level=0.95,
        bound_low=None,
        bound_high=None,
        accepted_share=None,
        mean_yes_share=None,
        by_yes=(0,) * (analysis.rule.n + 1),
        by_yes_incomplete=0,
        real_accuracy=real.accuracy,
        n_real=real.n_images,
        n_real_correct=real.n_correct,
        resampled=None,
    )


def _real(model: ModelAnalysis, analysis: Analysis) -> RealAccuracy:
    """Over every predicted image with right labels, whether or not it has an annotated one."""
    images, predictions = analysis.images, model.predictions
    ends, labels = labels_of(predictions.row, indptr=images.real_ends, indices=images.real_labels)
    return real_accuracy(predictions.top1, indptr=ends, indices=labels)


def _data(analysis: Analysis) -> DataReport:
    images = analysis.images
    asked = [model.question[model.question >= 0] for model in analysis.models]
    answered = np.bincount(analysis.valid.question, minlength=analysis.questions.question.size)
    return DataReport(
        image_set=analysis.study.image_set.name,
        n_images=images.image.size,
        n_labelled=int(np.count_nonzero(images.label)),
        n_real_labelled=int(np.count_nonzero(np.diff(images.real_ends))),
        n_questions=analysis.questions.question.size,
        n_questions_with_valid_votes=int(np.count_nonzero(answered)),
        n_questions_complete=int(np.count_nonzero(analysis.complete)),
        n_questions_of_models=np.unique(np.concatenate(asked)).size if asked else 0,
    )


def _votes(analysis: Analysis, by_answer: list[int]) -> VoteReport:
    n_yes, n_no, n_unsure = by_answer
    counts = analysis.exclusion.counts
    _, last = votes_stand(analysis.study)
    return VoteReport(
        n_votes=len(analysis.votes),
        n_valid=len(analysis.valid),
        n_excluded=sum(counts.values()),
        excluded=tuple(
            ExcludedVotes(reason=reason.slug, label=reason.label, n_votes=counts[reason])
            for reason in ExclusionReason
        ),
        n_yes=n_yes,
        n_no=n_no,
        n_unsure=n_unsure,
        last_vote_at=last,
    )


def _raters(analysis: Analysis) -> RaterReport:
    per_rater = np.bincount(analysis.valid.rater)
    per_rater = per_rater[per_rater > 0]
    return RaterReport(
        n_raters=analysis.votes.raters.size,
        n_raters_valid=per_rater.size,
        votes_per_rater_min=int(per_rater.min()) if per_rater.size else None,
        votes_per_rater_median=float(np.median(per_rater)) if per_rater.size else None,
        votes_per_rater_max=int(per_rater.max()) if per_rater.size else None,
    )
