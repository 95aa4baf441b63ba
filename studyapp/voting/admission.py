"""Who may not take a HIT: whoever judged its pictures in another one, or has done enough."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from studyapp.models import HIT, Assignment, HITTrial, Vote
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import HANDED_IN_STATES
from studyapp.voting.errors import EnoughError, JudgedBeforeError

_RETURN_IT = "Return the task; that has no bad effect for you"


def check_admitted(hit: HIT, *, rater: int) -> None:
    """Refuse, with a sentence of its own for each reason, before any work is done.

    Two HITs begun in the same moment can both pass; then the earlier vote on a trial counts, and
    the later one is a duplicate.
    """
    _refuse_judged(hit, rater=rater)
    _refuse_enough(hit, rater=rater)


def siblings(hit: HIT) -> list[int]:
    """Keys of the other HITs in which trials of this one are asked in earnest."""
    here = HITTrial.objects.filter(hit=hit, trial__known_answer="").values("trial")
    rows = HITTrial.objects.filter(trial__in=here).exclude(hit=hit)
    return list(rows.order_by().values_list("hit", flat=True).distinct())


def _refuse_judged(hit: HIT, *, rater: int) -> None:
    others = siblings(hit)
    if not others:
        return
    answered = Exists(Vote.objects.filter(assignment=OuterRef("pk")))
    at_work = Q(started_at__gt=timezone.now() - time_allowed(hit.study)) & answered
    theirs = Assignment.objects.filter(hit__in=others, rater=rater)
    if theirs.filter(Q(state__in=HANDED_IN_STATES) | at_work).exists():
        raise JudgedBeforeError("you have judged some of these pictures before", remedy=_RETURN_IT)


def _refuse_enough(hit: HIT, *, rater: int) -> None:
    most = hit.study.most_votes_per_rater
    if most is None:
        return
    votes = Vote.objects.filter(study=hit.study, rater=rater, sequence=0)
    if votes.count() >= most:
        raise EnoughError(
            "this study takes no more answers from one person than you have given",
            remedy=_RETURN_IT,
        )
