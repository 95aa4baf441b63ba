"""Share raters out among the conditions of a study, those at work counted too."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from django.db.models import Q

from studyapp import clock
from studyapp.models import HIT, Assignment, Study
from studyapp.row_locks import lock_study
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import Allocation, AssignmentState
from studyapp.voting.admission import siblings

#: Whoever is in one of these has handed in answers that may count.
_THERE = (AssignmentState.SUBMITTED, AssignmentState.APPROVED)
#: Whoever is in one of these may still hand in, while there is time.
_MAY_COME = (AssignmentState.WORKING, AssignmentState.FINISHED)


def condition_of(rater: int, *, study: Study) -> int | None:
    """The condition this rater was given in the study, if any."""
    if study.allocation != Allocation.ONE:
        return None
    rows = Assignment.objects.filter(hit__study=study, rater=rater, condition__isnull=False)
    return rows.order_by("pk").values_list("condition_id", flat=True).first()


def allocate(hit: HIT, *, rater: int) -> int | None:
    """The condition whose trials of the HIT this rater sees; None where raters see all.

    A rater keeps the condition of the first HIT in every other one. A new one gets the condition
    with the fewest raters in this HIT and in those with the same trials, of equals the one with the
    fewest in the study, and of those the one that the seed draws. The study's row is locked until
    the caller's transaction ends, so that two who come at once are counted one after the other.
    """
    study = hit.study
    if study.allocation != Allocation.ONE:
        return None
    kept = condition_of(rater, study=study)
    if kept is not None:
        return kept
    lock_study(study)
    here, everywhere = _filled(study, hits=[hit.pk, *siblings(hit)]), _filled(study)
    conditions = study.conditions.values_list("pk", flat=True)
    return min(
        conditions, key=lambda pk: (here[pk], everywhere[pk], _draw(study, rater=rater, pk=pk))
    )


def _filled(study: Study, *, hits: Sequence[int] | None = None) -> Counter[int]:
    """Raters of each condition who have handed in, or who may still do so in time."""
    at_work = Q(state__in=_MAY_COME, started_at__gt=clock.now() - time_allowed(study))
    rows = Assignment.objects.filter(
        Q(state__in=_THERE) | at_work, hit__study=study, is_test=False, condition__isnull=False
    )
    if hits is not None:
        rows = rows.filter(hit__in=hits)
    pairs = rows.values_list("condition__pk", "rater_id").distinct()
    return Counter(condition for condition, _ in pairs)


def _draw(study: Study, *, rater: int, pk: int) -> bytes:
    return hashlib.sha256(f"{study.seed}/{rater}/{pk}".encode()).digest()
