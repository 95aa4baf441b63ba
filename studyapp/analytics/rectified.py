"""The rectified top-1 error of a model: its errors less those people accept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Int64, id_column, mask_column
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.intervals import Interval
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.shown import remaining_errors, shown_images
from studyapp.analytics.verdicts import Verdicts


@dataclass(frozen=True, eq=False)
class Rectified:
    """Standard and rectified top-1 error of one model; shares are fractions of `n_images`.

    n_errors = n_asked + n_unasked; n_asked = n_accepted + n_rejected + n_undecided.
    top1_error = n_errors / n_images, e1; rectified_top1_error = (n_errors - n_accepted) /
    n_images, r1. Undecided and unasked images stay errors in r1.
    ci: interval of r1 with denominator n_images, the images seen as a sample.
    bound_low, bound_high: r1 if every undecided image were accepted, and if every one were
    rejected (so bound_high is r1). They cover the undecided only; unasked images stay errors in
    both and are counted beside.
    accepted_share: n_accepted / n_errors, None without errors. mean_yes_share: mean of
    yes / valid over the asked images with a valid vote, None without one.
    by_yes: int64[n + 1], by_yes[j] = asked images with exactly n valid votes, j of them yes;
    by_yes_incomplete: the asked images with any other number of valid votes.
    unasked: `error` as above. With `extrapolate` accepted_share is n_accepted / n_asked and
    r1 = top1_error * (1 - accepted_share): the unasked errors are taken to be like the asked
    ones, in r1 and in both bounds, and `ci` holds that sampling too.
    """

    rule: Rule
    n_images: int
    n_errors: int
    n_asked: int
    n_accepted: int
    n_rejected: int
    n_undecided: int
    n_unasked: int
    top1_error: float
    rectified_top1_error: float
    ci: Interval
    bound_low: float
    bound_high: float
    accepted_share: float | None
    mean_yes_share: float | None
    by_yes: Int64
    by_yes_incomplete: int
    unasked: str = "error"

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, with the rule and the interval as single keys."""
        return payload(
            n_images=self.n_images,
            n_errors=self.n_errors,
            n_asked=self.n_asked,
            n_accepted=self.n_accepted,
            n_rejected=self.n_rejected,
            n_undecided=self.n_undecided,
            n_unasked=self.n_unasked,
            top1_error=self.top1_error,
            rectified_top1_error=self.rectified_top1_error,
            ci_low=self.ci.low,
            ci_high=self.ci.high,
            ci_method=self.ci.method,
            ci_level=self.ci.level,
            bound_low=self.bound_low,
            bound_high=self.bound_high,
            accepted_share=self.accepted_share,
            mean_yes_share=self.mean_yes_share,
            by_yes=self.by_yes,
            by_yes_incomplete=self.by_yes_incomplete,
            unasked=self.unasked,
            rule_k=self.rule.k,
            rule_n=self.rule.n,
            rule_unsure=self.rule.unsure,
            rule_extra=self.rule.extra,
        )


def rectified_top1(
    correct: npt.ArrayLike,
    *,
    question: npt.ArrayLike,
    verdicts: Verdicts,
    unasked: str = "error",
    method: str = "wilson",
    level: float = 0.95,
) -> Rectified:
    """Standard and rectified top-1 error (sections 3.1 and Table 1 of Stock and Cisse 2018).

    correct: bool[N], whether the first predicted class is the annotated one.
    question: int32[N], the question (image, predicted class) of every image, -1 where it was not
    asked; ignored where `correct`, for a right prediction is never shown.
    verdicts: of all questions, under the rule that is carried along; method, level: of `ci`.
    unasked: `error` (the headline) or `extrapolate`, which is right only where the asked errors
    are a random sample of the errors.
    Raises ColumnError without images, for other shapes, a question that has no verdict, or where
    nothing was asked that could be extrapolated; RuleError for another `unasked` or method.
    """
    hits = np.asarray(correct)
    right = mask_column("correct", hits, length=hits.size)
    if right.size == 0:
        raise ColumnError("There are no images, so no error rate; give at least one image.")
    asked_of, _ = id_column("question", question, size=len(verdicts), lowest=-1, length=right.size)
    shown = shown_images(asked_of[~right], verdicts=verdicts)
    left = remaining_errors(
        shown, n_other=0, n_images=right.size, unasked=unasked, method=method, level=level
    )
    return Rectified(
        rule=verdicts.rule,
        n_images=right.size,
        n_errors=shown.n_shown,
        n_asked=shown.n_asked,
        n_accepted=shown.n_accepted,
        n_rejected=shown.n_rejected,
        n_undecided=shown.n_undecided,
        n_unasked=shown.n_unasked,
        top1_error=shown.n_shown / right.size,
        rectified_top1_error=left.share,
        ci=left.ci,
        bound_low=left.bound_low,
        bound_high=left.bound_high,
        accepted_share=left.accepted_share,
        mean_yes_share=shown.mean_yes_share,
        by_yes=shown.by_yes,
        by_yes_incomplete=shown.by_yes_incomplete,
        unasked=unasked,
    )
