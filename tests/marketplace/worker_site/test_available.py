from __future__ import annotations

from marketplace import clock
from marketplace.actions.accept import accept
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.give_back import give_back
from marketplace.models import Requester, Worker
from marketplace.worker_site.available import open_hits, projects
from tests.marketplace.factories import a_hit, an_accepted


def test_open_are_hits_with_a_place_that_the_worker_has_not_taken(
    requester: Requester, worker: Worker
) -> None:
    full, ended, mine, free = (a_hit(requester, max_assignments=2) for _ in range(4))
    for _ in range(2):
        an_accepted(full)
    expire_hit(ended, expire_at=clock.now())
    held = accept(worker, hit=mine)
    assert list(open_hits(worker, at=clock.now())) == [free]
    give_back(held)
    # Free again, behind what the worker has not had in hands.
    assert list(open_hits(worker, at=clock.now())) == [free, mine]


def test_projects_count_open_hits_by_type(requester: Requester, worker: Worker) -> None:
    for _ in range(3):
        a_hit(requester)
    other = a_hit(requester, reward="0.50").hit_type
    lines = projects(worker, at=clock.now())
    assert lines[0].hit_type == other
    assert [line.n_open for line in lines] == [1, 3]
