"""Pay for work that never reached the marketplace through no fault of whoever did it.

Answers that were all saved here and never handed in, because the time ran out on the way or the
marketplace failed; and work that was given up after pictures did not load. Such work has no place
at the recruiter that could be paid, so it is paid as a bonus on other work of the same person.

An assignment that was never handed in proves nothing about who opened the page: anybody can invent
one. So this never pays by itself; somebody names the assignments after looking at them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from studyapp import audit, clock
from studyapp.cost import CENT
from studyapp.errors import InputError, InsufficientFundsError, RecruiterError, StudyError
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.calls import carry_out, plan_call
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import OUTCOME_UNKNOWN, Recruiter
from studyapp.recruiters.spending import reserve
from studyapp.row_locks import lock_study
from studyapp.selectors.unseen import unseen_trials
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import (
    CONFIRMED_ASSIGNMENT_STATES,
    HANDED_IN_STATES,
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    CallState,
    HITState,
    StudyState,
)

PURPOSE = "lost work"
_NOT_COLLECTED = "What may be handed in and not collected yet is no part of it"
ZERO = Decimal("0.00")
#: With the lot, so that two bonuses of a person are told apart in the recruiter's own record.
REASON = (
    "You also worked on our task number {lot}, and it could not be handed in, which was not your "
    "fault. This bonus pays for it. We are sorry, and thank you."
)


@dataclass(frozen=True)
class LostWork:
    """One assignment that was worked on and never handed in. `carrier` is what a bonus goes to."""

    assignment: Assignment
    why: str
    amount: Decimal
    carrier: Assignment | None

    def line(self) -> str:
        money = f"{self.amount:,.2f} USD" if self.carrier else "no other work to pay it with"
        lot = self.assignment.hit.lot
        return f"  assignment {self.assignment.pk}, lot {lot}: {self.why}: {money}"


@dataclass
class PayLostWorkSummary:
    study: str
    found: list[LostWork] = field(default_factory=list)
    due: int = 0
    paid: int = 0
    sent: bool = False
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        if self.sent:
            mind = [f"Mind: {trouble}" for trouble in self.troubles]
            due = counted(self.due, "bonus", "bonuses")
            return [f"{self.study}: {self.paid:,} of {due} paid.", *mind]
        if not self.found:
            none = f"{self.study}: no work was lost through no fault of whoever did it."
            return [none, f"{_NOT_COLLECTED}: manage.py collect_votes {self.study}"]
        lost = counted(len(self.found), "assignment")
        look = (
            "Nothing is sent. An assignment that was never handed in may be invented: look at its "
            "answers and times in the admin first."
        )
        return [
            f"{self.study}: {lost} worked on and never handed in:",
            *(one.line() for one in self.found),
            look,
            f"Next: manage.py bonus {self.study} --compensate NUMBER ... --pay",
        ]


def pay_lost_work(
    study: Study,
    *,
    only: Collection[int] = (),
    pays: bool = False,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> PayLostWorkSummary:
    """List lost work; with `pays`, pay for the assignments named in `only`, each once for good."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="pay bonuses",
        remedy=f"Run `manage.py launch {study.name}` and publish first",
    )
    summary = PayLostWorkSummary(study=study.name, sent=pays)
    if not pays:
        summary.found = lost_work(study)
        return summary
    if not only:
        raise InputError(
            "which work is to be paid is not said",
            item="--compensate",
            remedy="Name the assignments; without --pay they are listed",
        )
    _plan(study, only=only, actor=actor)
    try:
        _pay(study, only=only, summary=summary, recruiter=recruiter, progress=progress)
    finally:
        audit.record(
            "pay_lost_work",
            study=study,
            actor=actor,
            summary={"assignments": sorted(only), "paid": summary.paid},
        )
    return summary


def lost_work(study: Study) -> list[LostWork]:
    """By lot; at most one of each person and lot, and none of a lot that person did hand in.

    One that is compensated, or about to be, is no more lost. One that may be handed in and not
    collected is not lost yet: it would be paid twice. So the recruiter has to have told of its lot
    after its time, or to have nothing more to tell.
    """
    allowed = time_allowed(study)
    over = clock.now() - allowed
    came = Count("assignments", filter=Q(assignments__state__in=HANDED_IN_STATES))
    full = HIT.objects.filter(study=study).annotate(came=came).filter(came__gte=F("raters"))
    told = Q(hit__asked_at__gte=F("started_at") + allowed) | Q(hit__in=full.values("pk"))
    rows = (
        Assignment.objects.filter(
            told | Q(hit__state=HITState.DISPOSED),
            hit__study=study,
            is_test=False,
            state__in=[AssignmentState.WORKING, AssignmentState.FINISHED],
            started_at__lt=over,
        )
        .select_related("hit__study")
        .annotate(answered=Count("votes__trial", distinct=True))
        .filter(answered__gt=0)
        .order_by("hit__lot", "pk")
    )
    unseen = {assignment for assignment, _ in unseen_trials(rows)}
    carriers = _carriers(study)
    handed_in = set(
        Assignment.objects.filter(hit__study=study, state__in=HANDED_IN_STATES).values_list(
            "rater_id", "hit_id"
        )
    )
    done = set(
        IntendedCall.objects.filter(hit__study=study, arguments__purpose=PURPOSE)
        .exclude(state=CallState.REFUSED)
        .values_list("arguments__lost", flat=True)
    )
    # By person and lot: whoever began a lot under two ids has done it once.
    paid_for = {(row.rater_id, row.hit_id) for row in Assignment.objects.filter(pk__in=done)}
    found: dict[tuple[int, int], LostWork] = {}
    for row in rows:
        key = (row.rater_id, row.hit_id)
        finished = row.state == AssignmentState.FINISHED
        if key in handed_in or key in paid_for or not (finished or row.pk in unseen):
            continue
        if key in found and found[key].assignment.state == AssignmentState.FINISHED:
            continue
        found[key] = _lost(row, answered=row.answered, carrier=carriers.get(row.rater_id))
    return sorted(found.values(), key=lambda one: (one.assignment.hit.lot, one.assignment.pk))


def _lost(row: Assignment, *, answered: int, carrier: Assignment | None) -> LostWork:
    reward = row.hit.study.reward
    if row.state == AssignmentState.FINISHED:
        return LostWork(row, why="all answers saved", amount=reward, carrier=carrier)
    trials = row.hit.hit_trials.count()
    part = (reward * min(answered, trials) / trials).quantize(CENT, rounding=ROUND_CEILING)
    why = f"given up after {counted(answered, 'answer')}, pictures did not load"
    return LostWork(row, why=why, amount=part, carrier=carrier)


def _carriers(study: Study) -> dict[int, Assignment]:
    """The first confirmed assignment of each rater, by key of the rater."""
    rows = Assignment.objects.filter(
        hit__study=study, state__in=CONFIRMED_ASSIGNMENT_STATES, is_test=False
    ).select_related("hit__study")
    return {row.rater_id: row for row in rows.order_by("-pk")}


@transaction.atomic
def _plan(study: Study, *, only: Collection[int], actor: AbstractBaseUser | None) -> None:
    """The rows of all bonuses, or none where the budget does not hold them."""
    held = lock_study(study)
    lost = {one.assignment.pk: one for one in lost_work(held)}
    meant = set(_calls(held, only=only).values_list("arguments__lost", flat=True))
    for number in sorted(set(only) - meant):
        one = lost.get(number)
        if one is None or one.carrier is None:
            raise InputError(
                "this work is not lost, or may be handed in and not collected, or is paid for, or "
                "there is no other work of this person that a bonus could go to",
                item=f"assignment {number}",
                remedy=f"`manage.py bonus {study.name} --compensate` lists what can be paid",
            )
        plan_call(
            CallKind.BONUS,
            hit=one.carrier.hit,
            assignment=one.carrier,
            about=f"lost/{one.assignment.nonce.hex}",
            reason=REASON.format(lot=one.assignment.hit.lot),
            arguments={"purpose": PURPOSE, "lost": one.assignment.pk},
            amount=one.amount,
            fee=held.fees.of(one.amount),
            actor=actor,
        )
    reserve(held, more=ZERO, verb="these bonuses")


def _calls(study: Study, *, only: Collection[int]) -> QuerySet[IntendedCall]:
    return IntendedCall.objects.filter(
        hit__study=study, arguments__purpose=PURPOSE, arguments__lost__in=list(only)
    ).exclude(state=CallState.REFUSED)


def _pay(
    study: Study,
    *,
    only: Collection[int],
    summary: PayLostWorkSummary,
    recruiter: Recruiter | None,
    progress: Progress,
) -> None:
    calls = _calls(study, only=only)
    summary.due = calls.count()
    summary.paid = calls.filter(state=CallState.DONE).count()
    waiting = list(
        calls.filter(state__in=UNSETTLED_CALL_STATES).select_related("hit__study", "assignment")
    )
    if not waiting:
        return
    recruiter = recruiter or connect(study.environment)
    for done, call in enumerate(waiting, 1):
        try:
            summary.paid += carry_out(call, recruiter=recruiter)
        except (InsufficientFundsError, *OUTCOME_UNKNOWN):
            raise
        except (RecruiterError, StudyError) as error:
            lost = call.arguments["lost"]
            summary.troubles.append(f"assignment {lost}: not paid yet: {error.happened}")
        progress(done, len(waiting))
