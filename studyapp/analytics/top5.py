"""The rectified top-5 error of a model, under the two protocols of which a paper prints both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Int64, id_column, integer_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.intervals import Interval
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.shown import Shown, remaining_errors, shown_images
from studyapp.analytics.verdicts import Verdict, Verdicts

#: Which images are shown: all errors of the first class (A), or of the first five (B).
PROTOCOLS = ("A", "B")
#: What people answer: one yes or no for the list of five, or one for each of the five.
QUESTION_FORMS = ("list", "five")

LISTED = 5


@dataclass(frozen=True, eq=False)
class RectifiedTop5:
    """Standard and rectified top-5 error of one model; shares are fractions of `n_images`.

    protocol, form: see `rectified_top5`; figures of different ones are not comparable.
    n_top1_errors, n_top5_errors: images whose annotated class is not first, not among the five.
    shown: the images of the protocol by verdict; n_shown is n_top1_errors (A) or n_top5_errors (B).
    top5_error = n_top5_errors / n_images; rectified_top5_error = (n_shown - n_accepted) /
    n_images, with undecided and unasked images left as errors, and its interval `ci`, bounds and
    accepted_share (n_accepted / n_shown, None if nothing is shown) as in `Rectified`.
    n_listed_asked, n_listed_rejected: asked images whose annotated class is in places 2 to 5, and
    those of them that people rejected: panels that miss a label that is there. 0 under B.
    """

    rule: Rule
    protocol: str
    form: str
    unasked: str
    n_images: int
    n_top1_errors: int
    n_top5_errors: int
    shown: Shown
    top5_error: float
    rectified_top5_error: float
    ci: Interval
    bound_low: float
    bound_high: float
    accepted_share: float | None
    n_listed_asked: int
    n_listed_rejected: int

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, those of `shown`, of the rule and of the interval."""
        return payload(
            protocol=self.protocol,
            form=self.form,
            unasked=self.unasked,
            n_images=self.n_images,
            n_top1_errors=self.n_top1_errors,
            n_top5_errors=self.n_top5_errors,
            n_shown=self.shown.n_shown,
            **self.shown.fields(),
            top5_error=self.top5_error,
            rectified_top5_error=self.rectified_top5_error,
            ci_low=self.ci.low,
            ci_high=self.ci.high,
            ci_method=self.ci.method,
            ci_level=self.ci.level,
            bound_low=self.bound_low,
            bound_high=self.bound_high,
            accepted_share=self.accepted_share,
            n_listed_asked=self.n_listed_asked,
            n_listed_rejected=self.n_listed_rejected,
            rule=self.rule.to_dict(),
        )


def rectified_top5(
    rank_of_truth: npt.ArrayLike,
    *,
    question5: npt.ArrayLike,
    verdicts5: Verdicts,
    protocol: str = "A",
    form: str = "list",
    unasked: str = "error",
    method: str = "wilson",
    level: float = 0.95,
) -> RectifiedTop5:
    """Standard and rectified top-5 error (section 3.1 of Stock and Cisse 2018, which prints both).

    rank_of_truth: int16[N], place of the annotated class from 0; 5 or more: not among the five.
    question5: int32[N], the question (image, list of five) of every image, -1 where it was not
    asked; ignored where the protocol does not show the image.
    protocol: `A` shows every image whose first class is wrong, `B` those alone whose five are.
    The annotation has no say in what people answer: under A they may reject an image whose
    annotated class is in places 2 to 5.
    form: `list` or `five`, how the verdicts came about (see `five_classes`); it is carried along.
    unasked, method, level: as in `rectified_top1`. Raises ColumnError for bad columns, RuleError
    for an unknown word.
    """
    for name, value, known in (
        ("protocol", protocol, PROTOCOLS),
        ("form", form, QUESTION_FORMS),
    ):
        if value not in known:
            raise RuleError(f"{name}={value!r} is unknown; use one of {', '.join(known)}.")
    rank = _ranks(rank_of_truth)
    asked_of, _ = id_column(
        "question5", question5, size=len(verdicts5), lowest=-1, length=rank.size
    )
    top1_error, top5_error = rank > 0, rank >= LISTED
    is_shown = top1_error if protocol == "A" else top5_error
    shown = shown_images(asked_of[is_shown], verdicts=verdicts5)
    left = remaining_errors(
        shown, n_other=0, n_images=rank.size, unasked=unasked, method=method, level=level
    )
    listed = asked_of[is_shown & ~top5_error & (asked_of >= 0)]
    n_top5_errors = int(np.count_nonzero(top5_error))
    return RectifiedTop5(
        rule=verdicts5.rule,
        protocol=protocol,
        form=form,
        unasked=unasked,
        n_images=rank.size,
        n_top1_errors=int(np.count_nonzero(top1_error)),
        n_top5_errors=n_top5_errors,
        shown=shown,
        top5_error=n_top5_errors / rank.size,
        rectified_top5_error=left.share,
        ci=left.ci,
        bound_low=left.bound_low,
        bound_high=left.bound_high,
        accepted_share=left.accepted_share,
        n_listed_asked=listed.size,
        n_listed_rejected=int(np.count_nonzero(verdicts5.code[listed] == Verdict.REJECTED)),
    )


def _ranks(values: npt.ArrayLike) -> Int64:
    rank = integer_column("rank_of_truth", values)
    if rank.size == 0:
        raise ColumnError("There are no images, so no error rate; give at least one image.")
    if (rank < 0).any():
        row = int((rank < 0).argmax())
        raise ColumnError(
            f"Row {row} of column rank_of_truth holds {rank[row]}; "
            "count places from 0, and give 5 or more where the class is not listed."
        )
    return rank
