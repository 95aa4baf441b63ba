"""Every call a study waits for and what it costs, to the cent. Nothing is sent or changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from studyapp.lifecycle import require_state
from studyapp.models import Assignment, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.recruiters.bars import waiting_entries
from studyapp.recruiters.lots import plan_lots
from studyapp.recruiters.planned import cost_left, publication_calls
from studyapp.recruiters.spending import ON_TOP, ZERO, Spending, spending
from studyapp.selectors.turns import turns_to_ask
from studyapp.vocabulary import (
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    CallState,
    Environment,
    StudyState,
)

_OPERATIONS = {
    CallKind.APPROVE: "ApproveAssignment",
    CallKind.OVERRIDE: "ApproveAssignment with OverrideRejection",
    CallKind.REJECT: "RejectAssignment",
    CallKind.BONUS: "SendBonus",
    CallKind.ADD_RATERS: "CreateAdditionalAssignmentsForHIT",
    CallKind.PROLONG: "UpdateExpirationForHIT",
    CallKind.EXPIRE: "UpdateExpirationForHIT",
    CallKind.DISPOSE: "DeleteHIT",
}


@dataclass(frozen=True)
class PlanSummary:
    study: str
    environment: str
    #: Publication, decisions that wait, calls that are not settled: one line each.
    publication: tuple[str, ...]
    approvals: tuple[str, ...]
    unsettled: tuple[str, ...]
    #: What these would commit beyond what is committed, and pay out of what is on hold.
    new_money: Decimal
    from_hold: Decimal
    spending: Spending

    def lines(self) -> list[str]:
        first = f"{self.study} on {self.environment}, nothing sent."
        groups = (
            ("publish", self.publication),
            ("review --approve-valid, or collect_votes", self.approvals),
            (
                "not settled, sent by the command that meant them or seen by reconcile",
                self.unsettled,
            ),
        )
        lines = [first]
        for name, calls in groups:
            if calls:
                lines += [f"{counted(len(calls), 'call')} ({name}):", *(f"  {c}" for c in calls)]
        if len(lines) == 1:
            lines.append("No call is waiting.")
        money = (
            f"These calls: {self.new_money:,.2f} USD with fees of new money, "
            f"{self.from_hold:,.2f} USD out of what is on hold."
        )
        return [*lines, money, *self.spending.lines()]


def plan(study: Study) -> PlanSummary:
    """What publish, review and every unsettled call would send."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="plan its calls",
        remedy=f"`manage.py review {study.name}` shows what a study will cost before its launch",
    )
    live = study.state == StudyState.LIVE
    turns = turns_to_ask(study)
    lots = plan_lots(study, turns=turns.turns, short=not turns.may_follow) if live else []
    cost = cost_left(study, lots=lots)
    unsettled = IntendedCall.objects.filter(
        hit__study=study, state__in=UNSETTLED_CALL_STATES
    ).select_related("hit")
    meant = unsettled.filter(kind__in=[CallKind.APPROVE, CallKind.REJECT]).values("assignment")
    waiting = (
        Assignment.objects.filter(hit__study=study, state=AssignmentState.SUBMITTED)
        .exclude(pk__in=meant)
        .select_related("hit")
        .order_by("hit__lot", "pk")
    )
    fees, approve = study.fees, _operation(CallKind.APPROVE, environment=study.environment)
    prices = [
        study.reward + fees.of(study.reward, raters_per_hit=one.hit.raters) for one in waiting
    ]
    on_top = sum((call.cost for call in unsettled if call.kind in ON_TOP), ZERO)
    approved = sum((call.cost for call in unsettled if call.kind == CallKind.APPROVE), ZERO)
    return PlanSummary(
        study=study.name,
        environment=study.environment,
        publication=tuple(publication_calls(study, lots=lots)) if live and cost.hits else (),
        approvals=tuple(
            f"{approve}: lot {one.hit.lot}, assignment {one.pk}, {price:,.2f} USD"
            for one, price in zip(waiting, prices, strict=True)
        ),
        unsettled=(*(_line(call) for call in unsettled), *_list_lines(study)),
        new_money=on_top + (cost.total if live else ZERO),
        from_hold=approved + sum(prices, ZERO),
        spending=spending(study),
    )


def _list_lines(study: Study) -> Iterator[str]:
    """People still to be put on lists that keep them off lots, and taken off: free of cost."""
    put_on, taken_off = waiting_entries(study)
    if put_on:
        yield f"AssociateQualificationWithWorker: {counted(put_on, 'rater')}"
    if taken_off:
        yield f"DisassociateQualificationFromWorker: {counted(taken_off, 'rater')}"


def _line(call: IntendedCall) -> str:
    about = f"lot {call.hit.lot}"
    if call.assignment_id is not None:
        about += f", assignment {call.assignment_id}"
    money = f", {call.amount:,.2f} + fee {call.fee:,.2f} USD" if call.cost else ""
    unknown = call.state != CallState.PLANNED
    tried = ", outcome of an earlier try unknown" if unknown else ""
    operation = _operation(CallKind(call.kind), environment=call.hit.environment)
    return f"{operation}: {about}{money}{tried}"


def _operation(kind: CallKind, *, environment: str) -> str:
    """What the recruiter calls it; a link is our own, so there it is called what we call it."""
    return kind.label.lower() if environment == Environment.LINK else _OPERATIONS[kind]
