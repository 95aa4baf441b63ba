"""Bring the pay of a study's work to an hourly wage, by bonuses that are planned first.

The usual time counts, not each rater's own: who works faster than others is not paid less for it,
and a page left open pays nobody. A HIT's usual time is the median, over confirmed assignments, of
the time per trial, times the trials of the HIT. The same command given twice pays once; a higher
wage later pays the difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Sum

from studyapp import audit
from studyapp.cost import CENT, Fees
from studyapp.errors import InputError, InsufficientFundsError, RecruiterError, StudyError
from studyapp.lifecycle import require_state
from studyapp.models import Assignment, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.calls import carry_out, plan_call
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import OUTCOME_UNKNOWN, Recruiter
from studyapp.recruiters.spending import reserve
from studyapp.row_locks import lock_study
from studyapp.selectors.work_times import confirmed_work, lacking, seconds_per_trial, work_times
from studyapp.vocabulary import (
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    CallState,
    StudyState,
)

#: What the bonuses of this step carry, to be known again by.
PURPOSE = "wage"
HIGHEST_WAGE = Decimal("1000.00")
ZERO = Decimal("0.00")


@dataclass
class PayWageSummary:
    study: str
    hourly: Decimal
    #: Assignments the usual time is taken from, and the seconds a trial takes.
    n_timed: int = 0
    seconds_per_trial: float | None = None
    #: Assignments that lack something, and what they are owed, without and with the fees.
    due: int = 0
    amount: Decimal = ZERO
    fees: Decimal = ZERO
    paid: int = 0
    sent: bool = False
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        if self.seconds_per_trial is None:
            return [f"{self.study}: no confirmed work yet, so its time is not known."]
        usual = (
            f"{self.study}: a trial takes {self.seconds_per_trial:.1f} s (median over "
            f"{counted(self.n_timed, 'confirmed assignment')})."
        )
        if not self.due:
            return [usual, f"Nothing is lacking to {self.hourly:,.2f} USD an hour."]
        owed = (
            f"{counted(self.due, 'assignment')} lack {self.amount:,.2f} USD to "
            f"{self.hourly:,.2f} USD an hour, with fees {self.amount + self.fees:,.2f} USD."
        )
        mind = [f"Mind: {trouble}" for trouble in self.troubles]
        if not self.sent:
            pay = f"Next: manage.py bonus {self.study} --to-wage {self.hourly} --pay"
            return [usual, owed, "Nothing is sent.", pay]
        return [usual, owed, f"{self.paid:,} of {self.due:,} are paid.", *mind]


def pay_wage(
    study: Study,
    *,
    hourly: Decimal,
    pays: bool = False,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> PayWageSummary:
    """Say what is lacking to `hourly`; with `pays`, pay it, all of it within the budget or none."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="pay bonuses",
        remedy=f"Run `manage.py launch {study.name}` and publish first",
    )
    if not hourly.is_finite() or not CENT <= hourly <= HIGHEST_WAGE or hourly % CENT:
        raise InputError(
            f"a wage is from {CENT} to {HIGHEST_WAGE:,} USD an hour, in whole cents",
            item=str(hourly),
            remedy="Give it like 15 or 15.50",
        )
    hourly = hourly.quantize(CENT)
    times = work_times(study)
    summary = PayWageSummary(
        study=study.name,
        hourly=hourly,
        n_timed=len(times),
        seconds_per_trial=seconds_per_trial(times),
        sent=pays,
    )
    if summary.seconds_per_trial is None:
        return summary
    per_trial = summary.seconds_per_trial
    if not pays:
        amounts = [more for _, more in _owed(study, hourly=hourly, per_trial=per_trial)]
        _count(summary, amounts, fees=study.fees)
        return summary
    _plan(study, hourly=hourly, per_trial=per_trial, actor=actor)
    try:
        _pay(study, summary=summary, recruiter=recruiter, progress=progress)
    finally:
        audit.record(
            "pay_wage",
            study=study,
            actor=actor,
            summary={
                "hourly": str(hourly),
                "due": summary.due,
                "amount": str(summary.amount),
                "paid": summary.paid,
            },
        )
    return summary


def _owed(study: Study, *, hourly: Decimal, per_trial: float) -> list[tuple[Assignment, Decimal]]:
    """What each paid assignment lacks beyond what was given, or meant, for its wage before.

    Rejected work is owed nothing. Who was brought to this wage before stays there, whatever the
    usual time has become since.
    """
    rows = (
        confirmed_work(study)
        .exclude(state=AssignmentState.REJECTED)
        .select_related("hit__study")
        .annotate(trials=Count("votes__trial", distinct=True))
        .order_by("hit__lot", "pk")
    )
    before = IntendedCall.objects.filter(hit__study=study, arguments__purpose=PURPOSE).exclude(
        state=CallState.REFUSED
    )
    there = set(
        before.filter(arguments__hourly=str(hourly)).values_list("assignment_id", flat=True)
    )
    given: dict[int | None, Decimal] = dict(
        before.order_by().values_list("assignment_id").annotate(Sum("amount"))
    )
    found: list[tuple[Assignment, Decimal]] = []
    for assignment in rows:
        seconds = per_trial * assignment.trials
        due = lacking(reward=study.reward, hourly=hourly, seconds=seconds)
        more = due - given.get(assignment.pk, ZERO)
        if more > 0 and assignment.pk not in there:
            found.append((assignment, more))
    return found


@transaction.atomic
def _plan(
    study: Study, *, hourly: Decimal, per_trial: float, actor: AbstractBaseUser | None
) -> None:
    """The rows of all bonuses, or none where the budget does not hold them."""
    held = lock_study(study)
    reason = (
        f"This study pays at least {hourly} USD an hour. The usual time for this task came out "
        "longer than its reward allows for; this bonus makes up for it. Thank you."
    )
    for assignment, amount in _owed(held, hourly=hourly, per_trial=per_trial):
        plan_call(
            CallKind.BONUS,
            hit=assignment.hit,
            assignment=assignment,
            about=f"wage/{hourly}",
            reason=reason,
            arguments={"purpose": PURPOSE, "hourly": str(hourly)},
            amount=amount,
            fee=held.fees.of(amount),
            actor=actor,
        )
    # The rows are counted on already; what exceeds the budget takes them away again.
    reserve(held, more=ZERO, verb="these bonuses")


def _pay(
    study: Study,
    *,
    summary: PayWageSummary,
    recruiter: Recruiter | None,
    progress: Progress,
) -> None:
    """Every bonus for a wage that is not settled, those of an earlier run among them."""
    calls = list(
        IntendedCall.objects.filter(
            hit__study=study, arguments__purpose=PURPOSE, state__in=UNSETTLED_CALL_STATES
        ).select_related("hit__study", "assignment")
    )
    _count(summary, [call.amount for call in calls], fees=study.fees)
    if not calls:
        return
    recruiter = recruiter or connect(study.environment)
    for done, call in enumerate(calls, 1):
        try:
            summary.paid += carry_out(call, recruiter=recruiter)
        except (InsufficientFundsError, *OUTCOME_UNKNOWN):
            raise
        except (RecruiterError, StudyError) as error:
            summary.troubles.append(
                f"assignment {call.assignment_id}: not paid yet: {error.happened}"
            )
        progress(done, len(calls))


def _count(summary: PayWageSummary, amounts: list[Decimal], *, fees: Fees) -> None:
    summary.due = len(amounts)
    summary.amount = sum(amounts, ZERO)
    summary.fees = sum((fees.of(amount) for amount in amounts), ZERO)
