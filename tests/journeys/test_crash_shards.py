"""Two compute workers share a set; one is killed -9 in the middle; all is made, and made once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from kombu import Connection, Queue

from studyapp.compute.explain import explain
from studyapp.compute.predict import predict
from studyapp.explanation import make_request, settings_of
from studyapp.models import (
    AuditEntry,
    Example,
    ExampleSet,
    ImageSet,
    Job,
    ProbeResult,
    RobustnessScore,
    SaliencyMap,
)
from studyapp.vocabulary import JobState
from tests.conftest import REPOSITORY, skip_or_fail
from tests.factories.dataset import ImageSetFactory
from tests.journeys.shard_worker import MODEL, PART
from tests.processes import environment
from tests.services import RABBITMQ, answers
from tests.studyapp.compute.conftest import CHANNELS, add_image

PARTS = 8
N_IMAGES = PARTS * PART
LEASE_S = 3

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def image_set() -> ImageSet:
    image_set = ImageSetFactory.create(name="corners")
    for number in range(N_IMAGES):
        add_image(image_set, strong=number % 3, label=number % 3, name=f"i{number}", number=number)
    predict(image_set, model=MODEL, name="held")
    return image_set


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of workers on a queue of their own."""
    name = f"shard-test-{uuid.uuid4().hex[:8]}"
    shared = {
        **environment(),
        "JOB_SEND": "1",
        "JOB_LEASE_SECONDS": str(LEASE_S),
        "MODEL_CALLABLES": f"{MODEL},{CHANNELS}",
        "SHARD_TEST_QUEUE": name,
        "SHARD_TEST_FOLDER": str(tmp_path),
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
    }
    if request.param == "embedded":
        yield {**shared, "CELERY_BROKER_URL": "filesystem://"}
        return
    if not answers(RABBITMQ):
        skip_or_fail(f"no RabbitMQ answers at {RABBITMQ}")
    yield {**shared, "CELERY_BROKER_URL": RABBITMQ}
    with Connection(RABBITMQ) as connection:
        Queue(name)(connection.channel()).delete()


@contextmanager
def worker(settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    modules = "tests.journeys.shard_worker,studyapp.compute.tasks"
    command = ["celery", "--app", "studyapp", "worker", "--include", modules, "--pool", "solo"]
    options = ["--queues", settings["SHARD_TEST_QUEUE"], "--loglevel", "ERROR"]
    name = ["--hostname", f"{uuid.uuid4().hex}@test"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, *options, *name], cwd=REPOSITORY, env=settings
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def say(settings: dict[str, str], *, verb: str) -> None:
    command = [sys.executable, "-m", "tests.journeys.shard_worker", verb]
    subprocess.run(command, cwd=REPOSITORY, env=settings, check=True, stdout=subprocess.DEVNULL)


def test_the_set_is_completed_and_every_artefact_is_there_once(
    image_set: ImageSet, broker: dict[str, str], tmp_path: Path
) -> None:
    say(broker, verb="explain")
    whole = Job.objects.get(parent=None)
    with worker(broker) as first, worker(broker):
        # Each has made one part, and is in the middle of its second.
        wait_for(lambda: in_state(whole, JobState.DONE) == 2)
        wait_for(lambda: in_state(whole, JobState.RUNNING) == 2)
        first.kill()
        first.wait()
        (tmp_path / "go").touch()
        wait_for(lambda: in_state(whole, JobState.DONE) == PARTS - 1)
        whole.refresh_from_db()
        assert (whole.state, whole.done) == (JobState.RUNNING, N_IMAGES - PART)
        time.sleep(LEASE_S)  # what the killed worker held
        say(broker, verb="sweep")
        wait_for(lambda: in_state(whole, JobState.DONE) == PARTS)
    whole.refresh_from_db()
    assert (whole.state, whole.done, whole.total) == (JobState.DONE, N_IMAGES, N_IMAGES)
    made = SaliencyMap.objects.values_list("image__image_id", flat=True)
    assert sorted(made) == sorted(f"i{number}" for number in range(N_IMAGES))
    assert sorted(whole.shards.values_list("attempts", flat=True)) == [1] * (PARTS - 1) + [2]
    assert AuditEntry.objects.filter(verb="explain").count() == 1


@pytest.fixture
def explained(image_set: ImageSet) -> ImageSet:
    """With maps that can be scored, of a model that nobody holds."""
    predict(image_set, model=CHANNELS, name="channels")
    settings = settings_of("saliency", options={})
    explain(make_request("corners", model="channels", settings=settings))
    return image_set


def in_every_step_all_is_made_once() -> dict[str, tuple[str, Callable[[], None]]]:
    """By command: the folder whose readers are held, and what there must be at its end."""

    def answers() -> None:
        found = ProbeResult.objects.values_list("image__image_id", "part")
        assert sorted(found) == sorted(
            (f"i{n}", part) for n in range(N_IMAGES) for part in range(4)
        )

    def examples() -> None:
        assert ExampleSet.objects.count() == 3
        assert Example.objects.count() == 3 * 6

    def scores() -> None:
        found = RobustnessScore.objects.values_list("saliency_map__image__image_id", flat=True)
        assert sorted(found) == sorted(f"i{number}" for number in range(N_IMAGES))

    return {
        "probe": ("images/", answers),
        "select_examples": ("images/", examples),
        "robustness": ("artefacts/", scores),
    }


@pytest.mark.long
def test_every_step_that_is_shared_out_is_completed_and_put_together_once(
    explained: ImageSet, broker: dict[str, str], tmp_path: Path
) -> None:
    broker["STORAGE_BACKEND"] = "tests.journeys.held_storage.HeldStorage"
    location = str(django_settings.STORAGES["default"]["OPTIONS"]["location"])
    broker["STORAGE_OPTIONS"] = json.dumps({"location": location})
    hold = tmp_path / "hold"
    with ExitStack() as running:
        running.enter_context(worker(broker))
        for verb, (folder, check) in in_every_step_all_is_made_once().items():
            victim = running.enter_context(worker(broker))
            hold.write_text(folder, encoding="utf-8")
            say(broker, verb=verb)
            whole = Job.objects.get(parent=None, verb=verb)
            n_parts = whole.shards.count()
            wait_for(lambda: len(list(tmp_path.glob("held-*"))) == 2)
            victim.kill()
            victim.wait()
            hold.unlink()
            for mark in tmp_path.glob("held-*"):
                mark.unlink()
            wait_for(partial(ended_parts, whole, n_parts - 1))
            assert whole.shards.count() == n_parts  # nothing is put together yet
            time.sleep(LEASE_S)  # what the killed worker held
            say(broker, verb="sweep")
            wait_for(partial(has_ended, whole))
            whole.refresh_from_db()
            assert (whole.state, whole.done, whole.total) == (JobState.DONE, N_IMAGES, N_IMAGES)
            attempts = sorted(whole.shards.values_list("attempts", flat=True))
            assert attempts == [1] * n_parts + [2]  # the last part is one more
            assert AuditEntry.objects.filter(verb=verb).count() == 1
            check()


def ended_parts(whole: Job, n: int) -> bool:
    return in_state(whole, JobState.DONE) == n


def has_ended(whole: Job) -> bool:
    return Job.objects.filter(pk=whole.pk, ended_at__isnull=False).exists()


def in_state(whole: Job, state: JobState) -> int:
    return whole.shards.filter(state=state).count()


def wait_for(condition: Callable[[], bool], *, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
