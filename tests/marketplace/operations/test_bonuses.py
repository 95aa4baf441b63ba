from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from marketplace import ledger
from marketplace.actions.review import approve, reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.models import Assignment, BonusPayment, Message
from tests.marketplace.conftest import MovedClock, Wire, client_of
from tests.marketplace.factories import (
    a_hit,
    a_requester,
    a_submitted,
    a_worker,
    an_accepted,
    at_once,
)

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


def _send(wire: Wire, to: Assignment, **more: object) -> tuple[int, dict[str, Any]]:
    values = {
        "WorkerId": to.worker.worker_id,
        "AssignmentId": to.assignment_id,
        "BonusAmount": "0.50",
        "Reason": "For the long wait.",
    }
    return wire.call("SendBonus", **values | more)


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 400, answer
    return str(answer[1]["TurkErrorCode"]).removeprefix("AWS.MechanicalTurk.")


def test_a_bonus_and_its_fee_are_paid_out_of_what_is_available(wire: Wire) -> None:
    done = a_submitted(a_hit(wire.requester))
    assert _send(wire, done) == (200, {})
    now = ledger.balance(wire.requester)
    assert (now.available, now.on_hold, now.paid) == (10_000 - 12 - 60, 12, 60)
    kinds = wire.requester.transactions.order_by("number").values_list("kind", "amount_cents")
    assert list(kinds)[-2:] == [("bonus", 50), ("bonus_fee", 10)]
    told = Message.objects.get()
    assert (told.worker, told.text) == (done.worker, "For the long wait.")
    assert "0.50 USD" in told.subject


def test_work_that_was_reviewed_can_get_one_too(wire: Wire) -> None:
    paid, refused = (a_submitted(a_hit(wire.requester)) for _ in range(2))
    approve(paid, feedback="", override_rejection=False)
    reject(refused, feedback="-")
    for done in (paid, refused):
        assert _send(wire, done, BonusAmount="5")[0] == 200
    assert ledger.balance(wire.requester).paid == 12 + 2 * 600


def test_a_token_pays_once_in_24_hours(wire: Wire, moved: MovedClock) -> None:
    done = a_submitted(a_hit(wire.requester, auto_approval_delay_s=2_592_000))
    assert _send(wire, done, UniqueRequestToken="b1")[0] == 200
    again = _send(wire, done, UniqueRequestToken="b1", BonusAmount="9.99")
    assert _code(again) == "DuplicateRequest"
    assert wire.requester.tokens.get().request_id in again[1]["Message"]
    # Without a token each call is another bonus.
    assert _send(wire, done)[0] == 200
    moved.forward(24 * 3600 + 1)
    assert _send(wire, done, UniqueRequestToken="b1")[0] == 200
    assert BonusPayment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_token_from_many_callers_pays_once() -> None:
    requester = a_requester()
    done = a_submitted(a_hit(requester))

    def pay() -> object:
        return send_bonus(
            done,
            worker_id=done.worker.worker_id,
            amount=Decimal("0.50"),
            reason="-",
            token="b1",
        )

    results = at_once(*[pay] * 5)
    assert sum(isinstance(found, BonusPayment) for found in results) == 1
    assert ledger.balance(requester).paid == 60


def test_too_little_money_for_bonus_and_fee_pays_nothing(db: None) -> None:
    poor = a_requester(deposited="0.70")
    wire, done = Wire(poor), a_submitted(a_hit(poor))
    # 0.58 USD are left: enough for the bonus alone.
    assert _code(_send(wire, done, UniqueRequestToken="b1")) == "InsufficientFunds"
    assert not BonusPayment.objects.exists()
    assert not poor.tokens.exists()
    assert ledger.balance(poor).available == 58
    assert _send(wire, done, BonusAmount="0.48", UniqueRequestToken="b1")[0] == 200


@pytest.mark.parametrize(
    "change",
    [
        {"BonusAmount": "0"},
        {"BonusAmount": "0.00"},
        {"BonusAmount": "10000.01"},
        {"BonusAmount": "1.005"},
        {"BonusAmount": "-1"},
        {"BonusAmount": "$1"},
        {"BonusAmount": "9" * 30},
        {"Reason": " "},
        {"Reason": "x" * 4097},
        {"UniqueRequestToken": "x" * 65},
        {"WorkerId": "A" + "B" * 13},
    ],
)
def test_limits(wire: Wire, change: dict[str, object]) -> None:
    done = a_submitted(a_hit(wire.requester))
    assert _code(_send(wire, done, **change)) == "InvalidParameterValue"
    assert not BonusPayment.objects.exists()


def test_whom_no_bonus_can_go_to(wire: Wire) -> None:
    held = an_accepted(a_hit(wire.requester))
    theirs = a_submitted(a_hit(a_requester()))
    for assignment in (held, theirs):
        assert _code(_send(wire, assignment)) == "AssignmentDoesNotExist"
    done = a_submitted(a_hit(wire.requester))
    stranger = a_worker().worker_id
    assert _code(_send(wire, done, WorkerId=stranger)) == "InvalidParameterValue"


def test_lists_by_hit_and_by_assignment(wire: Wire) -> None:
    hit = a_hit(wire.requester, max_assignments=2)
    one, two = a_submitted(hit), a_submitted(hit)
    for assignment, amount in ((one, "0.01"), (two, "0.02"), (one, "0.03")):
        _send(wire, assignment, BonusAmount=amount)

    def amounts(**where: str) -> list[str]:
        answer = wire.call("ListBonusPayments", **where)
        return [payment["BonusAmount"] for payment in answer[1]["BonusPayments"]]

    assert amounts(HITId=hit.hit_id) == ["0.01", "0.02", "0.03"]
    assert amounts(AssignmentId=one.assignment_id) == ["0.01", "0.03"]
    assert _code(wire.call("ListBonusPayments")) == "InvalidParameterValue"
    theirs = a_submitted(a_hit(a_requester()))
    foreign = wire.call("ListBonusPayments", AssignmentId=theirs.assignment_id)
    assert _code(foreign) == "AssignmentDoesNotExist"


def test_boto3_pays_and_reads_every_page(site: str) -> None:
    requester = a_requester()
    mturk: MTurkClient = client_of(requester, url=site)
    done = a_submitted(a_hit(requester))
    for number in range(3):
        mturk.send_bonus(
            WorkerId=done.worker.worker_id,
            AssignmentId=done.assignment_id,
            BonusAmount="0.10",
            Reason="Thanks",
            UniqueRequestToken=f"bonus-{number}",
        )
    pages = mturk.get_paginator("list_bonus_payments").paginate(
        AssignmentId=done.assignment_id, PaginationConfig={"PageSize": 2}
    )
    paid = [payment for page in pages for payment in page["BonusPayments"]]
    assert [payment["BonusAmount"] for payment in paid] == ["0.10"] * 3
    assert {payment["WorkerId"] for payment in paid} == {done.worker.worker_id}
    assert mturk.get_account_balance()["AvailableBalance"] == "99.52"
