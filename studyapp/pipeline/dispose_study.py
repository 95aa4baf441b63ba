"""Give up a closed study's lots over there. Everything of ours stays."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef

from studyapp import audit
from studyapp.errors import RecruiterError, StudyError
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.calls import carry_out, plan_call
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import OUTCOME_UNKNOWN, Recruiter
from studyapp.vocabulary import (
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    HITState,
    StudyState,
)


@dataclass
class DisposeStudySummary:
    study: str
    disposed: int = 0
    #: Disposed of in all, at the end of this run.
    in_all: int = 0
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        done = f"{counted(self.disposed, 'HIT')} disposed of, {self.in_all:,} in all."
        mind = [f"Mind: {trouble}" for trouble in self.troubles]
        return [f"{self.study}: {done} Votes and records stay here.", *mind]


def dispose_study(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> DisposeStudySummary:
    """Dispose of every lot whose work is decided on; afterwards no rejection can be taken back."""
    require_state(
        study,
        states=frozenset({StudyState.CLOSED}),
        verb="dispose of its HITs",
        remedy=f"Run `manage.py close {study.name}` and `collect_votes` first",
    )
    _refuse_unsettled(study)
    waiting = Assignment.objects.filter(hit=OuterRef("pk"), state=AssignmentState.SUBMITTED)
    hits = list(
        HIT.objects.filter(study=study, state=HITState.EXPIRED, hit_id__isnull=False)
        .exclude(Exists(waiting))
        .order_by("lot")
    )
    summary = DisposeStudySummary(study=study.name)
    try:
        if hits:
            recruiter = recruiter or connect(study.environment)
            for number, hit in enumerate(hits, 1):
                call = plan_call(CallKind.DISPOSE, hit=hit, actor=actor)
                _send(call, recruiter=recruiter, summary=summary)
                progress(number, len(hits))
    finally:
        _finish(summary, study=study, actor=actor)
    return summary


def _refuse_unsettled(study: Study) -> None:
    open_calls = IntendedCall.objects.filter(hit__study=study, state__in=UNSETTLED_CALL_STATES)
    others = open_calls.exclude(kind=CallKind.DISPOSE).count()
    if others:
        raise StudyError(
            f"{counted(others, 'call')} about its HITs not settled, which cannot be once they are "
            "disposed of",
            item=f"study {study.name}",
            remedy=f"Run `manage.py reconcile {study.name}`, then `plan {study.name}` shows what "
            "is left to do",
        )


def _send(call: IntendedCall, *, recruiter: Recruiter, summary: DisposeStudySummary) -> None:
    """One lot that cannot go yet, such as with somebody at work, does not keep the others."""
    try:
        summary.disposed += carry_out(call, recruiter=recruiter)
    except OUTCOME_UNKNOWN:
        raise
    except RecruiterError as error:
        summary.troubles.append(f"lot {call.hit.lot}: {error.happened}")


def _finish(summary: DisposeStudySummary, *, study: Study, actor: AbstractBaseUser | None) -> None:
    rows = HIT.objects.filter(study=study)
    summary.in_all = rows.filter(state=HITState.DISPOSED).count()
    waiting = Assignment.objects.filter(hit__study=study, state=AssignmentState.SUBMITTED).count()
    if waiting:
        summary.troubles.append(
            f"{counted(waiting, 'assignment')} not decided on: run `manage.py review {study.name} "
            "--approve-valid`"
        )
    audit.record("dispose_study", study=study, actor=actor, summary={"disposed": summary.disposed})
