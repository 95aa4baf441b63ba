"""What is known of each rater of a study; nothing here excludes anybody or changes a figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    ExclusionReason,
    RaterReport,
    Shares,
    Votes,
    dawid_skene,
    rater_report,
)
from studyapp.analytics.multilabel import labels_of
from studyapp.analytics.shares import shares
from studyapp.analytics.usual import far_below, median, usual
from studyapp.asking import question_type
from studyapp.models import ExpertAnswer
from studyapp.reports.analysis import Analysis
from studyapp.reports.rater_flags import flags_of
from studyapp.reports.rater_rows import RaterQuality, RaterRow, ShareOf
from studyapp.selectors.known_answers import NO_MARKS, Marks, marks

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def rater_quality(analysis: Analysis) -> RaterQuality:
    """The raters of a study under the rule and window of the analysis.

    Where raters do not say yes or no themselves, but choose one of several places, a yes is that
    they chose the right one: two who did not need not agree, and a run of places means nothing.
    """
    says_yes = question_type(analysis.study.question_kind).says_yes
    valid, votes = analysis.valid, analysis.votes
    gold = right_answers(analysis)
    found = rater_report(valid, gold=gold, unsure=analysis.rule.unsure)
    if analysis.curtailed:
        # Raters of later groups see what the first ones did not settle, which is harder.
        whole = rater_report(analysis.whole, gold=gold, unsure=analysis.rule.unsure)
        found = replace(
            found,
            peer_agreement=whole.peer_agreement,
            n_pairs=whole.n_pairs,
            accuracy=whole.accuracy,
            sensitivity=whole.sensitivity,
            specificity=whole.specificity,
        )
    if not says_yes:
        nothing = np.zeros(len(found), dtype=np.int64)
        found = replace(found, peer_agreement=shares(nothing, n=nothing), n_pairs=nothing)
    sensitivity, specificity, converged = _dawid_skene(valid, fits=says_yes)
    given = np.bincount(votes.rater, minlength=votes.raters.size)
    excluded = _excluded(analysis)
    asks_known = bool(analysis.study.gold_per_hit)
    known = marks(analysis.study, only=analysis.only) if asks_known else {}
    rows = [
        _row(
            place,
            rater=rater,
            found=found,
            n_votes=int(given[place]),
            excluded={slug: int(of[place]) for slug, of in excluded.items() if of[place]},
            ds=(sensitivity, specificity),
            says_yes=says_yes,
            marks=known.get(rater, NO_MARKS),
        )
        for place, rater in enumerate(votes.raters.tolist())
    ]
    peers, accuracy = usual(found.peer_agreement), usual(found.accuracy)
    quality = RaterQuality(
        unsure=analysis.rule.unsure,
        rows=(),
        n_known=sum(of.n + of.unsure for of in known.values()),
        n_expert=np.intersect1d(_expert_answers(analysis)[0], analysis.whole.question).size,
        n_gold=int(np.count_nonzero(gold[np.unique(analysis.whole.question)] >= 0)),
        answer_shares=_answer_shares(valid),
        median_peer_agreement=peers.median,
        median_accuracy=accuracy.median,
        peer_fence=peers.fence,
        accuracy_fence=accuracy.fence,
        median_seconds=median(found.median_seconds),
        ds_converged=converged,
    )
    flagged = tuple(replace(row, flags=flags_of(row, among=quality)) for row in rows)
    return replace(quality, rows=flagged)


def disagreeing(analysis: Analysis) -> npt.NDArray[np.bool_]:
    """bool[R]: the raters that `disagrees` is set for."""
    return far_below(rater_report(analysis.whole, unsure=analysis.rule.unsure).peer_agreement)


def right_answers(analysis: Analysis) -> npt.NDArray[np.int8]:
    """int8[Q], what experts and the reassessed labels answer: 1 yes, 0 no, -1 unknown.

    An expert's answer to the very question comes before the labels, of which the class is one or
    not. Unknown too of a question that is not about one class, but a list or groups. Of images with
    equal content the labels, and the experts, of all of them count.
    """
    images, questions = analysis.images, analysis.questions
    right = np.full(questions.question.size, -1, dtype=np.int8)
    has_labels = np.flatnonzero(np.diff(images.real_ends))
    ends, labels = labels_of(has_labels, indptr=images.real_ends, indices=images.real_labels)
    stimulus = np.repeat(images.stimulus[has_labels], np.diff(ends)).astype(np.int64)
    known = np.isin(questions.stimulus, stimulus) & (questions.stimulus >= 0)
    known &= questions.label_class > 0
    span = int(max(questions.label_class.max(initial=0), labels.max(initial=0))) + 1
    asked = questions.stimulus[known].astype(np.int64) * span + questions.label_class[known]
    right[known] = np.isin(asked, stimulus * span + labels)
    rows, answers = _expert_answers(analysis)
    right[rows] = answers
    return right


def _expert_answers(analysis: Analysis) -> tuple[Int64, npt.NDArray[np.bool_]]:
    """Rows of the questions that experts answered, and what they said; the last said stands."""
    given = [
        row
        for row in ExpertAnswer.objects.filter(study=analysis.study)
        if analysis.shows(row.image_id)
    ]
    image = np.array([row.image_id for row in given], dtype=np.int64)
    question = analysis.questions.find(
        analysis.images.stimulus[np.searchsorted(analysis.images.image, image)],
        label_class=np.array([row.label_class_id for row in given], dtype=np.int64),
    )
    said = np.array([row.answer == ExpertAnswer.Said.YES for row in given], dtype=np.bool_)
    return question[question >= 0].astype(np.int64), said[question >= 0]


def _dawid_skene(valid: Votes, *, fits: bool) -> tuple[Float64, Float64, bool | None]:
    """float64[R] chances of yes given yes and of no given no, among yes and no answers."""
    if not len(valid) or not fits:
        nothing = np.full(valid.n_raters, np.nan)
        return nothing, nothing, None
    fit = dawid_skene(valid)
    answers = fit.confusion[:, :, :2]
    given = answers / answers.sum(axis=2, keepdims=True)
    return given[:, 0, 0], given[:, 1, 1], fit.converged


def _excluded(analysis: Analysis) -> dict[str, Int64]:
    """For each reason int64[R], how many votes of each rater carry it."""
    votes, reason = analysis.votes, analysis.exclusion.reason
    return {
        code.slug: np.bincount(votes.rater[reason == code], minlength=votes.raters.size)
        for code in ExclusionReason
    }


def _row(
    place: int,
    *,
    rater: int,
    found: RaterReport,
    n_votes: int,
    excluded: dict[str, int],
    ds: tuple[Float64, Float64],
    says_yes: bool,
    marks: Marks,
) -> RaterRow:
    n_valid = int(found.n_votes[place])
    sensitivity, specificity = (_at(column, place) if n_valid else None for column in ds)
    return RaterRow(
        rater=rater,
        n_votes=n_votes,
        n_valid=n_valid,
        n_unsure=int(found.n_unsure[place]),
        excluded=excluded,
        yes=_share(found.yes_rate, place),
        peers=_share(found.peer_agreement, place),
        peer_pairs=int(found.n_pairs[place]),
        known=_share(shares(np.array([marks.right]), n=np.array([marks.n])), 0),
        known_unsure=marks.unsure,
        gold=_share(found.accuracy, place),
        gold_sensitivity=_share(found.sensitivity, place),
        gold_specificity=_share(found.specificity, place),
        ds_sensitivity=sensitivity,
        ds_specificity=specificity,
        n_timed=int(found.n_timed[place]),
        median_seconds=_at(found.median_seconds, place),
        longest_run=int(found.longest_run[place]) if says_yes else None,
        flags=(),
    )


def _share(column: Shares, place: int) -> ShareOf:
    return ShareOf(
        n=int(column.n[place]),
        share=_at(column.share, place),
        low=_at(column.low, place),
        high=_at(column.high, place),
    )


def _at(column: Float64, place: int) -> float | None:
    return None if np.isnan(column[place]) else float(column[place])


def _answer_shares(valid: Votes) -> tuple[float, ...]:
    counts = valid.counts3().sum(axis=0)
    return tuple((counts / max(1, counts.sum())).tolist())
