"""What people said of the images they were shown: the part that every rectified error shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyapp.analytics.columns import Int32, Int64, frozen
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.results import JSONValue
from studyapp.analytics.sampling import Sampled, with_sampling
from studyapp.analytics.verdicts import Verdict, Verdicts

#: What is taken of an image that should be shown and was not asked.
UNASKED_CODINGS = ("error", "extrapolate")


@dataclass(frozen=True, eq=False)
class Shown:
    """Images that a protocol shows to people, by what came back.

    n_shown = n_asked + n_unasked; n_asked = n_accepted + n_rejected + n_undecided.
    mean_yes_share: mean of yes / valid over the asked images with a valid vote, None without one.
    by_yes: int64[n + 1], asked images with exactly n valid votes by the number of yes (Fig. 2);
    by_yes_incomplete: the asked images with any other number of valid votes.
    """

    n_shown: int
    n_asked: int
    n_accepted: int
    n_rejected: int
    n_undecided: int
    mean_yes_share: float | None
    by_yes: Int64
    by_yes_incomplete: int

    @property
    def n_unasked(self) -> int:
        """Images that should have been shown and were not."""
        return self.n_shown - self.n_asked

    @property
    def n_decided(self) -> int:
        """Asked images with a verdict."""
        return self.n_accepted + self.n_rejected

    def fields(self) -> dict[str, JSONValue | Int64]:
        """What `to_dict()` of every result that is made of this repeats."""
        return {
            "n_asked": self.n_asked,
            "n_accepted": self.n_accepted,
            "n_rejected": self.n_rejected,
            "n_undecided": self.n_undecided,
            "n_unasked": self.n_unasked,
            "mean_yes_share": self.mean_yes_share,
            "by_yes": self.by_yes,
            "by_yes_incomplete": self.by_yes_incomplete,
        }


@dataclass(frozen=True)
class Remaining:
    """The errors that remain, as a share of all images: see `remaining_errors`."""

    share: float
    ci: Interval
    bound_low: float
    bound_high: float
    accepted_share: float | None


def shown_images(question: Int32, *, verdicts: Verdicts) -> Shown:
    """Count the verdicts of the shown images; question: int32[S], -1 where one was not asked."""
    asked = question[question >= 0]
    code = verdicts.code[asked]
    accepted, undecided = (
        int(np.count_nonzero(code == verdict)) for verdict in (Verdict.ACCEPTED, Verdict.UNDECIDED)
    )
    n = verdicts.rule.n
    yes, valid = verdicts.yes[asked], verdicts.valid[asked]
    complete, answered = valid == n, valid > 0
    return Shown(
        n_shown=question.size,
        n_asked=asked.size,
        n_accepted=accepted,
        n_rejected=asked.size - accepted - undecided,
        n_undecided=undecided,
        mean_yes_share=(
            float((yes[answered] / valid[answered]).mean()) if answered.any() else None
        ),
        by_yes=frozen(np.bincount(yes[complete], minlength=n + 1).astype(np.int64)),
        by_yes_incomplete=int(np.count_nonzero(~complete)),
    )


def remaining_errors(
    shown: Shown, *, n_other: int, n_images: int, unasked: str, method: str, level: float
) -> Remaining:
    """Errors left after acceptance: (n_other + shown images that are not accepted) / n_images.

    n_other: errors that the protocol never shows. With `unasked="error"` an unasked image stays an
    error, and a = n_accepted / n_shown. With `"extrapolate"` the asked images are taken as a random
    sample of the shown ones, a = n_accepted / n_asked, and the interval has the sampling in it.
    bound_low: with every undecided image accepted; bound_high: with every one rejected.
    """
    if unasked not in UNASKED_CODINGS:
        raise RuleError(f"unasked={unasked!r} is unknown; use one of {', '.join(UNASKED_CODINGS)}.")
    extrapolate = unasked == "extrapolate" and shown.n_unasked > 0
    if not extrapolate:
        # Whole numbers, so that equal counts give equal floats.
        still = n_other + shown.n_shown - shown.n_accepted
        return Remaining(
            share=still / n_images,
            ci=proportion_ci(still, n=n_images, method=method, level=level),
            bound_low=(still - shown.n_undecided) / n_images,
            bound_high=still / n_images,
            accepted_share=shown.n_accepted / shown.n_shown if shown.n_shown else None,
        )
    if shown.n_asked == 0:
        raise ColumnError(
            f"None of the {shown.n_shown} images to show was asked, so nothing can be "
            'extrapolated; use unasked="error".'
        )
    high, low = (
        (n_other + shown.n_shown * (shown.n_asked - accepted) / shown.n_asked) / n_images
        for accepted in (shown.n_accepted, shown.n_accepted + shown.n_undecided)
    )
    not_accepted = Sampled(
        n_yes=shown.n_asked - shown.n_accepted, n=shown.n_asked, population=shown.n_shown
    )
    return Remaining(
        share=high,
        ci=with_sampling(high, parts=(not_accepted,), n=n_images, method=method, level=level),
        bound_low=low,
        bound_high=high,
        accepted_share=shown.n_accepted / shown.n_asked,
    )
