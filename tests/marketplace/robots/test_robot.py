from __future__ import annotations

from marketplace.actions.expire_hit import expire_hit
from marketplace.clock import now
from marketplace.models import Assignment, Requester, Worker
from marketplace.robots import AlwaysYes, Careful, Rater, Robot, StimulusFacts
from tests.marketplace.factories import PASSWORD, a_hit, a_requester, a_worker
from tests.marketplace.robots.lab import Lab


def _robot(
    worker: Worker,
    site: str,
    rater: Rater,
    *,
    most_hits: int | None = None,
    tells_time: bool = False,
) -> Robot:
    return Robot(
        worker.user.get_username(),
        password=PASSWORD,
        marketplace_url=site,
        rater=rater,
        most_hits=most_hits,
        tells_time=tells_time,
    )


def _two_hits(lab: Lab) -> Requester:
    requester = a_requester()
    for _ in range(2):
        a_hit(requester, url=lab.url, max_assignments=3)
    return requester


def test_a_robot_does_everything_there_is_for_it(site: str, lab: Lab) -> None:
    _two_hits(lab)
    worker = a_worker()
    seen: list[StimulusFacts] = []

    def oracle(facts: StimulusFacts) -> str:
        seen.append(facts)
        return "yes" if facts.class_name == "cat" else "no"

    result = _robot(worker, site, Careful(oracle)).run()
    assert result.problems == []
    assert (result.n_submitted, dict(result.answers)) == (2, {"yes": 2, "no": 4})
    assert result.n_answers == 6
    done = Assignment.objects.filter(worker=worker)
    assert {found.status for found in done} == {"submitted"}
    assert {found.hit_id for found in done} == set(done.values_list("hit_id", flat=True))
    assert lab.consents == 2
    assert lab.cookies == []
    assert [facts.class_name for facts in seen[:3]] == ["cat", "dog", "tea & cup"]
    assert seen[1].image_bytes == b"picture-1"
    assert seen[1].image_url == f"{lab.url}picture/1"


def test_a_robot_that_tells_the_time_tells_its_own_clocks(site: str, lab: Lab) -> None:
    _two_hits(lab)
    for rater in (AlwaysYes(delay_s=0.2), AlwaysYes()):
        lab.told.clear()
        robot = _robot(a_worker(), site, rater, most_hits=1, tells_time=True)
        assert (robot.run().n_answers, robot.result.problems) == (3, [])
        assert [told["via"] for told in lab.told] == ["script"] * 3
        assert all(float(told["active_ms"]) >= 1000 * rater.delay_s for told in lab.told)
    lab.told.clear()
    _robot(a_worker(), site, AlwaysYes(), most_hits=1).run()
    assert lab.told == [{}] * 3


def test_a_broken_task_is_returned_and_reported(site: str, lab: Lab) -> None:
    _two_hits(lab)
    lab.fail_at = 1
    worker = a_worker()
    result = _robot(worker, site, AlwaysYes()).run()
    assert result.n_submitted == 0
    assert len(result.problems) == 3
    assert all("answered 500" in problem for problem in result.problems)
    assert set(worker.assignments.values_list("status", flat=True)) == {"returned"}


def test_limits_and_an_empty_board(site: str, lab: Lab) -> None:
    requester = _two_hits(lab)
    worker = a_worker()
    assert _robot(worker, site, AlwaysYes(), most_hits=1).run().n_submitted == 1
    for hit in requester.hits.all():
        expire_hit(hit, expire_at=now())
    assert _robot(worker, site, AlwaysYes()).run().n_submitted == 0


def test_a_wrong_password_is_a_problem(site: str) -> None:
    result = Robot("nobody", password="x", marketplace_url=site, rater=AlwaysYes()).run()
    assert "could not sign in" in result.problems[0]


def test_a_busy_server_is_asked_again(site: str, lab: Lab) -> None:
    _two_hits(lab)
    lab.busy = 2
    result = _robot(a_worker(), site, AlwaysYes(), most_hits=1).run()
    assert (result.n_submitted, result.problems) == (1, [])


def test_an_answer_nobody_knows_is_a_problem(site: str, lab: Lab) -> None:
    _two_hits(lab)
    result = _robot(a_worker(), site, Careful(lambda _facts: "perhaps"), most_hits=1).run()
    assert "'perhaps'" in result.problems[0]
