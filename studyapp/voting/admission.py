"""Who may not take a HIT: whoever judged its pictures in another one, or has done enough."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from studyapp import clock
from studyapp.models import HIT, Assignment, HITTrial, Rater, Study, Vote
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import HANDED_IN_STATES, AssignmentState
from studyapp.voting.errors import EnoughError, JudgedBeforeError

#: Answers that are all saved count for so long before the marketplace has confirmed them: people
#: work through a queue of HITs, and collecting comes later. For no longer, since until then anybody
#: who knows a worker's id can have begun in their name.
UNCONFIRMED_FOR = timedelta(hours=24)
_RETURN_IT = "Return the task; that has no bad effect for you"


def check_admitted(hit: HIT, *, rater: int) -> None:
    """Refuse, with a sentence of its own for each reason, before any work is done.

    Who has only begun elsewhere passes: anybody can begin in another's name. So it is asked again
    with the first answer; see `admit_first_answer`.
    """
    others = siblings(hit)
    if others and _work_of(rater, study=hit.study).filter(hit__in=others).exists():
        raise JudgedBeforeError("you have judged some of these pictures before", remedy=_RETURN_IT)
    refuse_enough(hit.study, rater=rater)


def refuse_enough(study: Study, *, rater: int) -> None:
    """Refuse whoever has given as many answers as the study takes from one person."""
    if has_done_enough(study, rater=rater):
        raise EnoughError(
            "this study takes no more answers from one person than you have given",
            remedy=_RETURN_IT,
        )


def has_done_enough(study: Study, *, rater: int) -> bool:
    most = study.most_votes_per_rater
    if most is None:
        return False
    theirs = _work_of(rater, study=study).filter(hit__study=study)
    return Vote.objects.filter(assignment__in=theirs, sequence=0).count() >= most


def admit_first_answer(assignment: Assignment) -> None:
    """The same before the first answer is stored, holding the rater until the transaction ends.

    Of two HITs with trials in common that one person has begun, in one moment or one after the
    other, the one with the first answer goes on and the other is refused. The assignment comes
    with its HIT and study.
    """
    Rater.objects.select_for_update(no_key=True).get(pk=assignment.rater_id)
    check_admitted(assignment.hit, rater=assignment.rater_id)


def shut_out_of(study: Study, *, rater: int) -> set[int]:
    """Numbers of the study's lots with trials that the rater has judged in another lot."""
    theirs = _work_of(rater, study=study).filter(hit__study=study).values("hit")
    judged = HITTrial.objects.filter(hit__in=theirs, trial__known_answer="").values("trial")
    others = HITTrial.objects.filter(hit__study=study, trial__in=judged).exclude(hit__in=theirs)
    return set(others.order_by().values_list("hit__lot", flat=True).distinct())


def siblings(hit: HIT) -> list[int]:
    """Keys of the other HITs in which trials of this one are asked in earnest."""
    here = HITTrial.objects.filter(hit=hit, trial__known_answer="").values("trial")
    rows = HITTrial.objects.filter(trial__in=here).exclude(hit=hit)
    return list(rows.order_by().values_list("hit_id", flat=True).distinct())


def _work_of(rater: int, *, study: Study) -> QuerySet[Assignment]:
    """Handed in, all answers saved lately, or under way with the first answers."""
    now = clock.now()
    done = Q(state=AssignmentState.FINISHED, started_at__gt=now - UNCONFIRMED_FOR)
    answered = Exists(Vote.objects.filter(assignment=OuterRef("pk")))
    under_way = Q(started_at__gt=now - time_allowed(study)) & answered
    return Assignment.objects.filter(Q(state__in=HANDED_IN_STATES) | done | under_way, rater=rater)
