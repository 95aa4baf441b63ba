from __future__ import annotations

import pytest

from marketplace.actions.block import block
from marketplace.actions.submit import submit
from marketplace.errors import RequestRefusedError
from marketplace.models import Requester, WorkerBlock
from tests.marketplace.factories import a_hit, a_requester, a_worker, an_accepted, at_once


def test_what_is_under_way_may_be_finished(requester: Requester) -> None:
    held = an_accepted(a_hit(requester))
    block(requester, worker=held.worker, reason="-")
    assert submit(held.assignment_id, fields={"q": "1"}).status == "submitted"


def test_there_is_a_most(requester: Requester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.actions.block.MOST_BLOCKS", 1)
    block(requester, worker=a_worker(), reason="-")
    with pytest.raises(RequestRefusedError, match="lift a block"):
        block(requester, worker=a_worker(), reason="-")


@pytest.mark.django_db(transaction=True)
def test_blocking_many_times_at_once_is_one_block() -> None:
    requester, worker = a_requester(), a_worker()
    at_once(*[lambda: block(requester, worker=worker, reason="-")] * 4)
    assert WorkerBlock.objects.count() == 1
