from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace import clock
from marketplace.actions.review import approve, reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.models import Requester
from marketplace.payouts import Payout, payouts
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, a_submitted, a_worker


def test_every_cent_is_in_exactly_one_span(requester: Requester, moved: MovedClock) -> None:
    start, ada, bob = clock.now(), a_worker(), a_worker()
    for lab in (requester, a_requester()):
        done = a_submitted(a_hit(lab, reward="0.35"), worker=ada)
        approve(done, feedback="", override_rejection=False)
    reject(a_submitted(a_hit(requester), worker=bob), feedback="-")
    moved.forward(86_400)
    middle = clock.now()
    send_bonus(done, worker_id=ada.worker_id, amount=Decimal("0.05"), reason="-", token="")
    late = a_submitted(a_hit(requester, auto_approval_delay_s=0), worker=bob)
    end = clock.now() + timedelta(seconds=1)
    first = payouts(since=start, until=middle)
    assert first == [Payout(ada.worker_id, Decimal("0.70"), Decimal("0.00"))]
    second = {one.worker_id: one.total for one in payouts(since=middle, until=end)}
    assert second == {ada.worker_id: Decimal("0.05"), bob.worker_id: late.hit.reward}
    whole = payouts(since=start, until=end)
    assert sum(one.total for one in whole) == Decimal("0.85")


def test_as_a_table(requester: Requester, moved: MovedClock) -> None:
    done = a_submitted(a_hit(requester, auto_approval_delay_s=60))
    moved.forward(61)
    out = StringIO()
    call_command("marketplace_payouts", stdout=out)
    assert out.getvalue().split() == [
        "worker_id,rewards_usd,bonuses_usd,total_usd",
        f"{done.worker.worker_id},0.10,0.00,0.10",
    ]
    with pytest.raises(CommandError, match="is no day"):
        call_command("marketplace_payouts", "--since", "yesterday")
