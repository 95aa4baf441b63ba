"""What web workers do: one task that runs a job, one that finds jobs nobody holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.utils import timezone

from studyapp import clock, queue
from studyapp.celery import app
from studyapp.errors import QuorumError, StudyError
from studyapp.models import Job, Study
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.dispose_study import dispose_study
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.pipeline.pay_lost_work import pay_lost_work
from studyapp.pipeline.pay_wage import pay_wage
from studyapp.pipeline.publish import publish
from studyapp.pipeline.reconcile import reconcile
from studyapp.pipeline.review_assignments import approve_valid
from studyapp.pipeline.stop_study import stop_study
from studyapp.progress import Progress
from studyapp.publication import Again
from studyapp.recruiters.launch_gap import to_launch
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import HITState, JobState, StudyState

#: How long beyond the time of its last rater a HIT that has ended is asked about: some rounds of
#: the clock that collects, even where it stood still for a night.
ASKED_AFTER = timedelta(days=1)
#: How long a condition that could not be launched by itself waits for the next try.
LAUNCHED_AGAIN_AFTER = timedelta(hours=1)


class Summary(Protocol):
    def lines(self) -> list[str]: ...


class StudyStep(Protocol):
    def __call__(
        self, study: Study, *, actor: AbstractBaseUser | None, progress: Progress
    ) -> Summary: ...


def _verb(step: StudyStep) -> Callable[[Job, Progress], str]:
    def work(job: Job, progress: Progress) -> str:
        if job.study is None:
            raise StudyError("the study of this work is gone", item=f"job {job.pk}")
        lines = step(job.study, actor=job.requested_by, progress=progress).lines()
        # What to type next is for the terminal; the page has its buttons.
        return "\n".join(line for line in lines if not line.startswith("Next:"))

    return work


def _publish(job: Job, progress: Progress) -> str:
    """Trials are built first where they are not yet, so that one button is enough.

    Asked for with `times`, it offers trials again whose votes were lost, and builds nothing. Where
    the study was stopped after somebody asked for this, while trials were built or when a worker
    died in between and another goes on, the stop stands.
    """
    if "times" in job.arguments:
        wanted = Again(times=job.arguments["times"], undecided=job.arguments["undecided"])
        return _verb(partial(publish, again=wanted, asked_at=job.created_at))(job, progress)
    built = _verb(build_trials)(job, progress)
    return "\n".join([built, _verb(partial(publish, asked_at=job.created_at))(job, progress)])


def _collect(job: Job, progress: Progress) -> str:
    """Collected votes are filtered at once, so that the report's exclusions are current.

    A study that asks in groups goes on with the next one: nobody waits for a button. One that was
    stopped, perhaps while this collected, does not.
    """
    told = [_verb(collect_votes)(job, progress), _verb(filter_votes)(job, progress)]
    goes_on = Study.objects.filter(state=StudyState.LIVE, stopped_at__isnull=True)
    if goes_on.filter(pk=job.study_id or 0).exclude(vote_groups="").exists():
        try:
            told.append(_verb(partial(publish, goes_on=False))(job, progress))
        except QuorumError as error:
            told.append(f"Mind: the next groups are not published yet: {error}")
    return "\n".join(told)


def _launch(job: Job, progress: Progress) -> str:
    """What somebody launched to go on by itself, written down then and within its budget.

    A stop stands, made before this was asked for or after.
    """
    return _verb(partial(publish, goes_on=False, plans=False))(job, progress)


def _pay_wage(job: Job, progress: Progress) -> str:
    hourly = Decimal(job.arguments["hourly"])
    return _verb(partial(pay_wage, hourly=hourly, pays=True))(job, progress)


def _pay_lost_work(job: Job, progress: Progress) -> str:
    only = job.arguments["assignments"]
    return _verb(partial(pay_lost_work, only=only, pays=True))(job, progress)


VERBS: dict[str, queue.Verb] = {
    "build_trials": _verb(build_trials),
    "publish": _publish,
    "launch_condition": _launch,
    "close_study": _verb(close_study),
    "collect_votes": _collect,
    "filter_votes": _verb(filter_votes),
    "approve_valid": _verb(approve_valid),
    "stop_study": _verb(stop_study),
    "reconcile": _verb(reconcile),
    "pay_wage": _pay_wage,
    "pay_lost_work": _pay_lost_work,
    "dispose_study": _verb(dispose_study),
}


@app.task(name=queue.WEB_TASK)
def run_job(job_id: int) -> None:
    queue.run(job_id, verbs=VERBS)


@app.task(name=queue.COLLECT_TASK)
def collect_live() -> None:
    """Ask for the collecting of every study that runs; one that is under way is not asked twice.

    Whoever was at work when a HIT ended may finish, so it is asked about for a while longer; after
    that, what it lacks can be asked of others.
    """
    for study in Study.objects.filter(state=StudyState.LIVE, imported=False):
        out = Q(state__in=[HITState.SENDING, HITState.OPEN])
        since = clock.now() - time_allowed(study) - ASKED_AFTER
        ended = Q(state=HITState.EXPIRED, expires_at__gt=since)
        if study.hits.filter(out | ended).exists():
            queue.enqueue("collect_votes", study=study)


@app.task(name=queue.LAUNCH_TASK)
def launch_due() -> None:
    """Ask for the publication of every later condition whose time has come.

    What failed, for want of money perhaps, is tried again after a while, not at every tick.
    """
    lately = timezone.now() - LAUNCHED_AGAIN_AFTER
    asking = Study.objects.filter(
        state=StudyState.LIVE, stopped_at__isnull=True, launches_by_itself=True
    )
    for study in asking:
        failed = study.jobs.filter(
            verb="launch_condition", state=JobState.FAILED, ended_at__gt=lately
        )
        if not failed.exists() and to_launch(study):
            queue.enqueue("launch_condition", study=study)


@app.task(name=queue.SWEEP_TASK)
def sweep_jobs() -> None:
    queue.sweep()
