"""How much of a model's errors the votes at hand cover, and what the rest could change."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.analytics.rectified import Rectified
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True)
class Coverage:
    """What is known about the errors of one model of which some were never asked.

    covered_share: n_asked / n_errors in 0..1, None without errors.
    rectified_like_asked: rectified top-1 error if people accepted the same share of the unasked
    errors as of the asked ones, n_errors / n_images * (1 - n_accepted / n_asked); None where
    nothing was asked. An extrapolation: which errors were asked is seldom left to chance.
    bound_low, bound_high: rectified error if every undecided and every unasked error were
    accepted, and if none of them were. Nothing the missing votes could say lies outside of them.
    """

    n_errors: int
    n_asked: int
    n_unasked: int
    covered_share: float | None
    rectified_like_asked: float | None
    bound_low: float
    bound_high: float

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(
            n_errors=self.n_errors,
            n_asked=self.n_asked,
            n_unasked=self.n_unasked,
            covered_share=self.covered_share,
            rectified_like_asked=self.rectified_like_asked,
            bound_low=self.bound_low,
            bound_high=self.bound_high,
        )


def coverage(figures: Rectified) -> Coverage:
    """The coverage behind a model's figures.

    figures: of `rectified_top1`; undecided questions count as asked.
    """
    errors, asked, images = figures.n_errors, figures.n_asked, figures.n_images
    open_ones = figures.n_undecided + figures.n_unasked
    still = errors - figures.n_accepted
    return Coverage(
        n_errors=errors,
        n_asked=asked,
        n_unasked=figures.n_unasked,
        covered_share=asked / errors if errors else None,
        # In one division: with every error asked it is the rectified error to the last digit.
        rectified_like_asked=errors * (asked - figures.n_accepted) / (asked * images)
        if asked
        else None,
        bound_low=(still - open_ones) / images,
        bound_high=still / images,
    )
