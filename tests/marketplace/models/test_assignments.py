from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace import clock
from marketplace.models import Assignment, Requester
from tests.marketplace.factories import a_hit, a_worker, an_accepted


def test_the_database_itself_keeps_one_worker_per_place_and_one_place_per_worker(
    requester: Requester,
) -> None:
    hit = a_hit(requester, max_assignments=3)
    held = an_accepted(hit)
    at = clock.now()
    times = {"accepted_at": at, "deadline": at + timedelta(minutes=1)}
    for worker, place in ((held.worker, 1), (a_worker(), held.place)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(hit=hit, worker=worker, place=place, **times)
    held.status = "returned"
    held.save()
    again = Assignment.objects.create(hit=hit, worker=held.worker, place=0, **times)
    assert str(again) == again.assignment_id


@pytest.mark.parametrize(
    "change",
    [{"status": "lost"}, {"status": "submitted"}, {"status": "approved"}, {"deadline": None}],
)
def test_states_the_database_refuses(requester: Requester, change: dict[str, object]) -> None:
    held = an_accepted(a_hit(requester))
    if "deadline" in change:
        change = {"deadline": held.accepted_at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=held.pk).update(**change)
