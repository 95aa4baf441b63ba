"""What tests of publication share: a running marketplace, our account, studies to publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from marketplace import models as offers
from marketplace.actions.accept import accept
from marketplace.actions.enrol import create_worker, deposit, find_or_create_requester
from marketplace.actions.submit import submit
from marketplace.credentials import write_profile
from marketplace.models import Requester, Worker
from studyapp.models import HIT, Assignment, Rater, RaterIdentity, Study, Trial, VisionModel
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.recruiters.mturk.endpoints import Endpoint, Keys, endpoint_for
from studyapp.recruiters.mturk.gateway import MTurkGateway
from studyapp.vocabulary import Environment
from tests.factories.crowd import VoteFactory
from tests.factories.dataset import ShownImageFactory, mistakes
from tests.factories.study import StudyFactory
from tests.faulty_proxy import FaultyProxy


@dataclass(frozen=True)
class Site:
    """A running site: its marketplace, and the account that publishes there."""

    url: str
    requester: Requester

    def offered(self) -> list[offers.HIT]:
        return list(offers.HIT.objects.filter(requester=self.requester).order_by("pk"))

    def gateway(self, *, attempts: int = 1) -> MTurkGateway:
        return MTurkGateway(endpoint_for(Environment.MARKETPLACE), attempts=attempts)


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, tmp_path: Path) -> Site:
    """The marketplace over real HTTP, with 1,000 dollars in our account."""
    settings.MARKETPLACE_URL = settings.QUORUM_URL = live_server.url
    settings.MARKETPLACE_CREDENTIALS = tmp_path / "marketplace.credentials"
    requester = find_or_create_requester("lab")
    deposit(requester, amount=Decimal("1000"), reference="start")
    write_profile(settings.MARKETPLACE_CREDENTIALS, requester=requester)
    return Site(url=str(live_server.url), requester=requester)


@pytest.fixture
def proxy(site: Site, settings: Settings) -> Iterator[FaultyProxy]:
    """Our calls go through it to the marketplace; it breaks what a test tells it to."""
    with FaultyProxy(site.url) as faulty:
        settings.MARKETPLACE_URL = faulty.url
        yield faulty


def nowhere(url: str) -> Endpoint:
    """An endpoint for a gateway to whatever answers there."""
    keys = Keys("AKIAEXAMPLE", "secret")
    return Endpoint(environment=Environment.MARKETPLACE, url=url, keys=keys, rate=None)


def a_draft(*, images: int = 12, wrong: int | None = None, **fields: Any) -> Study:
    """A draft about one model that is wrong on the first `wrong` of so many small pictures."""
    study = StudyFactory.create(
        **{"render_resize": 32, "render_crop": 28, "trials_per_hit": 5} | fields
    )
    for number in range(images):
        ShownImageFactory.create(
            image_set=study.image_set, image_id=f"i{number:03d}", number=number, size=(20, 16)
        )
    missed = {
        f"i{number:03d}": 1 + number % 5 for number in range(images if wrong is None else wrong)
    }
    add_predictions(study, name=f"{study.name}-a", wrong=missed)
    return study


def add_predictions(study: Study, *, name: str, wrong: dict[str, int]) -> VisionModel:
    """One more model of the study, right but for `wrong`."""
    mistakes(study.image_set, model=name, wrong=wrong)
    model = VisionModel.objects.get(name=name)
    study.vision_models.add(model)
    return model


def a_live_study(**fields: Any) -> Study:
    """A launched study with its trials."""
    study = a_draft(**fields)
    build_trials(study)
    launch_study(study, check_funds=False)
    return study


def new_workers(n: int) -> list[Worker]:
    start = Worker.objects.count()
    return [
        create_worker(f"worker-{number}", password="correct-horse-battery")
        for number in range(start, start + n)
    ]


def take(
    hit: HIT,
    *,
    worker: Worker,
    nonce: str | None = None,
    votes: bool = True,
    answer: Callable[[Trial], str] = lambda _: "yes",
    seconds: float | None = None,
) -> Assignment:
    """The worker takes the HIT as our pages and the marketplace see it, and hands it in.

    `nonce` replaces the right one; an empty one is not posted.
    """
    offered = offers.HIT.objects.get(hit_id=hit.hit_id)
    accepted = accept(worker, hit=offered)
    ours = take_here(hit, worker_id=worker.worker_id, assignment_id=accepted.assignment_id)
    if votes:
        for trial in hit.trials.all():
            VoteFactory.create(
                trial=trial,
                rater=ours.rater,
                assignment=ours,
                import_key=None,
                answer=answer(trial),
                seconds=seconds,
            )
    proof = ours.nonce.hex if nonce is None else nonce
    fields = {"done": "1"} | ({"nonce": proof} if proof else {})
    submit(accepted.assignment_id, fields=fields)
    return ours


def take_here(hit: HIT, *, worker_id: str, assignment_id: str) -> Assignment:
    """What our own pages store when somebody begins."""
    identity = RaterIdentity.objects.filter(provider=hit.provider, worker_id=worker_id).first()
    rater = identity.rater if identity else Rater.objects.create()
    if identity is None:
        RaterIdentity.objects.create(rater=rater, provider=hit.provider, worker_id=worker_id)
    return Assignment.objects.create(hit=hit, rater=rater, assignment_id=assignment_id)
