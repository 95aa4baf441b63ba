"""The report of raters under pseudonyms, kept until anything it is read from changes."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.analytics import Window
from studyapp.exports.pseudonyms import Pseudonyms, key_of
from studyapp.exports.raters import rater_names
from studyapp.models import Study
from studyapp.reports import analyse_study, kept
from studyapp.reports.rater_quality import rater_quality
from studyapp.reports.rater_rows import RaterQuality
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.study_stand import study_stand


@dataclass(frozen=True)
class NamedRaters:
    """names: the pseudonym of every rater by key, as in an export of the same votes."""

    quality: RaterQuality
    names: dict[int, str]


def kept_raters(
    study: Study,
    *,
    accept: int | None,
    unsure: str | None,
    window: Window | None,
    only: Slice = WHOLE,
) -> NamedRaters:
    """Every rater under a rule and window, by the names that `export` would give them."""

    def key() -> dict[str, object]:
        asked = {"accept": accept, "unsure": unsure, "window": window}
        return asked | only.stand() | study_stand(study)

    def make() -> tuple[RaterQuality, str]:
        analysis = analyse_study(study, accept=accept, unsure=unsure, window=window, only=only)
        return rater_quality(analysis), key_of(analysis, asked=None)

    # Names are made each time: they follow SECRET_KEY, which no file should outlive.
    look = (accept, unsure, window, only) != (None, None, None, WHOLE)
    quality, name_key = kept("raters", key=key, make=make, look=look)
    keys = [row.rater for row in quality.rows]
    return NamedRaters(quality, rater_names(keys, Pseudonyms(study, key=name_key)))
