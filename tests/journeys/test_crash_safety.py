"""kill -9 of a step at any moment, and the same command again: the same rows, one HIT per lot.

The steps run as real commands in processes of their own, over real HTTP. A proxy before the
marketplace kills the process in the middle of a call, before or after its work was done.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage

from marketplace.models import Assignment as OfferedAssignment
from studyapp.imaging import open_upright
from studyapp.models import HIT, Assignment, HITTrial, Stimulus, Study, Trial
from studyapp.vocabulary import HITState
from tests.factories.dataset import ShownImageFactory
from tests.faulty_proxy import Answer, Fault, FaultyProxy
from tests.processes import Process, finish, started
from tests.recruiting import Site, a_draft, a_live_study, add_predictions, new_workers, take

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CREATE, APPROVE = "CreateHITWithHITType", "ApproveAssignment"
LIST, BALANCE, TYPE = "ListAssignmentsForHIT", "GetAccountBalance", "CreateHITType"


def killed_at(
    proxy: FaultyProxy, operation: str, nth: int, *, after: bool, command: str, study: str
) -> None:
    """Run the command and kill it in the nth call of the operation, before or after its work."""
    victim: list[Process] = []

    def kill(forward: Callable[[], Answer]) -> None:
        if after:
            forward()
        victim[0].kill()
        victim[0].wait()

    fault: Fault = kill
    proxy.plan(operation, *[None] * nth, fault)
    with started(command, study) as process:
        victim.append(process)
        process.wait(timeout=120)
        assert process.returncode == -9


def lots(study: Study) -> list[tuple[object, ...]]:
    """The study's lots without what is random or the clock's."""
    return list(
        HITTrial.objects.filter(hit__study=study)
        .order_by("hit__lot", "position")
        .values_list(
            "hit__lot",
            "hit__state",
            "hit__raters",
            "position",
            "trial__question__stimulus__stimulus_hash",
            "trial__question__label_class__index",
        )
    )


def assert_one_hit_per_lot(site: Site, *studies: Study) -> None:
    ours = list(HIT.objects.filter(study__in=studies))
    assert {hit.state for hit in ours} == {HITState.OPEN}
    assert sorted(str(hit.hit_id) for hit in ours) == sorted(hit.hit_id for hit in site.offered())
    tokens = {hit.hit_id: hit.requester_annotation for hit in site.offered()}
    assert all(tokens[str(hit.hit_id)] == hit.request_token for hit in ours)


def test_publish_killed_in_every_kind_of_call(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=20, name="killed")
    points = [
        (BALANCE, 0, True),
        (TYPE, 0, True),
        (CREATE, 0, False),
        (CREATE, 0, True),
        (CREATE, 1, True),
        (CREATE, 1, False),
    ]
    for operation, nth, after in points:
        killed_at(proxy, operation, nth, after=after, command="publish", study=study.name)
    finish("publish", study.name)
    whole = a_live_study(images=20, name="whole")
    finish("publish", whole.name)
    assert_one_hit_per_lot(site, study, whole)
    assert lots(study) == lots(whole)
    assert len(site.offered()) == 8


def test_publish_killed_at_random_moments(site: Site) -> None:
    study = a_live_study(images=60, trials_per_hit=1)
    draw = random.Random(20261123)
    for wanted in sorted(draw.sample(range(1, 55), 3)):
        with started("publish", study.name) as process:
            wait_for(lambda n=wanted: HIT.objects.filter(state=HITState.OPEN).count() >= n)  # type: ignore[misc]
            time.sleep(draw.random() * 0.02)
            process.kill()
    finish("publish", study.name)
    assert_one_hit_per_lot(site, study)
    assert len(site.offered()) == 60


def test_collect_votes_killed_in_every_kind_of_call(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=5, raters_per_trial=4, accept_at=3, name="killed")
    finish("publish", study.name)
    hit = HIT.objects.get()
    workers = new_workers(4)
    for number, worker in enumerate(workers):
        take(hit, worker=worker, nonce="forged" if number == 3 else None)
    points = [
        (LIST, 0, False),
        (LIST, 0, True),
        (APPROVE, 0, False),
        (APPROVE, 0, True),
        (APPROVE, 1, True),
    ]
    for operation, nth, after in points:
        killed_at(proxy, operation, nth, after=after, command="collect_votes", study=study.name)
    finish("collect_votes", study.name)
    states = Assignment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["approved", "approved", "approved", "unproven"]
    assert OfferedAssignment.objects.filter(status="approved").count() == 4
    before = list(Assignment.objects.order_by("pk").values())
    finish("collect_votes", study.name)
    assert list(Assignment.objects.order_by("pk").values()) == before


def test_build_trials_killed_at_random_moments(site: Site) -> None:
    study = a_draft(images=0, render_resize=512, render_crop=480)
    for number in range(140):
        ShownImageFactory.create(
            image_set=study.image_set, image_id=f"i{number:03d}", number=number, size=(300, 200)
        )
    wrong = {f"i{number:03d}": 1 + number % 5 for number in range(140)}
    add_predictions(study, name="wrong", wrong=wrong)
    draw = random.Random(20261123)
    for wanted in (1, 65):
        with started("build_trials", study.name) as process:
            wait_for(lambda n=wanted: Stimulus.objects.count() >= n)  # type: ignore[misc]
            time.sleep(draw.random() * 0.1)
            process.kill()
    assert Trial.objects.count() < 140
    finish("build_trials", study.name)
    asked = Trial.objects.values_list(
        "question__stimulus__image__image_id", "question__label_class__index"
    )
    assert sorted(asked) == sorted(wrong.items())
    assert Stimulus.objects.count() == 140
    for stimulus in Stimulus.objects.all():
        with default_storage.open(str(stimulus.file)) as file:
            assert open_upright(file.read()).size == (480, 480)


def wait_for(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
