"""Ask the recruiter who handed in what: confirm our raters' work, and have it paid.

The answers themselves are here already, saved as they were given. A submission confirms them only
if it carries the nonce our page gave to that very assignment; paid is what the marketplace
confirms, for pay is separate from whether an answer counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, F, Q, QuerySet, Sum

from studyapp import audit, clock
from studyapp.errors import (
    InsufficientFundsError,
    RecruiterError,
    StudyError,
)
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Assignment, IntendedCall, Study, Vote
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.bars import BarsKept
from studyapp.recruiters.calls import carry_out, settle
from studyapp.recruiters.confirm import Proof, confirm
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import (
    OUTCOME_UNKNOWN,
    LotGoneError,
    Recruiter,
    Submission,
    SubmissionState,
)
from studyapp.recruiters.groups import renew_bars
from studyapp.recruiters.lots import open_found
from studyapp.recruiters.reviews import plan_approval
from studyapp.recruiters.take_off import on_offer_all_the_same
from studyapp.selectors.unseen import unseen_trials
from studyapp.study_link import NOBODY_PAID
from studyapp.vocabulary import (
    CONFIRMED_ASSIGNMENT_STATES,
    HANDED_IN_STATES,
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    Environment,
    HITState,
    StudyState,
)

#: What has been decided on, by the state or, without proof, by the time of the payment.
_REVIEWED = Q(assignments__state__in=[AssignmentState.APPROVED, AssignmentState.REJECTED]) | Q(
    assignments__state=AssignmentState.UNPROVEN, assignments__reviewed_at__isnull=False
)
#: Going on after these would only repeat them.
_HOPELESS = (InsufficientFundsError, *OUTCOME_UNKNOWN)
_TROUBLES_SHOWN = 20


@dataclass
class CollectVotesSummary:
    study: str
    hits: int = 0
    submissions: int = 0
    #: Assignments confirmed by this run, and those it paid.
    confirmed: int = 0
    approved: int = 0
    #: Submissions without the right nonce: paid, their answers stay unconfirmed.
    unproven: int = 0
    #: Submissions of which our pages know nothing: paid, there are no answers.
    unknown: int = 0
    #: Places of the study's HITs, in all, that were handed in without an answer that counts.
    places_lost: int = 0
    #: Assignments, in all, with trials whose picture did not load, and those trials.
    unseen_assignments: int = 0
    unseen_trials: int = 0
    #: Votes of confirmed assignments, in all.
    votes: int = 0
    awaited: int = 0
    #: People put on lists that keep them off other lots, and taken off.
    bars: BarsKept = field(default_factory=BarsKept)
    by_panel: bool = False
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        asked = f"{self.study}: asked about {counted(self.hits, 'HIT')}"
        found = f"{counted(self.submissions, 'submission')}; {self.confirmed:,} newly confirmed"
        confirmed = f"Confirmed in all: {counted(self.votes, 'vote')}"
        lines = [
            f"{asked}, {found}, {self.approved:,} approved.",
            f"{confirmed}. Still awaited: {counted(self.awaited, 'assignment')}.",
        ]
        if self.unproven:
            lines.append(
                f"Without proof of coming from our page: {counted(self.unproven, 'submission')}; "
                "paid, but their answers stay unconfirmed and do not count."
            )
        if self.unknown:
            who = counted(self.unknown, "submitter")
            lines.append(f"Paid without ever having answered here: {who}.")
        if self.places_lost:
            lines.append(
                f"Used up without votes that can count: {counted(self.places_lost, 'place')}. "
                "The questions there stay that many votes short."
            )
        if self.unseen_trials:
            lines.append(
                f"Reported as not loading, and unanswered: {counted(self.unseen_trials, 'picture')}"
                f" in {counted(self.unseen_assignments, 'assignment')}."
            )
        lines += self.bars.lines()
        if self.by_panel and self.approved:
            lines.append(NOBODY_PAID.format(study=self.study) + ".")
        lines += [f"Mind: {trouble}" for trouble in self.troubles[:_TROUBLES_SHOWN]]
        if len(self.troubles) > _TROUBLES_SHOWN:
            lines.append(f"... and {len(self.troubles) - _TROUBLES_SHOWN:,} more of the kind")
        return [*lines, f"Next: manage.py filter_votes {self.study}"]


def collect_votes(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    pays: bool = True,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> CollectVotesSummary:
    """Confirm and pay everything handed in so far. Run again, it adds nothing twice.

    Without `pays` nothing is approved: somebody means to look first (see review_assignments).
    """
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="collect its votes",
        remedy=f"Run `manage.py launch {study.name}` and publish first",
    )
    by_panel = study.environment == Environment.LINK
    summary = CollectVotesSummary(study=study.name, by_panel=by_panel)
    lost = list(HIT.objects.filter(study=study, state=HITState.SENDING).order_by("lot"))
    hits = list(_unfinished(study))
    try:
        if lost:
            recruiter = recruiter or connect(study.environment)
            if open_found(lost, recruiter=recruiter):
                hits = list(_unfinished(study))
        if hits:
            recruiter = recruiter or connect(study.environment)
            for done, hit in enumerate(hits, 1):
                _collect(hit, recruiter=recruiter, summary=summary, pays=pays)
                progress(done, len(hits))
        if study.bars.exists() or study.kept_out.exists():
            recruiter = recruiter or connect(study.environment)
            summary.bars = renew_bars(study, recruiter=recruiter)
            summary.troubles += summary.bars.troubles
        summary.troubles += on_offer_all_the_same(study)
    finally:
        _finish(summary, study=study, actor=actor)
    return summary


def _unfinished(study: Study) -> QuerySet[HIT]:
    """HITs that may still have something to tell: not all their raters are done and reviewed."""
    reviewed = Count("assignments", filter=_REVIEWED)
    return (
        HIT.objects.filter(
            study=study, state__in=[HITState.OPEN, HITState.EXPIRED], hit_id__isnull=False
        )
        .annotate(reviewed=reviewed)
        .filter(reviewed__lt=F("raters"))
        .order_by("lot")
    )


def _collect(hit: HIT, *, recruiter: Recruiter, summary: CollectVotesSummary, pays: bool) -> None:
    summary.hits += 1
    asked_at = clock.now()
    try:
        # A lot has so many submissions at most: once they are there, no further page is asked for.
        for submission in islice(recruiter.submissions(hit.hit_id or ""), hit.raters):
            summary.submissions += 1
            _settle(hit, submission=submission, recruiter=recruiter, summary=summary, pays=pays)
    except LotGoneError as error:
        summary.troubles.append(f"lot {hit.lot}: {error.happened}; what came in before is kept")
    # From before the question: what is handed in while it is answered is for the next time.
    HIT.objects.filter(pk=hit.pk).update(asked_at=asked_at)
    if hit.state == HITState.OPEN and hit.expires_at and hit.expires_at < clock.now():
        HIT.objects.filter(pk=hit.pk, state=HITState.OPEN).update(state=HITState.EXPIRED)


def _settle(
    hit: HIT,
    *,
    submission: Submission,
    recruiter: Recruiter,
    summary: CollectVotesSummary,
    pays: bool,
) -> None:
    found = confirm(hit, submission=submission)
    summary.confirmed += found.news and found.proof is Proof.CONFIRMED
    if found.proof is not Proof.CONFIRMED:
        summary.unproven += found.proof is Proof.UNPROVEN
        summary.unknown += found.proof is Proof.UNKNOWN
        why = f" ({submission.unreadable})" if submission.unreadable else ""
        summary.troubles.append(
            f"lot {hit.lot}, assignment {found.assignment.pk}: {found.proof.value}{why}"
        )
    if submission.state is SubmissionState.SUBMITTED:
        summary.approved += pays and _pay(
            found.assignment, submission=submission, recruiter=recruiter, summary=summary
        )
    elif found.news:
        _settle_intended(found.assignment, submission=submission)


def _pay(
    assignment: Assignment,
    *,
    submission: Submission,
    recruiter: Recruiter,
    summary: CollectVotesSummary,
) -> bool:
    """Whether it is paid now. One refusal does not keep the others from their pay."""
    try:
        return carry_out(plan_approval(assignment), recruiter=recruiter, submission=submission)
    except _HOPELESS:
        raise
    except (RecruiterError, StudyError) as error:
        summary.troubles.append(
            f"lot {assignment.hit.lot}, assignment {assignment.pk}: not paid yet: {error.happened}"
        )
        return False


def _settle_intended(assignment: Assignment, *, submission: Submission) -> None:
    """A decision whose answer was lost: the recruiter's list shows that it was carried out."""
    calls = IntendedCall.objects.filter(assignment=assignment, state__in=UNSETTLED_CALL_STATES)
    kinds = (
        [CallKind.APPROVE, CallKind.OVERRIDE]
        if submission.state is SubmissionState.APPROVED
        else [CallKind.REJECT]
    )
    for call in calls.filter(kind__in=kinds):
        settle(call)


def _finish(summary: CollectVotesSummary, *, study: Study, actor: AbstractBaseUser | None) -> None:
    confirmed = Assignment.objects.filter(hit__study=study, state__in=CONFIRMED_ASSIGNMENT_STATES)
    summary.votes = Vote.objects.filter(assignment__in=confirmed).count()
    offered = HIT.objects.filter(study=study, state=HITState.OPEN).aggregate(n=Sum("raters"))["n"]
    handed_in = Assignment.objects.filter(hit__study=study, state__in=HANDED_IN_STATES)
    taken = handed_in.filter(hit__state=HITState.OPEN).count()
    summary.awaited = max((offered or 0) - taken, 0)
    summary.places_lost = handed_in.exclude(
        pk__in=Vote.objects.filter(assignment__in=confirmed).values("assignment")
    ).count()
    unseen = unseen_trials(confirmed)
    summary.unseen_assignments = len({assignment for assignment, _ in unseen})
    summary.unseen_trials = len(unseen)
    audit.record(
        "collect_votes",
        study=study,
        actor=actor,
        summary={
            "hits": summary.hits,
            "submissions": summary.submissions,
            "confirmed": summary.confirmed,
            "approved": summary.approved,
            "unproven": summary.unproven,
            "unknown": summary.unknown,
            "votes": summary.votes,
        },
    )
