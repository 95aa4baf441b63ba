"""Ask the recruiter who handed in what: confirm our raters' work, and have it paid.

The answers themselves are here already, saved as they were given. A submission confirms them only
if it carries the nonce our page gave to that very assignment; paid is what the marketplace
confirms, for pay is separate from whether an answer counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from studyapp import audit
from studyapp.errors import InsufficientFundsError, RecruiterError, RecruiterUnavailableError
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Assignment, Study, Vote
from studyapp.progress import Progress, silent
from studyapp.recruiters.confirm import Proof, confirm, move
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import (
    LotGoneError,
    ProviderClosedError,
    Recruiter,
    Submission,
    SubmissionState,
)
from studyapp.recruiters.lots import open_found
from studyapp.selectors.unseen import unseen_trials
from studyapp.vocabulary import (
    CONFIRMED_ASSIGNMENT_STATES,
    HANDED_IN_STATES,
    AssignmentState,
    HITState,
    StudyState,
)

#: What has been decided on, by the state or, without proof, by the time of the payment.
_REVIEWED = Q(assignments__state__in=[AssignmentState.APPROVED, AssignmentState.REJECTED]) | Q(
    assignments__state=AssignmentState.UNPROVEN, assignments__reviewed_at__isnull=False
)
#: Going on after these would only repeat them.
_HOPELESS = (InsufficientFundsError, RecruiterUnavailableError, ProviderClosedError)
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
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        asked = f"{self.study}: asked about {self.hits:,} HITs, {self.submissions:,} submissions"
        lines = [
            f"{asked}; {self.confirmed:,} newly confirmed, {self.approved:,} approved.",
            f"{self.votes:,} votes are confirmed in all; {self.awaited:,} assignments are awaited.",
        ]
        if self.unproven:
            unproven = f"{self.unproven:,} submissions lack the proof that they came from our page"
            lines.append(f"{unproven}: paid, but their answers stay unconfirmed and do not count.")
        if self.unknown:
            lines.append(f"{self.unknown:,} submitters never answered here: paid, no votes.")
        if self.places_lost:
            lines.append(
                f"{self.places_lost:,} places were used up without votes that can count: their "
                "questions stay that many votes short."
            )
        if self.unseen_trials:
            lines.append(
                f"{self.unseen_trials:,} pictures in {self.unseen_assignments:,} assignments were "
                "reported as not loading and have no answer there."
            )
        lines += [f"Mind: {trouble}" for trouble in self.troubles[:_TROUBLES_SHOWN]]
        if len(self.troubles) > _TROUBLES_SHOWN:
            lines.append(f"... and {len(self.troubles) - _TROUBLES_SHOWN:,} more of the kind")
        return [*lines, f"Next: manage.py filter_votes {self.study}"]


def collect_votes(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> CollectVotesSummary:
    """Confirm and pay everything handed in so far. Run again, it adds nothing twice."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="collect its votes",
        remedy=f"Run `manage.py launch {study.name}` and publish first",
    )
    summary = CollectVotesSummary(study=study.name)
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
                _collect(hit, recruiter=recruiter, summary=summary)
                progress(done, len(hits))
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


def _collect(hit: HIT, *, recruiter: Recruiter, summary: CollectVotesSummary) -> None:
    summary.hits += 1
    try:
        for submission in recruiter.submissions(hit.hit_id or ""):
            summary.submissions += 1
            _settle(hit, submission=submission, recruiter=recruiter, summary=summary)
    except LotGoneError as error:
        summary.troubles.append(f"lot {hit.lot}: {error.happened}; what came in before is kept")
    if hit.state == HITState.OPEN and hit.expires_at and hit.expires_at < timezone.now():
        HIT.objects.filter(pk=hit.pk, state=HITState.OPEN).update(state=HITState.EXPIRED)


def _settle(
    hit: HIT, *, submission: Submission, recruiter: Recruiter, summary: CollectVotesSummary
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
    if submission.state is SubmissionState.SUBMITTED and _pay(
        hit, submission=submission, recruiter=recruiter, summary=summary
    ):
        summary.approved += 1
        if found.proof is Proof.UNPROVEN:
            move(found.assignment, state=AssignmentState.UNPROVEN)
        else:
            move(found.assignment, state=AssignmentState.APPROVED)


def _pay(
    hit: HIT, *, submission: Submission, recruiter: Recruiter, summary: CollectVotesSummary
) -> bool:
    """Whether it is paid now. One refusal does not keep the others from their pay."""
    try:
        recruiter.approve(submission, lot_id=hit.hit_id or "")
    except _HOPELESS:
        raise
    except RecruiterError as error:
        summary.troubles.append(f"lot {hit.lot}: a submission is not paid yet: {error.happened}")
        return False
    return True


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
