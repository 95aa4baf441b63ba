from __future__ import annotations

from marketplace import ledger
from marketplace.models import Assignment
from marketplace.robots import AlwaysYes, Hasty, Robot, RobotResult, run_crowd
from tests.marketplace.factories import PASSWORD, a_hit, a_requester, a_worker
from tests.marketplace.robots.lab import Lab


def test_eight_robots_fill_three_hits_of_five_places(site: str, lab: Lab) -> None:
    requester = a_requester()
    for _ in range(3):
        a_hit(requester, url=lab.url, max_assignments=5)
    robots = [
        Robot(
            a_worker().user.get_username(),
            password=PASSWORD,
            marketplace_url=site,
            rater=Hasty() if n % 2 else AlwaysYes(),
            seed=n,
        )
        for n in range(8)
    ]
    told: list[RobotResult] = []
    results = run_crowd(robots, on_done=told.append)
    assert [found.problems for found in results] == [[]] * 8
    assert sum(found.n_submitted for found in results) == 15
    assert sum(found.n_answers for found in results) == len(lab.answers) == 45
    assert {found.name for found in told} == {found.name for found in results}
    assert [found.kind for found in results[:2]] == ["always_yes", "hasty"]
    assert Assignment.objects.filter(status="submitted").count() == 15
    assert Assignment.objects.count() == 15
    assert ledger.balance(requester).on_hold == 15 * 12


def test_nobody() -> None:
    assert run_crowd([]) == []
