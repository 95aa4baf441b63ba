"""The terms under which lots are offered: one group of terms for each condition that is guarded."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from studyapp.models import HIT, Study
from studyapp.recruiters.bars import BarsKept, barred_by, keep_bars, make_lists
from studyapp.recruiters.contract import LotGoneError, Recruiter, Terms
from studyapp.recruiters.events import ask_for_events
from studyapp.recruiters.launch_gap import conditions_of_lots
from studyapp.recruiters.lists import KeepsLists
from studyapp.recruiters.requirements import requirements_of
from studyapp.vocabulary import HITState


def prepare_groups(study: Study, hits: Iterable[HIT], *, recruiter: Recruiter) -> dict[int, str]:
    """The recruiter's id of the terms of each lot, by the lot's key. Raises RecruiterErrors.

    Whoever is to be kept off the lots is on the recruiter's lists before the first of them is out.
    """
    if isinstance(recruiter, KeepsLists):
        make_lists(study, recruiter=recruiter)
        keep_bars(study, recruiter=recruiter)
    return _groups(study, hits, recruiter=recruiter)


def renew_bars(study: Study, *, recruiter: Recruiter) -> BarsKept:
    """Bring the recruiter's lists to what is wanted now, and close to them what is on offer.

    Run again, it sends what is left. Raises RecruiterErrors after which the rest is not known.
    """
    if not isinstance(recruiter, KeepsLists):
        return BarsKept()
    make_lists(study, recruiter=recruiter)
    kept = keep_bars(study, recruiter=recruiter)
    late = study.bars.filter(closes_all=False).exclude(list_id="")
    if late.exists():
        kept.closed = _close_open_lots(study, recruiter=recruiter)
        late.update(closes_all=True)
    return kept


def _close_open_lots(study: Study, *, recruiter: Recruiter) -> int:
    hits = list(HIT.objects.filter(study=study, state=HITState.OPEN, hit_id__isnull=False))
    groups, closed = _groups(study, hits, recruiter=recruiter), 0
    for hit in hits:
        if groups[hit.pk] == hit.hit_type_id or not isinstance(recruiter, KeepsLists):
            continue
        with suppress(LotGoneError):
            recruiter.regroup(hit.hit_id or "", group_id=groups[hit.pk])
            HIT.objects.filter(pk=hit.pk).update(hit_type_id=groups[hit.pk])
            closed += 1
    return closed


def _groups(study: Study, hits: Iterable[HIT], *, recruiter: Recruiter) -> dict[int, str]:
    conditions = conditions_of_lots(study)
    by_condition: dict[int | None, str] = {}
    groups: dict[int, str] = {}
    for hit in hits:
        condition = conditions[hit.pk]
        if condition not in by_condition:
            by_condition[condition] = recruiter.prepare(terms_of(study, condition=condition))
        groups[hit.pk] = by_condition[condition]
    told = dict.fromkeys(by_condition.values())
    ask_for_events(told, environment=study.environment, recruiter=recruiter)
    return groups


def terms_of(study: Study, *, condition: int | None) -> Terms:
    return Terms(
        title=study.title,
        description=study.description,
        keywords=study.keywords,
        reward=study.reward,
        time_allowed=timedelta(minutes=study.assignment_minutes),
        pays_itself_after=timedelta(hours=study.auto_approval_hours),
        requirements=requirements_of(study, barred_by=barred_by(study, condition=condition)),
    )
