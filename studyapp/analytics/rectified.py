"""The rectified top-1 error of a model: its errors less those people accept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Int32, Int64, frozen, id_column, mask_column
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.verdicts import Verdict, Verdicts


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
    method: str = "wilson",
    level: float = 0.95,
) -> Rectified:
    """Standard and rectified top-1 error (sections 3.1 and Table 1 of Stock and Cisse 2018).

    correct: bool[N], whether the first predicted class is the annotated one.
    question: int32[N], the question (image, predicted class) of every image, -1 where it was not
    asked; ignored where `correct`, for a right prediction is never shown.
    verdicts: of all questions, under the rule that is carried along; method, level: of `ci`.
    Raises ColumnError without images, for other shapes, or a question that has no verdict.
    """
    hits = np.asarray(correct)
    right = mask_column("correct", hits, length=hits.size)
    if right.size == 0:
        raise ColumnError("There are no images, so no error rate; give at least one image.")
    asked_of, _ = id_column("question", question, size=len(verdicts), lowest=-1, length=right.size)
    n_images, n_errors = right.size, int(np.count_nonzero(~right))
    asked = asked_of[~right & (asked_of >= 0)]
    code = verdicts.code[asked]
    accepted, undecided = (
        int(np.count_nonzero(code == verdict)) for verdict in (Verdict.ACCEPTED, Verdict.UNDECIDED)
    )
    by_yes, incomplete, mean_yes_share = _breakdown(asked, verdicts)
    still = n_errors - accepted
    return Rectified(
        rule=verdicts.rule,
        n_images=n_images,
        n_errors=n_errors,
        n_asked=asked.size,
        n_accepted=accepted,
        n_rejected=asked.size - accepted - undecided,
        n_undecided=undecided,
        n_unasked=n_errors - asked.size,
        top1_error=n_errors / n_images,
        rectified_top1_error=still / n_images,
        ci=proportion_ci(still, n=n_images, method=method, level=level),
        bound_low=(still - undecided) / n_images,
        bound_high=still / n_images,
        accepted_share=accepted / n_errors if n_errors else None,
        mean_yes_share=mean_yes_share,
        by_yes=frozen(by_yes),
        by_yes_incomplete=incomplete,
    )


def _breakdown(asked: Int32, verdicts: Verdicts) -> tuple[Int64, int, float | None]:
    """Images by yes votes (Fig. 2), how many lack n valid votes, and the mean share of yes."""
    n = verdicts.rule.n
    yes, valid = verdicts.yes[asked], verdicts.valid[asked]
    complete = valid == n
    by_yes = np.bincount(yes[complete], minlength=n + 1).astype(np.int64)
    answered = valid > 0
    mean = float((yes[answered] / valid[answered]).mean()) if answered.any() else None
    return by_yes, int(np.count_nonzero(~complete)), mean
