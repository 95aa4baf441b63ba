"""Whether a rater may begin: not within a cooldown, not where a person kept them out.

It is asked before the first picture is shown and again, one rater at a time, when they begin. What
goes by is the id the marketplace gave: cookies and windows have no say.
"""

from __future__ import annotations

from collections.abc import Collection

from studyapp import clock
from studyapp.exposure import free_from, records_of
from studyapp.models import HIT, KeptOut, Rater
from studyapp.voting.errors import KeptOutError, TooSoonError

SAW_OTHERS = "you saw other pictures of this study lately"


def refuse_unadmitted(hit: HIT, *, raters: Collection[int]) -> None:
    """Raise VotingError unless this person may begin the HIT now.

    raters: all our records of the person.
    """
    study = hit.study
    if KeptOut.objects.filter(study=study, rater__in=raters).exists():
        raise KeptOutError(
            "this study does not ask you", remedy="Return the task; that has no bad effect for you"
        )
    if not study.cooldown_hours:
        return
    until = free_from(study, condition=condition_shown(hit), raters=raters, now=clock.now())
    if until is not None:
        raise TooSoonError(SAW_OTHERS, free_from=until)


def admit(hit: HIT, *, rater: int) -> None:
    """The same, holding the rater's records until the transaction ends: two windows queue up."""
    records = records_of(rater)
    if hit.study.cooldown_hours:
        list(Rater.objects.select_for_update(no_key=True).filter(pk__in=records).order_by("pk"))
    refuse_unadmitted(hit, raters=records)


def condition_shown(hit: HIT) -> int | None:
    """The condition of the HIT's pictures; where it holds several, that of the first."""
    places = hit.hit_trials.order_by("position")
    return places.values_list("trial__condition", flat=True).first()
