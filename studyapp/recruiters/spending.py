"""What a study has cost and may still cost, to the cent, and the budget that nothing exceeds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from studyapp.errors import BudgetError
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import (
    HANDED_IN_STATES,
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    CallState,
    Environment,
    HITState,
    StudyState,
)

ZERO = Decimal("0.00")
#: Calls whose money comes on top of what the lots may cost.
ON_TOP = (CallKind.BONUS, CallKind.ADD_RATERS, CallKind.PROLONG, CallKind.OVERRIDE)
#: Lots whose places somebody may still take.
_OFFERED = frozenset({HITState.SENDING, HITState.OPEN})
_ENDED = frozenset({HITState.EXPIRED, HITState.DISPOSED})
MAY_BE_HELD = (
    "are for places of HITs that have ended: whoever accepted one just before may still hand in, "
    "until their time is over and votes are collected once more"
)


@dataclass(frozen=True)
class Spending:
    """US dollars of one study."""

    rewards: Decimal
    fees: Decimal
    bonuses: Decimal
    #: Paid, and what is still offered or intended: the most it can come to as it stands.
    committed: Decimal
    #: Of it, for places of lots that have ended, which somebody unknown to us may hold.
    may_be_held: Decimal
    budget: Decimal | None

    @property
    def paid(self) -> Decimal:
        """Rewards, bonuses and the fees on both."""
        return self.rewards + self.fees + self.bonuses

    def lines(self) -> list[str]:
        limit = "no limit is set" if self.budget is None else f"the limit is {self.budget:,.2f} USD"
        parts = (
            f"rewards {self.rewards:,.2f}, fees {self.fees:,.2f}, bonuses {self.bonuses:,.2f} with "
            "their fees"
        )
        lines = [
            f"Paid so far: {self.paid:,.2f} USD ({parts}).",
            f"The most it can come to as it stands: {self.committed:,.2f} USD; {limit}.",
        ]
        if self.may_be_held:
            lines.append(f"Of that, {self.may_be_held:,.2f} USD {MAY_BE_HELD}.")
        return lines


def rejected(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Those of the assignments that are not paid because a person said so."""
    done = IntendedCall.objects.filter(assignment=OuterRef("pk"), state=CallState.DONE)
    refused = Exists(done.filter(kind=CallKind.REJECT))
    taken_back = Exists(done.filter(kind=CallKind.OVERRIDE))
    unproven = Q(refused) & ~Q(taken_back) & Q(state=AssignmentState.UNPROVEN)
    return assignments.filter(unproven | Q(state=AssignmentState.REJECTED))


def paid(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Those of the assignments whose reward the recruiter has paid."""
    approved = Q(state=AssignmentState.APPROVED)
    unproven = Q(state=AssignmentState.UNPROVEN, reviewed_at__isnull=False)
    unpaid = rejected(assignments).values("pk")
    return assignments.filter(approved | unproven).exclude(pk__in=unpaid)


def spending(study: Study) -> Spending:
    """What our rows say; `reconcile` brings them in line with the recruiter's."""
    ours = Assignment.objects.filter(hit__study=study, is_test=False)
    not_paid = set(rejected(ours).values_list("pk", flat=True))
    raters = list(paid(ours).values_list("hit__raters", flat=True))
    schedule = study.fees
    fees = sum((schedule.of(study.reward, raters_per_hit=n) for n in raters), ZERO)
    calls = IntendedCall.objects.filter(hit__study=study)
    lots, may_be_held = _lots(study, not_paid=not_paid)
    done = calls.filter(kind=CallKind.BONUS, state=CallState.DONE)
    bonuses = sum((amount + fee for amount, fee in done.values_list("amount", "fee")), ZERO)
    return Spending(
        rewards=study.reward * len(raters),
        fees=fees,
        bonuses=bonuses,
        committed=lots + bonuses + _intended(calls),
        may_be_held=may_be_held,
        budget=study.budget,
    )


def taken(hit: HIT) -> int:
    """Places of the lot that somebody has or had, at most all of them."""
    return min(hit.assignments.filter(is_test=False).count(), hit.raters)


def _lots(study: Study, *, not_paid: set[int]) -> tuple[Decimal, Decimal]:
    """What the lots may cost, never a rejected place; and what of it nobody is known to have.

    All places of lots on offer. Of others, as long as one that was accepted before the end may come
    back, all places too; those that nobody is known to have are told apart. That is until the time
    allowed has passed and the recruiter has told of all that was handed in: its counters lag, so
    only the clock and that list are believed. From then on, what was handed in; who began and gave
    it back, or let the time pass, costs nothing. By link a place is taken on our own pages, so free
    ones are free.
    """
    offered = _OFFERED | ({HITState.PLANNED} if study.state == StudyState.LIVE else set())
    ours = Q(assignments__is_test=False)
    hits = HIT.objects.filter(study=study).annotate(
        taken=Count("assignments", filter=ours),
        came=Count("assignments", filter=ours & Q(assignments__state__in=HANDED_IN_STATES)),
        unpaid=Count("assignments", filter=Q(assignments__pk__in=not_paid)),
    )
    again = _offered_again(study)
    total, unseen, fees, allowed = ZERO, ZERO, study.fees, time_allowed(study)
    for pk, state, environment, ends, asked, raters, taken_here, came, unpaid in hits.values_list(
        "pk", "state", "environment", "expires_at", "asked_at", "raters", "taken", "came", "unpaid"
    ):
        unit = study.reward + fees.of(study.reward, raters_per_hit=raters)
        known = min(taken_here, raters)
        if state in offered or (pk in again and not again[pk]):
            places = raters
        elif pk in again or state not in _ENDED:
            places = known
        elif ends is not None and asked is not None and asked >= ends + allowed:
            places = min(came, raters)
        elif state == HITState.EXPIRED and environment != Environment.LINK:
            unseen += unit * (raters - known)
            places = raters
        else:
            places = known
        total += max(places - unpaid, 0) * unit
    return total, unseen


def _offered_again(study: Study) -> dict[int, bool]:
    """Lots with an open call that prolongs them, by key: whether it has the money of their places.

    One that was meant while the lot was on offer has none, and may have been carried out.
    """
    calls = IntendedCall.objects.filter(
        hit__study=study, kind=CallKind.PROLONG, state__in=UNSETTLED_CALL_STATES
    )
    found: dict[int, bool] = {}
    for pk, amount in calls.values_list("hit__pk", "amount"):
        found[pk] = found.get(pk, False) or amount > 0
    return found


def _intended(calls: QuerySet[IntendedCall]) -> Decimal:
    rows = calls.filter(kind__in=ON_TOP, state__in=UNSETTLED_CALL_STATES)
    return sum((amount + fee for amount, fee in rows.values_list("amount", "fee")), ZERO)


def reserve(study: Study, *, more: Decimal, verb: str) -> None:
    """Refuse what would exceed the budget. The caller holds the study's row."""
    budget = Study.objects.values_list("budget", flat=True).get(pk=study.pk)
    if budget is None:
        return
    stand = spending(study)
    if stand.committed + more > budget:
        held = f". Of that, {stand.may_be_held:,.2f} USD {MAY_BE_HELD}" if stand.may_be_held else ""
        raise BudgetError(
            f"{verb} would cost {more:,.2f} USD on top of the {stand.committed:,.2f} USD it comes "
            f"to already, and the study may cost {budget:,.2f} USD. Nothing was sent{held}",
            item=f"study {study.name}",
            remedy=f"Raise the limit with `manage.py budget {study.name} AMOUNT`, or do less",
        )
