"""The rectified error of a model under attack (Table 2 of Stock and Cisse 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import id_column, mask_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.intervals import Interval
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.shown import Shown, remaining_errors, shown_images
from studyapp.analytics.verdicts import Verdicts

#: Whose errors people may take back: those of images the attack flipped, or all under attack.
BASES = ("flipped", "all_errors")


@dataclass(frozen=True, eq=False)
class RectifiedAdversarial:
    """Error under attack, standard and rectified; shares are fractions of `n_images`.

    n_clean_errors: images wrong before the attack; n_adv_errors: wrong after it; n_flipped: right
    before and wrong after. over: `flipped` shows the flipped images and leaves the other errors
    as they are; `all_errors` shows all n_adv_errors. Figures over different bases are not
    comparable. shown: the images of the base by verdict.
    accepted_share: accepted / shown (error) or accepted / asked (extrapolate), None if none is
    shown: what the paper calls percentage of agreement. It is not `shown.mean_yes_share`.
    rectified_error = (n_adv_errors - accepted_share * n_shown) / n_images, with its interval `ci`
    and bounds as in `Rectified`.
    """

    rule: Rule
    over: str
    unasked: str
    n_images: int
    n_clean_errors: int
    n_adv_errors: int
    n_flipped: int
    shown: Shown
    clean_error: float
    adv_error: float
    rectified_error: float
    ci: Interval
    bound_low: float
    bound_high: float
    accepted_share: float | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, those of `shown`, of the rule and of the interval."""
        return payload(
            rectified_over=self.over,
            unasked=self.unasked,
            n_images=self.n_images,
            n_clean_errors=self.n_clean_errors,
            n_adv_errors=self.n_adv_errors,
            n_flipped=self.n_flipped,
            n_shown=self.shown.n_shown,
            **self.shown.fields(),
            clean_error=self.clean_error,
            adv_error=self.adv_error,
            rectified_error=self.rectified_error,
            ci_low=self.ci.low,
            ci_high=self.ci.high,
            ci_method=self.ci.method,
            ci_level=self.ci.level,
            bound_low=self.bound_low,
            bound_high=self.bound_high,
            accepted_share=self.accepted_share,
            rule=self.rule.to_dict(),
        )


def rectified_adversarial(
    clean_correct: npt.ArrayLike,
    *,
    adv_correct: npt.ArrayLike,
    question: npt.ArrayLike,
    verdicts: Verdicts,
    over: str = "flipped",
    unasked: str = "error",
    method: str = "wilson",
    level: float = 0.95,
) -> RectifiedAdversarial:
    """Error under attack less what people accept (section 3.2 and Table 2 of the paper).

    clean_correct, adv_correct: bool[N], whether the first class was right before and after.
    question: int32[N], the question (attacked image, its first class), -1 where it was not asked;
    ignored where `over` does not show the image. The printed Table 2 is `over="flipped"` with
    `unasked="extrapolate"`: the share accepted in 20 classes, applied to all flipped images.
    unasked, method, level: as in `rectified_top1`. Raises ColumnError for bad columns or without
    images, RuleError for an unknown word.
    """
    if over not in BASES:
        raise RuleError(f"over={over!r} is unknown; use one of {', '.join(BASES)}.")
    before = np.asarray(clean_correct)
    clean = mask_column("clean_correct", before, length=before.size)
    if clean.size == 0:
        raise ColumnError("There are no images, so no error rate; give at least one image.")
    attacked = mask_column("adv_correct", np.asarray(adv_correct), length=clean.size)
    asked_of, _ = id_column("question", question, size=len(verdicts), lowest=-1, length=clean.size)
    flipped = clean & ~attacked
    shown = shown_images(asked_of[flipped if over == "flipped" else ~attacked], verdicts=verdicts)
    n_errors = int(np.count_nonzero(~attacked))
    left = remaining_errors(
        shown,
        n_other=n_errors - shown.n_shown,
        n_images=clean.size,
        unasked=unasked,
        method=method,
        level=level,
    )
    return RectifiedAdversarial(
        rule=verdicts.rule,
        over=over,
        unasked=unasked,
        n_images=clean.size,
        n_clean_errors=int(np.count_nonzero(~clean)),
        n_adv_errors=n_errors,
        n_flipped=int(np.count_nonzero(flipped)),
        shown=shown,
        clean_error=int(np.count_nonzero(~clean)) / clean.size,
        adv_error=n_errors / clean.size,
        rectified_error=left.share,
        ci=left.ci,
        bound_low=left.bound_low,
        bound_high=left.bound_high,
        accepted_share=left.accepted_share,
    )
