"""What an accepted share would be if the panel made no mistakes: a sensitivity figure."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass

from scipy.special import ndtri

from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True)
class CorrectedShare:
    """An accepted share corrected for a panel's errors (Rogan and Gladen 1978); shares in 0..1.

    accepted_share: n_accepted / n as the panel said. tpr, fpr: the share of relevant and of
    irrelevant questions that a panel accepts, from n_relevant and n_irrelevant gold questions; None
    where the rate is taken as known. corrected_share = (accepted_share - fpr) / (tpr - fpr), cut
    to 0..1; `cut` says that it was. se, low, high: of corrected_share at `level`.
    """

    n: int
    n_accepted: int
    accepted_share: float
    tpr: float
    fpr: float
    n_relevant: int | None
    n_irrelevant: int | None
    corrected_share: float
    cut: bool
    se: float
    low: float
    high: float
    level: float
    method: str = "rogan-gladen, delta at smoothed shares"

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


def rogan_gladen(
    accepted: int,
    *,
    n: int,
    tpr: float,
    fpr: float,
    n_relevant: int | None = None,
    n_irrelevant: int | None = None,
    level: float = 0.95,
) -> CorrectedShare:
    """Correct `accepted` of n questions for panels that accept at rates `tpr` and `fpr`.

    tpr, fpr: rates of VERDICTS under the same rule, not of single raters, with the number of gold
    questions behind each. They come from gold questions and may not carry over to the study: show
    the result as a sensitivity figure, never as the headline.
    Interval: delta method, the variances of the three shares taken at smoothed shares (z^2 / 2 of
    z^2 more for the accepted, 1 of 2 more for the rates, after Lang and Reiczigel 2014), so that
    none is zero. Raises RuleError for impossible values or tpr <= fpr.
    """
    accepted, n = operator.index(accepted), operator.index(n)
    if n < 1 or not 0 <= accepted <= n:
        raise RuleError(f"{accepted} of {n} is no share; give 0 <= accepted <= n, n at least 1.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    for name, size in (("n_relevant", n_relevant), ("n_irrelevant", n_irrelevant)):
        if size is not None and size < 1:
            raise RuleError(f"{name}={size} gives no rate; give at least 1, or None if known.")
    if not 0 <= fpr < tpr <= 1:
        raise RuleError(
            f"tpr={tpr} and fpr={fpr} do not tell relevant from irrelevant; "
            "the correction needs 0 <= fpr < tpr <= 1."
        )
    share = accepted / n
    raw = (share - fpr) / (tpr - fpr)
    corrected = min(1.0, max(0.0, raw))
    z = float(ndtri((1 + level) / 2))
    smooth_tpr, tpr_variance = _smoothed(tpr, n_relevant)
    smooth_fpr, fpr_variance = _smoothed(fpr, n_irrelevant)
    smooth_share = (accepted + z * z / 2) / (n + z * z)
    power = smooth_tpr - smooth_fpr
    if power <= 0:
        raise RuleError(
            f"tpr={tpr} of {n_relevant} and fpr={fpr} of {n_irrelevant} gold questions are too few "
            "to tell them apart; ask more gold questions."
        )
    centre = min(1.0, max(0.0, (smooth_share - smooth_fpr) / power))
    variance = (
        smooth_share * (1 - smooth_share) / (n + z * z)
        + centre**2 * tpr_variance
        + (1 - centre) ** 2 * fpr_variance
    )
    se = math.sqrt(variance) / power
    return CorrectedShare(
        n=n,
        n_accepted=accepted,
        accepted_share=share,
        tpr=float(tpr),
        fpr=float(fpr),
        n_relevant=n_relevant,
        n_irrelevant=n_irrelevant,
        corrected_share=corrected,
        cut=corrected != raw,
        se=se,
        low=min(corrected, max(0.0, centre - z * se)),
        high=max(corrected, min(1.0, centre + z * se)),
        level=float(level),
    )


def _smoothed(rate: float, n: int | None) -> tuple[float, float]:
    """A rate with one success and one failure added, and its variance; as it is if known."""
    if n is None:
        return rate, 0.0
    smooth = (rate * n + 1) / (n + 2)
    return smooth, smooth * (1 - smooth) / (n + 2)
