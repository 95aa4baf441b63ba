"""Bring our records in line with the recruiter's: what became of calls nobody knows about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp import audit, clock
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.calls import find_out
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import LotGoneError, Recruiter, SubmissionState
from studyapp.recruiters.lots import open_found
from studyapp.recruiters.spending import paid, rejected, spending
from studyapp.recruiters.take_off import on_offer_all_the_same
from studyapp.vocabulary import CallState, HITState, StudyState


@dataclass
class ReconcileSummary:
    study: str
    #: HITs and calls of unknown outcome that turned out to be there and done.
    found: int = 0
    done: int = 0
    #: Those that were not carried out, and are planned again.
    not_there: int = 0
    not_done: int = 0
    #: HITs of unknown outcome, tried so lately that they may still arrive.
    waiting: int = 0
    compared: int = 0
    money: tuple[str, ...] = ()
    differences: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        known = f"{counted(self.found, 'HIT')} found and {counted(self.done, 'call')} done"
        not_so = f"{counted(self.not_there, 'HIT')} and {counted(self.not_done, 'call')}"
        lines = [f"{self.study}: of what was unknown, {known}; {not_so} not: planned again."]
        if self.waiting:
            lines.append(
                f"{counted(self.waiting, 'HIT')} not found yet: publishing again is safe, its "
                "token is still known."
            )
        agree = f"{counted(self.compared, 'HIT')} compared"
        lines.append(f"{agree}: {'no difference' if not self.differences else 'differences:'}")
        mind = [f"Mind: {difference}" for difference in self.differences]
        return [*lines, *mind, *self.money, f"Next: manage.py plan {self.study}"]


def reconcile(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ReconcileSummary:
    """Ask about everything unknown and compare the rest. Only reads over there."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="reconcile it",
        remedy="Nothing was sent before its launch",
    )
    recruiter = recruiter or connect(study.environment)
    summary = ReconcileSummary(study=study.name)
    _find_lots(study, recruiter=recruiter, summary=summary)
    unknown = IntendedCall.objects.filter(
        hit__study=study, state__in=[CallState.SENT, CallState.UNKNOWN]
    )
    for call in unknown.select_related("hit", "assignment"):
        done = find_out(call, recruiter=recruiter)
        summary.done += done
        summary.not_done += not done
    hits = list(
        HIT.objects.filter(study=study, state__in=[HITState.OPEN, HITState.EXPIRED])
        .filter(hit_id__isnull=False)
        .order_by("lot")
    )
    for number, hit in enumerate(hits, 1):
        summary.differences += _differences(hit, recruiter=recruiter)
        summary.compared += 1
        progress(number, len(hits))
    summary.differences += on_offer_all_the_same(study)
    summary.money = tuple(spending(study).lines())
    audit.record(
        "reconcile",
        study=study,
        actor=actor,
        summary={
            "found": summary.found,
            "done": summary.done,
            "not_there": summary.not_there,
            "not_done": summary.not_done,
            "differences": len(summary.differences),
        },
    )
    return summary


def _find_lots(study: Study, *, recruiter: Recruiter, summary: ReconcileSummary) -> None:
    """By the token, which every lot carries in its annotation for good.

    Also those that were sent and are planned again: one can have arrived after somebody looked.
    """
    lost = HIT.objects.filter(study=study, state=HITState.SENDING)
    tried = HIT.objects.filter(study=study, state=HITState.PLANNED, sent_at__isnull=False)
    if not (missing := [*lost, *tried]):
        return
    summary.found = open_found(missing, recruiter=recruiter)
    oldest = clock.now() - recruiter.token_life
    # Its publication is so long ago that it cannot arrive any more.
    summary.not_there = lost.filter(sent_at__lt=oldest).update(state=HITState.PLANNED)
    summary.waiting = lost.count()


def _differences(hit: HIT, *, recruiter: Recruiter) -> list[str]:
    """How the recruiter's record of a lot differs from ours."""
    try:
        lot = recruiter.lot(hit.hit_id or "")
        theirs = Counter(row.state for row in recruiter.submissions(hit.hit_id or ""))
    except LotGoneError as error:
        return [f"lot {hit.lot}: {error.happened}"]
    found = []
    if lot.raters != hit.raters:
        found.append(f"lot {hit.lot}: asked of {lot.raters} raters there, {hit.raters} here")
    ours = Assignment.objects.filter(hit=hit, is_test=False)
    unpaid = rejected(ours)
    counts = {
        SubmissionState.REJECTED: unpaid.count(),
        SubmissionState.APPROVED: paid(ours).count(),
    }
    found += [
        f"lot {hit.lot}: {theirs[state]:,} {state} there, {n:,} here (collect_votes mends it)"
        for state, n in counts.items()
        if theirs[state] != n
    ]
    return found
