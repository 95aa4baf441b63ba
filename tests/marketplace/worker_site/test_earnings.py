from __future__ import annotations

from decimal import Decimal

from django.test import Client

from marketplace.actions.review import approve, reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.models import Requester, Worker
from tests.marketplace.factories import a_hit, a_submitted

HISTORY = "/marketplace/history/"


def test_earnings_by_state_and_bonuses(
    browser: Client, requester: Requester, worker: Worker
) -> None:
    paid, refused, _waits = (
        a_submitted(a_hit(requester, reward="0.35", duration_s=600 + n), worker=worker)
        for n in range(3)
    )
    approve(paid, feedback="", override_rejection=False)
    reject(refused, feedback="-")
    for amount in ("0.05", "0.20"):
        send_bonus(
            paid, worker_id=worker.worker_id, amount=Decimal(amount), reason="Thanks", token=""
        )
    context = browser.get(HISTORY).context
    assert {name: context[name] for name in ("total", "approved", "waiting", "bonuses")} == {
        "total": Decimal("0.60"),
        "approved": Decimal("0.35"),
        "waiting": Decimal("0.35"),
        "bonuses": Decimal("0.25"),
    }
    page = browser.get(HISTORY).content.decode()
    assert '<td class="number">0.25</td>' in page
    outcome = browser.get(f"/marketplace/work/{paid.assignment_id}/outcome").content.decode()
    assert "A bonus of 0.05 USD: Thanks" in outcome


def test_nothing_yet(browser: Client) -> None:
    assert browser.get(HISTORY).context["total"] == 0
