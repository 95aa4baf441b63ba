"""Moving a requester's money. Every function here runs inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from marketplace.errors import InsufficientFundsError
from marketplace.fees import from_cents, to_cents
from marketplace.models import HIT, Assignment, BonusPayment, Requester, Transaction
from marketplace.vocabulary import TransactionKind


@dataclass(frozen=True)
class Balance:
    """Where the deposited money is, in cents; deposited = available + on_hold + paid."""

    number: int
    deposited: int
    available: int
    on_hold: int
    paid: int


def balance(requester: Requester) -> Balance:
    """The balance after the requester's last ledger row."""
    last = requester.transactions.order_by("-number").first()
    if last is None:
        return Balance(0, 0, 0, 0, 0)
    return Balance(
        last.number,
        last.deposited_after_cents,
        last.available_after_cents,
        last.on_hold_after_cents,
        last.paid_after_cents,
    )


# Which of deposited, available, on hold and paid a row of each kind moves, and which way.
_MOVES: dict[TransactionKind, tuple[int, int, int, int]] = {
    TransactionKind.DEPOSIT: (1, 1, 0, 0),
    TransactionKind.HOLD: (0, -1, 1, 0),
    TransactionKind.RELEASE: (0, 1, -1, 0),
    TransactionKind.REWARD: (0, 0, -1, 1),
    TransactionKind.FEE: (0, 0, -1, 1),
    TransactionKind.BONUS: (0, -1, 0, 1),
    TransactionKind.BONUS_FEE: (0, -1, 0, 1),
}


def post(
    requester: Requester,
    *,
    kind: TransactionKind,
    amount: Decimal,
    at: datetime,
    hit: HIT | None = None,
    assignment: Assignment | None = None,
    reference: str = "",
) -> Transaction:
    """Add one row. The requester's row must be locked, so that numbers follow each other.

    Raises InsufficientFundsError when a hold or a bonus is larger than what is available.
    """
    cents = to_cents(amount)
    before = balance(requester)
    deposited, available, on_hold, paid = _MOVES[kind]
    if before.available + available * cents < 0:
        raise InsufficientFundsError(
            "This Requester has insufficient funds in their account to complete this "
            f"transaction. Needed: {from_cents(cents)} USD; available: "
            f"{from_cents(before.available)} USD. Deposit more or ask for fewer assignments."
        )
    return Transaction.objects.create(
        requester=requester,
        number=before.number + 1,
        kind=kind,
        amount_cents=cents,
        hit=hit,
        assignment=assignment,
        reference=reference,
        created_at=at,
        deposited_after_cents=before.deposited + deposited * cents,
        available_after_cents=before.available + available * cents,
        on_hold_after_cents=before.on_hold + on_hold * cents,
        paid_after_cents=before.paid + paid * cents,
    )


def hold(hit: HIT, *, places: int, at: datetime) -> None:
    """Put reward and fee of so many more assignments of a locked HIT on hold."""
    if places <= 0:
        return
    post(hit.requester, kind=TransactionKind.HOLD, amount=hit.unit_cost * places, at=at, hit=hit)
    hit.funded += places
    hit.save(update_fields=["funded"])


def release(hit: HIT, *, places: int, at: datetime) -> None:
    """Give the money of so many assignments of a locked HIT back to the requester."""
    if places <= 0:
        return
    post(hit.requester, kind=TransactionKind.RELEASE, amount=hit.unit_cost * places, at=at, hit=hit)
    hit.funded -= places
    hit.save(update_fields=["funded"])


def pay(assignment: Assignment, *, hit: HIT, at: datetime) -> None:
    """Pay reward and fee of one assignment out of its locked HIT's hold."""
    for kind, amount in ((TransactionKind.REWARD, hit.reward), (TransactionKind.FEE, hit.fee)):
        post(hit.requester, kind=kind, amount=amount, at=at, hit=hit, assignment=assignment)
    hit.funded -= 1
    hit.save(update_fields=["funded"])


def pay_bonus(bonus: BonusPayment, *, requester: Requester, at: datetime) -> None:
    """Pay a bonus and its fee out of what is available; the requester is locked."""
    amounts = ((TransactionKind.BONUS, bonus.amount), (TransactionKind.BONUS_FEE, bonus.fee))
    for kind, amount in amounts:
        post(
            requester,
            kind=kind,
            amount=amount,
            at=at,
            hit=bonus.assignment.hit,
            assignment=bonus.assignment,
        )
