from __future__ import annotations

from marketplace import clock
from marketplace.actions.accept import accept
from marketplace.actions.give_back import give_back
from marketplace.actions.review import approve, reject
from marketplace.actions.submit import submit
from marketplace.counters import Counters, counters, counters_of
from marketplace.models import HIT, Requester
from marketplace.vocabulary import HITStatus
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_worker, an_accepted


def _seen(hit: HIT) -> tuple[int, int, int, str]:
    hit.refresh_from_db()
    now = counters_of(hit, at=clock.now())
    return now.available, now.pending, now.completed, now.status.value


def test_the_table_of_the_developer_guide(requester: Requester) -> None:
    hit = a_hit(requester, max_assignments=5)
    assert _seen(hit) == (5, 0, 0, "Assignable")
    held = [an_accepted(hit) for _ in range(3)]
    assert _seen(hit) == (2, 3, 0, "Assignable")
    held += [an_accepted(hit) for _ in range(2)]
    for assignment in held[:2]:
        submit(assignment.assignment_id, fields={"q": "1"})
    assert _seen(hit) == (0, 3, 0, "Unassignable")
    give_back(held[2])
    assert _seen(hit) == (1, 2, 0, "Assignable")
    held[2] = accept(a_worker(), hit=hit)
    for assignment in held[2:]:
        submit(assignment.assignment_id, fields={"q": "1"})
    assert _seen(hit) == (0, 0, 0, "Reviewable")
    approve(held[0], feedback="", override_rejection=False)
    reject(held[1], feedback="empty")
    # Completed counts reviewed work only: three submissions are in no counter.
    assert _seen(hit) == (0, 0, 2, "Reviewable")


def test_expiry_empties_available_and_waits_for_work_in_progress(
    requester: Requester, moved: MovedClock
) -> None:
    hit = a_hit(requester, max_assignments=3, lifetime_s=100, duration_s=600)
    an_accepted(hit)
    moved.forward(101)
    assert _seen(hit) == (0, 1, 0, "Unassignable")


def test_many_hits_in_one_query(requester: Requester, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture has no public type
    hits = [a_hit(requester, max_assignments=2) for _ in range(3)]
    an_accepted(hits[1])
    with django_assert_num_queries(1):
        found = counters(hits, at=clock.now())
    assert found[hits[0].pk] == Counters(2, 0, 0, HITStatus.ASSIGNABLE)
    assert found[hits[1].pk] == Counters(1, 1, 0, HITStatus.ASSIGNABLE)
