"""Pay the worker of one assignment more than the reward: once, however often it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp import audit
from studyapp.errors import InputError
from studyapp.lifecycle import require_state
from studyapp.models import Assignment, Study
from studyapp.recruiters.calls import carry_out
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import Recruiter
from studyapp.recruiters.reviews import plan_bonus
from studyapp.study_link import NOBODY_PAID
from studyapp.vocabulary import CallState, Environment, StudyState


@dataclass(frozen=True)
class PayBonusSummary:
    study: str
    assignment: int
    amount: Decimal
    fee: Decimal
    #: Paid by this run; otherwise an earlier one did, or another has it in hand.
    paid: bool
    before: bool
    by_panel: bool = False

    def lines(self) -> list[str]:
        money = f"{self.amount:,.2f} USD + fee {self.fee:,.2f} USD"
        who = f"{self.study}, assignment {self.assignment}"
        if self.before:
            return [
                f"{who}: this bonus ({money}) was paid before. Another one needs another reason."
            ]
        done = "granted" if self.by_panel else "paid"
        lines = [f"{who}: {money} {done if self.paid else 'are in the hands of another run'}."]
        return [*lines, NOBODY_PAID.format(study=self.study) + "."] if self.by_panel else lines


def pay_bonus(
    study: Study,
    assignment: int,
    *,
    amount: Decimal,
    reason: str,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
) -> PayBonusSummary:
    """The same amount for the same reason is the same bonus: run again, it pays nothing twice."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="pay a bonus",
        remedy=f"Run `manage.py launch {study.name}` and publish first",
    )
    rows = Assignment.objects.filter(hit__study=study, is_test=False)
    found = rows.select_related("hit__study").filter(pk=assignment).first()
    if found is None:
        raise InputError(
            "the study has no assignment of this number",
            item=str(assignment),
            remedy="The numbers are in the admin, under Assignments",
        )
    call = plan_bonus(found, amount=amount, reason=reason, actor=actor)
    before = call.state == CallState.DONE
    paid = before or carry_out(call, recruiter=recruiter or connect(study.environment))
    audit.record(
        "pay_bonus",
        study=study,
        actor=actor,
        summary={"assignment": found.pk, "amount": str(call.amount), "paid": paid},
    )
    return PayBonusSummary(
        study=study.name,
        assignment=found.pk,
        amount=call.amount,
        fee=call.fee,
        paid=paid,
        before=before,
        by_panel=study.environment == Environment.LINK,
    )
