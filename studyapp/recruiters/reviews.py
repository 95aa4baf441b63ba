"""Decide on handed-in work: each decision a call of its own, and never two that contradict."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import transaction

from studyapp.cost import CENT
from studyapp.errors import InputError, StudyError
from studyapp.models import Assignment, IntendedCall
from studyapp.recruiters.calls import find_call, plan_call
from studyapp.recruiters.spending import reserve
from studyapp.row_locks import lock_study
from studyapp.vocabulary import (
    CONFIRMED_ASSIGNMENT_STATES,
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallKind,
    CallState,
)

LONGEST_REASON = 1_024
LARGEST_BONUS = Decimal("10000.00")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STANDS = UNSETTLED_CALL_STATES | {CallState.DONE}


@transaction.atomic
def plan_approval(assignment: Assignment, *, actor: AbstractBaseUser | None = None) -> IntendedCall:
    """Mean to pay it; refused where somebody rejected it."""
    held = _held(assignment)
    if _stands(held, kind=CallKind.REJECT) and not _stands(held, kind=CallKind.OVERRIDE):
        raise StudyError(
            "it was rejected",
            item=f"assignment {held.pk}",
            remedy="To pay it after all, take the rejection back with --override",
        )
    reward, fee = _price(held)
    return plan_call(
        CallKind.APPROVE, hit=held.hit, assignment=held, amount=reward, fee=fee, actor=actor
    )


@transaction.atomic
def plan_rejection(assignment: Assignment, *, reason: str, actor: User) -> IntendedCall:
    """Mean to leave it unpaid, in the words the worker will read; a person decides that."""
    reason = checked_reason(reason)
    held = _held(assignment)
    approval = find_call(CallKind.APPROVE, hit=held.hit, assignment=held)
    if held.state == AssignmentState.APPROVED or (approval and approval.state in _STANDS):
        raise StudyError(
            "it is paid, or about to be",
            item=f"assignment {held.pk}",
            remedy="What is paid cannot be taken back; its votes can be excluded",
        )
    return plan_call(CallKind.REJECT, hit=held.hit, assignment=held, reason=reason, actor=actor)


@transaction.atomic
def plan_override(assignment: Assignment, *, actor: AbstractBaseUser | None = None) -> IntendedCall:
    """Mean to pay what was rejected. The money was given back, so the budget is asked."""
    held = _held(assignment)
    study = lock_study(held.hit.study)
    rejection = find_call(CallKind.REJECT, hit=held.hit, assignment=held)
    done = rejection is not None and rejection.state == CallState.DONE
    if held.state != AssignmentState.REJECTED and not done:
        raise StudyError(
            "it was not rejected, so there is nothing to take back",
            item=f"assignment {held.pk}",
            remedy="Approve it without --override",
        )
    reward, fee = _price(held)
    if not _stands(held, kind=CallKind.OVERRIDE):
        reserve(study, more=reward + fee, verb="taking the rejection back")
    return plan_call(
        CallKind.OVERRIDE, hit=held.hit, assignment=held, amount=reward, fee=fee, actor=actor
    )


@transaction.atomic
def plan_bonus(
    assignment: Assignment, *, amount: Decimal, reason: str, actor: AbstractBaseUser | None = None
) -> IntendedCall:
    """Mean to pay its worker so much more. The same amount for the same reason is one bonus."""
    if not amount.is_finite() or not CENT <= amount <= LARGEST_BONUS or amount % CENT:
        raise InputError(
            f"a bonus is from {CENT} to {LARGEST_BONUS:,} USD in whole cents",
            item=str(amount),
            remedy="Give it like 0.50",
        )
    amount = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    reason = checked_reason(reason)
    held = _held(assignment)
    study = lock_study(held.hit.study)
    if held.state not in CONFIRMED_ASSIGNMENT_STATES | {AssignmentState.UNPROVEN}:
        raise StudyError(
            "it is not handed in yet, so no bonus can be paid for it",
            item=f"assignment {held.pk}",
            remedy=f"Run `manage.py collect_votes {study.name}` first",
        )
    fee, about = study.fees.of(amount), f"{amount}/{reason}"
    before = find_call(CallKind.BONUS, hit=held.hit, assignment=held, about=about)
    if before is None or before.state == CallState.REFUSED:
        reserve(study, more=amount + fee, verb="this bonus")
    return plan_call(
        CallKind.BONUS,
        hit=held.hit,
        assignment=held,
        about=about,
        reason=reason,
        amount=amount,
        fee=fee,
        actor=actor,
    )


def checked_reason(reason: str) -> str:
    """The words as they will be sent."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or _CONTROL.search(reason):
        raise InputError(
            f"the worker is told why, in 1 to {LONGEST_REASON:,} characters without control codes",
            item="reason",
            remedy="Write what they should know",
        )
    return reason


def _held(assignment: Assignment) -> Assignment:
    """The assignment as it stands, locked so that two decisions about it queue up."""
    rows = Assignment.objects.select_related("hit__study")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)


def _stands(assignment: Assignment, *, kind: CallKind) -> bool:
    call = find_call(kind, hit=assignment.hit, assignment=assignment)
    return call is not None and call.state in _STANDS


def _price(assignment: Assignment) -> tuple[Decimal, Decimal]:
    study = assignment.hit.study
    return study.reward, study.fees.of(study.reward, raters_per_hit=assignment.hit.raters)
