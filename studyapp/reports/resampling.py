"""The raters' part of a model's uncertainty, in words a reviewer reads."""

from __future__ import annotations

from studyapp.analytics import Bootstrap
from studyapp.reports.study_report import ModelReport

#: A resampled mean further from the figure than this many standard errors moves the interval
#: visibly, and is told beside it.
TOLD_FROM = 0.25


def points(share: float | None, *, sign: bool = False) -> str:
    """A difference or standard error of shares in percentage points; a dash where there is none."""
    if share is None:
        return "–"
    return f"{100 * share:+z.2f}" if sign else f"{100 * share:z.2f}"


def is_shifted(part: Bootstrap) -> bool:
    """Whether low and high lie off the figure because resamples do on average."""
    return part.se is not None and part.bias is not None and abs(part.bias) > TOLD_FROM * part.se


def resampled_interval(part: Bootstrap) -> str:
    """Percentiles of the resamples in per cent, with their shift where it matters."""
    if part.low is None or part.high is None:
        return "–"
    told = f"[{100 * part.low:.2f}, {100 * part.high:.2f}] %"
    return f"{told}, shifted by {points(part.bias, sign=True)}" if is_shifted(part) else told


def sampling_sentence(model: ModelReport) -> str:
    """How far the rectified error would move with other images, other raters, and both."""
    parts = model.resampled
    if parts is None:
        return ""
    images, raters, both = (
        points(part.se) for part in (parts.image_sampling, parts.rater_sampling, parts.both)
    )
    if parts.both.se is None:
        why = parts.both.undefined.get("se", "")
        return f"What other raters would have made of {model.model} cannot be said: {why}."
    told = (
        f"The standard error of {model.model}’s rectified error is {images} points for other "
        f"images, {raters} for other raters and {both} for both; 95 % of resamples of both lie in "
        f"{resampled_interval(parts.both)}."
    )
    if is_shifted(parts.both):
        told += (
            " Resampled panels hold fewer different raters and fall beside the threshold more "
            "often on one side, which is the shift: read the standard error."
        )
    return told
