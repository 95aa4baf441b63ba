from __future__ import annotations

import pytest

from marketplace.actions.accept import LONGEST_QUEUE, accept
from marketplace.actions.give_back import give_back
from marketplace.actions.submit import submit
from marketplace.errors import WorkRefusedError
from marketplace.models import Assignment, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, a_worker, an_accepted, at_once


def _reason(call: object) -> str:
    assert isinstance(call, WorkRefusedError)
    return call.reason


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_exactly_one_of_two_workers_at_once() -> None:
    hit = a_hit(a_requester(), max_assignments=2)
    an_accepted(hit)
    workers = [a_worker() for _ in range(4)]
    results = at_once(*[lambda worker=worker: accept(worker, hit=hit) for worker in workers])
    won = [found for found in results if isinstance(found, Assignment)]
    assert len(won) == 1
    assert [_reason(found) for found in results if found not in won] == ["full"] * 3
    assert sorted(hit.assignments.values_list("place", flat=True)) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_one_worker_pressing_twice_at_once_gets_one_assignment() -> None:
    hit, worker = a_hit(a_requester(), max_assignments=9), a_worker()
    results = at_once(*[lambda: accept(worker, hit=hit) for _ in range(4)])
    assert {str(found) for found in results} == {str(Assignment.objects.get())}


def test_once_per_hit_but_again_after_a_return(requester: Requester) -> None:
    hit, worker = a_hit(requester, max_assignments=3), a_worker()
    first = accept(worker, hit=hit)
    give_back(first)
    second = accept(worker, hit=hit)
    assert second.assignment_id != first.assignment_id
    submit(second.assignment_id, fields={"q": "1"})
    with pytest.raises(WorkRefusedError) as refused:
        accept(worker, hit=hit)
    assert refused.value.reason == "done"


def test_not_after_expiry(requester: Requester, moved: MovedClock) -> None:
    hit = a_hit(requester, lifetime_s=60)
    moved.forward(61)
    with pytest.raises(WorkRefusedError) as refused:
        an_accepted(hit)
    assert refused.value.reason == "expired"


def test_an_abandoned_place_is_free_again(requester: Requester, moved: MovedClock) -> None:
    hit = a_hit(requester, duration_s=60)
    first = an_accepted(hit)
    with pytest.raises(WorkRefusedError):
        an_accepted(hit)
    moved.forward(61)
    assert an_accepted(hit).place == first.place == 0


@pytest.mark.slow
def test_the_queue_is_bounded(requester: Requester) -> None:
    worker = a_worker()
    for _ in range(LONGEST_QUEUE):
        accept(worker, hit=a_hit(requester, reward="0.01"))
    with pytest.raises(WorkRefusedError) as refused:
        accept(worker, hit=a_hit(requester, reward="0.01"))
    assert refused.value.reason == "queue"
