from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import NoReturn

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace import clock, ledger
from marketplace.actions.accept import accept
from marketplace.actions.change_hit_type import change_hit_type
from marketplace.actions.contest import contest, decide_dispute
from marketplace.actions.dispose_hit import dispose_hit
from marketplace.actions.enrol import deposit
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.extend_hit import extend_hit
from marketplace.actions.give_back import give_back
from marketplace.actions.review import approve, reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.actions.settle import settle_due
from marketplace.actions.submit import submit
from marketplace.errors import MarketplaceError
from marketplace.models import HIT, Assignment, BonusPayment, Requester, Worker
from marketplace.vocabulary import FUNDED, AssignmentStatus, TransactionKind
from tests.marketplace.factories import a_hit, a_requester, a_worker

OPERATIONS = (
    *("create", "accept", "accept", "submit", "submit", "approve", "reject", "override"),
    *("return", "expire", "extend", "wait", "deposit", "bonus", "bonus", "more", "retype"),
    *("dispose", "contest"),
)


def _replayed(requester: Requester) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """The balance from the kinds and amounts alone, written down a second time."""
    deposited = available = on_hold = paid = Decimal(0)
    for row in requester.transactions.order_by("number"):
        match row.kind:
            case "deposit":
                deposited += row.amount
                available += row.amount
            case "hold":
                available -= row.amount
                on_hold += row.amount
            case "release":
                on_hold -= row.amount
                available += row.amount
            case "bonus" | "bonus_fee":
                available -= row.amount
                paid += row.amount
            case _:
                on_hold -= row.amount
                paid += row.amount
        assert min(available, on_hold, paid) >= 0
        assert deposited == available + on_hold + paid
    return deposited, available, on_hold, paid


def _assert_balanced(requester: Requester) -> None:
    at = clock.now()
    settle_due(requester=requester, at=at)
    deposited, available, on_hold, paid = (int(100 * part) for part in _replayed(requester))
    now = ledger.balance(requester)
    assert (now.deposited, now.available, now.on_hold, now.paid) == (
        deposited,
        available,
        on_hold,
        paid,
    )
    held = spent = Decimal(0)
    for hit in requester.hits.all():
        assignments = hit.assignments
        claimed = assignments.exclude(status__in=["returned", "abandoned"]).count()
        free = hit.max_assignments - claimed if hit.expires_at > at else 0
        open_places = assignments.filter(status__in=FUNDED).count() + free
        assert hit.funded == open_places
        held += open_places * hit.unit_cost
        spent += assignments.filter(status="approved").count() * hit.unit_cost
        for bonus in BonusPayment.objects.filter(assignment__hit=hit):
            spent += bonus.amount + bonus.fee
    assert (on_hold, paid) == (int(held * 100), int(spent * 100))


class _Play:
    """Does one operation after another; refusals are part of the game."""

    def __init__(self) -> None:
        self.requester = a_requester(deposited="1.50")
        self.workers = [a_worker() for _ in range(3)]
        self.offset = 0
        self.deposits = 0

    def do(self, operation: str, n: int) -> None:
        actions: dict[str, Callable[[int], object]] = {
            "create": self._create,
            "accept": self._accept,
            "submit": self._submit,
            "expire": lambda n: expire_hit(self._hit(n), expire_at=clock.now()),
            "deposit": self._deposit,
            "wait": self._wait,
            "return": lambda n: give_back(self._assignment(n, AssignmentStatus.ACCEPTED)),
            "reject": lambda n: reject(
                self._assignment(n, AssignmentStatus.SUBMITTED), feedback="-"
            ),
            "approve": lambda n: self._approve(n, AssignmentStatus.SUBMITTED),
            "override": lambda n: self._approve(n, AssignmentStatus.REJECTED),
            "extend": self._extend,
            "bonus": self._bonus,
            "more": lambda n: extend_hit(self._hit(n), additional=n % 4 + 1, token=str(n % 3)),
            "retype": lambda n: change_hit_type(self._hit(n), hit_type=self._hit(n // 3).hit_type),
            "dispose": lambda n: dispose_hit(self._hit(n)),
            "contest": self._contest,
        }
        try:
            actions[operation](n)
        except (MarketplaceError, LookupError):
            # No such thing now, or refused: either way the money must add up.
            return

    def _hit(self, n: int) -> HIT:
        hits = list(self.requester.hits.order_by("pk"))
        return hits[n % len(hits)] if hits else self._nothing()

    def _assignment(self, n: int, status: AssignmentStatus) -> Assignment:
        found = list(Assignment.objects.filter(hit__requester=self.requester, status=status))
        return found[n % len(found)] if found else self._nothing()

    def _nothing(self) -> NoReturn:
        raise LookupError("nothing to act on")

    def _worker(self, n: int) -> Worker:
        return self.workers[n % len(self.workers)]

    def _create(self, n: int) -> None:
        reward = ("0.01", "0.07", "0.13")[n % 3]
        delay = (0, 50, 1000)[n % 3]
        a_hit(
            self.requester,
            reward=reward,
            max_assignments=(1, 2, 10)[n % 3],
            lifetime_s=100,
            duration_s=60,
            auto_approval_delay_s=delay,
        )

    def _accept(self, n: int) -> None:
        accept(self._worker(n // 7), hit=self._hit(n))

    def _submit(self, n: int) -> None:
        chosen = self._assignment(n, AssignmentStatus.ACCEPTED)
        submit(chosen.assignment_id, fields={"q": str(n)})

    def _approve(self, n: int, status: AssignmentStatus) -> None:
        approve(self._assignment(n, status), feedback="", override_rejection=True)

    def _reject(self, n: int) -> None:
        reject(self._assignment(n, AssignmentStatus.SUBMITTED), feedback="-")

    def _extend(self, n: int) -> None:
        hit = self._hit(n)
        expire_hit(hit, expire_at=max(hit.expires_at, clock.now()) + timedelta(seconds=50))

    def _deposit(self, n: int) -> None:
        self.deposits += 1
        deposit(self.requester, amount=Decimal(n + 1) / 100, reference=str(self.deposits))

    def _bonus(self, n: int) -> None:
        status = (AssignmentStatus.SUBMITTED, AssignmentStatus.APPROVED)[n % 2]
        done = self._assignment(n, status)
        send_bonus(
            done,
            worker_id=done.worker.worker_id,
            amount=Decimal(n % 9 + 1) / 100,
            reason="-",
            token=str(n % 4),
        )

    def _contest(self, n: int) -> None:
        dispute = contest(self._assignment(n, AssignmentStatus.REJECTED), text="-")
        decide_dispute(dispute, pay=n % 2 == 0, answer="-")

    def _wait(self, n: int) -> None:
        self.offset += 20 * (n % 4 + 1)


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 50)), max_size=30))
def test_any_sequence_of_actions_keeps_the_ledger_balanced(
    steps: list[tuple[str, int]],
) -> None:
    play = _Play()
    play.do("create", 1)
    for operation, n in steps:
        with override_settings(MARKETPLACE_CLOCK_OFFSET_S=play.offset):
            play.do(operation, n)
            _assert_balanced(play.requester)


def test_a_hold_beyond_the_balance_is_refused_whole(requester: Requester) -> None:
    with transaction.atomic(), pytest.raises(MarketplaceError, match=r"available: 100\.00 USD"):
        ledger.post(requester, kind=TransactionKind.HOLD, amount=Decimal("100.01"), at=clock.now())
    assert ledger.balance(requester).available == 10_000
    assert requester.transactions.count() == 1
