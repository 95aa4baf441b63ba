"""Decide on work that was handed in: pay it, refuse to, or take a refusal back.

Pay is apart from validity: what is paid may be left out of the analysis, and what counts is not
touched by a rejection. Nothing here ever rejects by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User

from studyapp import audit
from studyapp.errors import (
    InputError,
    InsufficientFundsError,
    RecruiterError,
    StudyError,
)
from studyapp.lifecycle import require_state
from studyapp.models import Assignment, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.calls import carry_out
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import OUTCOME_UNKNOWN, Recruiter
from studyapp.recruiters.reviews import plan_approval, plan_override, plan_rejection
from studyapp.study_link import NOBODY_PAID
from studyapp.vocabulary import AssignmentState, CallKind, CallState, Environment, StudyState

#: Going on after these would only repeat them.
_HOPELESS = (InsufficientFundsError, *OUTCOME_UNKNOWN)
_DONE = {
    CallKind.APPROVE: "approved",
    CallKind.OVERRIDE: "approved after all",
    CallKind.REJECT: "rejected",
}


@dataclass
class ReviewAssignmentsSummary:
    study: str
    #: Handed in from our page and not decided on, at the start of this run.
    waiting: int = 0
    approved: int = 0
    #: What was decided about a single assignment.
    decided: str = ""
    by_panel: bool = False
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        done = self.decided or (
            f"{self.approved:,} of {counted(self.waiting, 'assignment')} approved."
        )
        mind = [f"Mind: {trouble}" for trouble in self.troubles]
        if self.by_panel:
            mind.append(NOBODY_PAID.format(study=self.study) + ".")
        return [f"{self.study}: {done}", *mind, f"Next: manage.py filter_votes {self.study}"]


def approve_valid(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ReviewAssignmentsSummary:
    """Pay everything that came from our page and is not decided on; run again, it goes on."""
    _check(study)
    ours = Assignment.objects.filter(hit__study=study, state=AssignmentState.SUBMITTED)
    waiting = list(ours.select_related("hit__study").order_by("hit__lot", "pk"))
    summary = ReviewAssignmentsSummary(
        study=study.name, waiting=len(waiting), by_panel=study.environment == Environment.LINK
    )
    try:
        if waiting:
            recruiter = recruiter or connect(study.environment)
            for done, assignment in enumerate(waiting, 1):
                summary.approved += _approve(
                    assignment, recruiter=recruiter, actor=actor, summary=summary
                )
                progress(done, len(waiting))
    finally:
        audit.record(
            "review_assignments",
            study=study,
            actor=actor,
            summary={"waiting": summary.waiting, "approved": summary.approved},
        )
    return summary


def approve_assignment(
    study: Study,
    assignment: int,
    *,
    override: bool = False,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
) -> ReviewAssignmentsSummary:
    """Pay one assignment, whatever it proves; `override` takes a rejection back."""
    found = assignment_of(study, assignment)
    plan = plan_override if override else plan_approval
    return _decide(study, plan(found, actor=actor), recruiter=recruiter, actor=actor)


def reject_assignment(
    study: Study,
    assignment: int,
    *,
    reason: str,
    actor: User,
    confirmed: bool,
    recruiter: Recruiter | None = None,
) -> ReviewAssignmentsSummary:
    """Refuse to pay one assignment: a named person's decision, in words, confirmed twice."""
    found = assignment_of(study, assignment)
    if not confirmed:
        raise StudyError(
            "a rejection leaves somebody unpaid and stays in their record, so it is asked twice. "
            "Nothing was sent",
            item=f"assignment {found.pk}",
            remedy="If the work shows no effort at all, confirm it (--confirm); for an honest "
            "mistake pay, and exclude the votes",
        )
    call = plan_rejection(found, reason=reason, actor=actor)
    return _decide(study, call, recruiter=recruiter, actor=actor)


def assignment_of(study: Study, number: int) -> Assignment:
    """The study's assignment of this number, ours to decide on."""
    _check(study)
    rows = Assignment.objects.filter(hit__study=study, is_test=False)
    found = rows.select_related("hit__study").filter(pk=number).first()
    if found is None:
        raise InputError(
            "the study has no assignment of this number",
            item=str(number),
            remedy="The numbers are in the admin, under Assignments",
        )
    return found


def _check(study: Study) -> None:
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="review its assignments",
        remedy=f"Run `manage.py launch {study.name}` and publish first",
    )


def _approve(
    assignment: Assignment,
    *,
    recruiter: Recruiter,
    actor: AbstractBaseUser | None,
    summary: ReviewAssignmentsSummary,
) -> bool:
    """Whether it is paid now. One refusal does not keep the others from their pay."""
    try:
        return carry_out(plan_approval(assignment, actor=actor), recruiter=recruiter)
    except _HOPELESS:
        raise
    except (RecruiterError, StudyError) as error:
        summary.troubles.append(f"assignment {assignment.pk}: not paid yet: {error.happened}")
        return False


def _decide(
    study: Study,
    call: IntendedCall,
    *,
    recruiter: Recruiter | None,
    actor: AbstractBaseUser | None,
) -> ReviewAssignmentsSummary:
    before = call.state == CallState.DONE
    done = before or carry_out(call, recruiter=recruiter or connect(study.environment))
    what = _DONE[CallKind(call.kind)]
    by_panel = study.environment == Environment.LINK
    summary = ReviewAssignmentsSummary(study=study.name, by_panel=by_panel)
    if done:
        summary.decided = f"assignment {call.assignment_id} {'was' if before else 'is'} {what}."
    else:
        summary.decided = f"assignment {call.assignment_id}: another run has it in hand."
    audit.record(
        "review_assignments",
        study=study,
        actor=actor,
        summary={"assignment": call.assignment_id, "decision": str(call.kind), "done": done},
    )
    return summary
