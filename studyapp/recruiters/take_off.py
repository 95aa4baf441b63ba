"""Take a study's lots off the list: nobody new is asked, who is at work may finish."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp import clock
from studyapp.errors import RecruiterError
from studyapp.models import HIT, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress
from studyapp.recruiters import call_kinds
from studyapp.recruiters.calls import carry_out, plan_call
from studyapp.recruiters.contract import Recruiter
from studyapp.vocabulary import (
    UNSETTLED_CALL_STATES,
    CallKind,
    CallState,
    HITState,
    StudyState,
)


def take_off(hit: HIT, *, recruiter: Recruiter, actor: AbstractBaseUser | None = None) -> bool:
    """Expire one lot that is out; whether it is off the list now."""
    until = hit.expires_at.isoformat() if hit.expires_at else ""
    call = plan_call(
        CallKind.EXPIRE, hit=hit, about=until, arguments={"before": until}, actor=actor
    )
    return carry_out(call, recruiter=recruiter)


def take_all_off(
    study: Study,
    *,
    connect: Callable[[], Recruiter],
    actor: AbstractBaseUser | None,
    progress: Progress,
    so_far: str,
) -> int:
    """Expire every lot that is out; returns how many. `so_far` begins what an error says."""
    _give_up_prolonging(study)
    rows = HIT.objects.filter(study=study, state__in=[HITState.OPEN, HITState.SENDING])
    hits = list(rows.order_by("lot"))
    if not hits:
        return 0
    done = off = 0
    try:
        recruiter = connect()
        _find_lost(hits, recruiter=recruiter)
        for hit in hits:
            if hit.hit_id is not None:
                off += take_off(hit, recruiter=recruiter, actor=actor)
            done += 1
            progress(done, len(hits))
    except RecruiterError as error:
        raise RecruiterError(
            f"{so_far}{counted(len(hits) - done, 'HIT')} may still be on the list: "
            f"{error.happened}",
            item=f"study {study.name}",
            remedy=error.remedy or "Run the same command again",
        ) from error
    return off


def _find_lost(hits: list[HIT], *, recruiter: Recruiter) -> None:
    """Lots whose publication had an unknown outcome may be out there: find them."""
    lost = [hit for hit in hits if hit.hit_id is None]
    found = recruiter.find([hit.request_token for hit in lost]) if lost else {}
    for hit in lost:
        published = found.get(hit.request_token)
        if published is not None:
            hit.hit_id, hit.hit_type_id = published.lot_id, published.group_id
            hit.opened_at = clock.now()
            hit.save(update_fields=["hit_id", "hit_type_id", "opened_at"])


def _give_up_prolonging(study: Study) -> None:
    """What was meant to keep lots on the list is meant no more.

    A call whose answer was lost may have put its lot back on the list: it is taken for done, so
    that the lot is among those that come off.
    """
    calls = IntendedCall.objects.filter(
        hit__study=study, kind=CallKind.PROLONG, state__in=UNSETTLED_CALL_STATES
    )
    with transaction.atomic():
        for call in calls.exclude(state=CallState.PLANNED):
            call_kinds.follow(call)
        calls.update(state=CallState.REFUSED, settled_at=clock.now(), said="stopped meanwhile")


def left_on_the_list(study: Study) -> int:
    """Lots on the list of a study that asks nobody new.

    One can turn out to be there after stopping or closing has looked for it.
    """
    asking = Study.objects.filter(pk=study.pk, state=StudyState.LIVE, stopped_at__isnull=True)
    if asking.exists():
        return 0
    rows = HIT.objects.filter(study=study, state=HITState.OPEN, expires_at__gt=clock.now())
    return rows.count()


def on_offer_all_the_same(study: Study) -> list[str]:
    """What to say where there are some; else nothing."""
    if not (n := left_on_the_list(study)):
        return []
    state = Study.objects.values_list("state", flat=True).get(pk=study.pk)
    verb, said = ("stop", "stopped") if state == StudyState.LIVE else ("close", "closed")
    told = f"{counted(n, 'HIT')} still on the list although the study is {said}: "
    return [f"{told}`manage.py {verb} {study.name}` once more"]
