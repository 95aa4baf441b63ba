"""The terms under which lots are offered: one group of terms for each condition that is guarded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from studyapp.models import HIT, Study
from studyapp.recruiters.bars import barred_by, keep_bars, make_lists
from studyapp.recruiters.contract import Recruiter, Terms
from studyapp.recruiters.launch_gap import conditions_of_lots
from studyapp.recruiters.requirements import requirements_of


def prepare_groups(study: Study, hits: Iterable[HIT], *, recruiter: Recruiter) -> dict[int, str]:
    """The recruiter's id of the terms of each lot, by the lot's key. Raises RecruiterErrors.

    Whoever is to be kept off the lots is on the recruiter's lists before the first of them is out.
    """
    make_lists(study, recruiter=recruiter)
    keep_bars(study, recruiter=recruiter)
    conditions = conditions_of_lots(study)
    by_condition: dict[int | None, str] = {}
    groups: dict[int, str] = {}
    for hit in hits:
        condition = conditions[hit.pk]
        if condition not in by_condition:
            by_condition[condition] = recruiter.prepare(terms_of(study, condition=condition))
        groups[hit.pk] = by_condition[condition]
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
