"""The two-sided audit: some right predictions are shown as well as the wrong ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import id_column, mask_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.intervals import Interval
from studyapp.analytics.panel_error import CorrectedShare, rogan_gladen
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.sampling import Sampled, with_sampling
from studyapp.analytics.shown import Shown, shown_images
from studyapp.analytics.verdicts import Verdicts


@dataclass(frozen=True, eq=False)
class Audited:
    """The error by what people say of wrong AND of right predictions; shares of `n_images` N.

    wrong: the m = n_errors wrong predictions by verdict, right: the N - m others. Of each, the
    decided images stand for all: a = accepted / (accepted + rejected) of the wrong, a_c of the
    right ones, None where none is decided. audited_top1_error = (m (1 - a) + (N - m) (1 - a_c)) / N
    with its interval `ci`, both None until each part that has images has a decided one: an image
    nobody has voted on yet is neither right nor wrong. Unlike r1 it may exceed top1_error, for an
    annotation can be wrong in the model's favour.
    ci: images seen as a sample, with the sampling of both parts, see `with_sampling`.
    bound_low, bound_high: the asked images standing for all, with every undecided one accepted,
    and rejected.
    """

    rule: Rule
    n_images: int
    n_errors: int
    wrong: Shown
    right: Shown
    top1_error: float
    audited_top1_error: float | None
    ci: Interval | None
    bound_low: float
    bound_high: float
    accepted_share_wrong: float | None
    accepted_share_right: float | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, with the counts of `wrong` and `right` as objects."""
        return payload(
            n_images=self.n_images,
            n_errors=self.n_errors,
            wrong=self.wrong.fields(),
            right=self.right.fields(),
            top1_error=self.top1_error,
            audited_top1_error=self.audited_top1_error,
            ci_low=self.ci.low if self.ci else None,
            ci_high=self.ci.high if self.ci else None,
            ci_method=self.ci.method if self.ci else None,
            ci_level=self.ci.level if self.ci else None,
            bound_low=self.bound_low,
            bound_high=self.bound_high,
            accepted_share_wrong=self.accepted_share_wrong,
            accepted_share_right=self.accepted_share_right,
            rule=self.rule.to_dict(),
        )


def audited_top1(
    correct: npt.ArrayLike,
    *,
    question: npt.ArrayLike,
    verdicts: Verdicts,
    method: str = "wilson",
    level: float = 0.95,
) -> Audited:
    """The two-sided error, from a random sample of the right predictions and of the wrong ones.

    correct: bool[N]. question: int32[N], the question (image, predicted class), -1 where it was
    not asked; wrong predictions are usually asked whole, right ones as a sample of a few hundred.
    Raises ColumnError without images, for bad columns, or where one of the two parts has images
    and none of them was asked.
    """
    hits = np.asarray(correct)
    right = mask_column("correct", hits, length=hits.size)
    if right.size == 0:
        raise ColumnError("There are no images, so no error rate; give at least one image.")
    asked_of, _ = id_column("question", question, size=len(verdicts), lowest=-1, length=right.size)
    parts = tuple(shown_images(asked_of[part], verdicts=verdicts) for part in (~right, right))
    for name, part in zip(("wrong", "right"), parts, strict=True):
        if part.n_shown and not part.n_asked:
            raise ColumnError(
                f"None of the {part.n_shown} {name} predictions was asked; "
                "an audit needs a random sample of both."
            )
    wrong, sampled = parts
    accepted = [part.n_accepted for part in parts]
    either = [part.n_accepted + part.n_undecided for part in parts]
    share, ci = _estimate(parts, n=right.size, method=method, level=level)
    return Audited(
        rule=verdicts.rule,
        n_images=right.size,
        n_errors=wrong.n_shown,
        wrong=wrong,
        right=sampled,
        top1_error=wrong.n_shown / right.size,
        audited_top1_error=share,
        ci=ci,
        bound_low=_not_accepted(parts, either) / right.size,
        bound_high=_not_accepted(parts, accepted) / right.size,
        accepted_share_wrong=_accepted_share(wrong),
        accepted_share_right=_accepted_share(sampled),
    )


def corrected_by_decoys(found: Audited, *, n_decoys: int, n_accepted: int) -> CorrectedShare | None:
    """The accepted share of the wrong predictions, had panels made no mistakes: `rogan_gladen`.

    Right predictions tell how often a panel accepts what is there, n_decoys decided decoys with
    n_accepted of them how often it accepts what is not. None where one of the three says nothing,
    or a panel accepts what is not there as readily as what is.
    """
    share = found.accepted_share_right
    if not n_decoys or share is None or not found.wrong.n_decided:
        return None
    try:
        return rogan_gladen(
            found.wrong.n_accepted,
            n=found.wrong.n_decided,
            tpr=share,
            fpr=n_accepted / n_decoys,
            n_relevant=found.right.n_decided,
            n_irrelevant=n_decoys,
        )
    except RuleError:
        return None


def _accepted_share(part: Shown) -> float | None:
    return part.n_accepted / part.n_decided if part.n_decided else None


def _estimate(
    parts: tuple[Shown, ...], *, n: int, method: str, level: float
) -> tuple[float | None, Interval | None]:
    """The share of n images that are not accepted, each part scaled up from its decided images."""
    filled = [part for part in parts if part.n_shown]
    if not all(part.n_decided for part in filled):
        return None, None
    share = sum(part.n_shown * part.n_rejected / part.n_decided for part in filled) / n
    sampled = [
        Sampled(n_yes=part.n_rejected, n=part.n_decided, population=part.n_shown) for part in filled
    ]
    return share, with_sampling(share, parts=sampled, n=n, method=method, level=level)


def _not_accepted(parts: tuple[Shown, ...], accepted: list[int]) -> float:
    """Images of both parts that are not accepted, each part scaled up from its asked images."""
    return sum(
        part.n_shown * (part.n_asked - n) / part.n_asked
        for part, n in zip(parts, accepted, strict=True)
        if part.n_shown
    )
