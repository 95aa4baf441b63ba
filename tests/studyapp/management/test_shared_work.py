from __future__ import annotations

import io
import subprocess
import sys
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from studyapp import queue
from studyapp.errors import QuorumError
from studyapp.explanation import parameters_hash, settings_of
from studyapp.management import shared_work
from studyapp.models import ImageSet, Job, VisionModel
from studyapp.progress import Progress
from studyapp.vocabulary import JobState
from tests.conftest import REPOSITORY
from tests.factories.artefacts import SaliencyMapFactory
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, mistakes

COMMANDS = {
    "robustness": ["--set", "birds", "--model", "net"],
    "select_examples": ["--set", "birds", "--model", "net", "--condition", "mmd+criticisms"],
    "probe": ["--set", "birds", "--model", "net", "--kind", "pairs"],
}


@pytest.fixture
def birds(transactional_db: None) -> ImageSet:
    image_set = ImageSetFactory.create(name="birds")
    for number in range(5):
        ShownImageFactory.create(image_set=image_set, image_id=f"i{number}", label_index=0)
    mistakes(image_set, model="net", wrong={"i0": 1})
    VisionModel.objects.update(source="resnet18")
    return image_set


def run(verb: str, *more: str) -> str:
    out = io.StringIO()
    call_command(verb, *COMMANDS[verb], *more, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("verb", ["select_examples", "probe"])
def test_left_to_the_workers_it_is_a_job_in_parts(birds: ImageSet, verb: str) -> None:
    said = run(verb, "--queue", "--shard-size", "2")
    whole = Job.objects.get(parent=None)
    assert f"5 images in 3 parts (job {whole.pk})" in said
    assert (whole.verb, whole.state, whole.shards.count()) == (verb, JobState.RUNNING, 3)
    assert run(verb, "--queue", "--shard-size", "2") == said


def test_what_needs_no_network_is_one_part(birds: ImageSet) -> None:
    out = io.StringIO()
    call_command(
        "select_examples", "--set", "birds", "--condition", "uniform", "--queue", stdout=out
    )
    assert "Asked for: one part" in out.getvalue()
    assert Job.objects.get(parent=None).shards.count() == 1


@pytest.mark.parametrize(
    ("verb", "more", "message"),
    [
        ("robustness", [], "Run explain --kind saliency first"),
        ("robustness", ["--csv", "crs.csv"], "run without --queue when they are done"),
        ("probe", ["--shard-size", "0"], "must be at least 1"),
        ("probe", ["--class", "5"], "no image of class 5 has a file"),
        ("select_examples", ["--avoid", "nothing"], "there is no study of this name"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(
    birds: ImageSet, verb: str, more: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run(verb, "--queue", *more)
    assert not Job.objects.exists()


@pytest.mark.parametrize("verb", ["select_examples", "probe"])
def test_where_there_is_no_network_nothing_is_asked_for(birds: ImageSet, verb: str) -> None:
    VisionModel.objects.update(source="imported")
    with pytest.raises(CommandError, match="there is no network to ask"):
        run(verb, "--queue")


def test_waiting_it_says_how_the_work_ended(
    birds: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_work, "POLL_S", 0.01)
    assert "all put together" in waited("fine")
    with pytest.raises(CommandError, match="1 of them failed"):
        waited("broken")


def waited(outcome: str) -> str:
    """What the command says while a worker ends the parts of its job."""

    def verb(job: Job, progress: Progress) -> str:
        if outcome == "broken" and "images" in job.arguments:
            raise QuorumError("it is broken")
        return "all put together"

    def work() -> None:
        for _ in range(2):
            part = None
            while part is None:
                time.sleep(0.01)
                part = Job.objects.exclude(parent=None).filter(state=JobState.QUEUED).first()
            queue.run(part.pk, verbs={"probe": verb})
            if outcome == "broken":
                break
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        return run("probe", "--queue", "--wait")
    finally:
        worker.join()


def test_maps_are_shared_out_by_image(birds: ImageSet) -> None:
    model = VisionModel.objects.get()
    settings = parameters_hash(settings_of("saliency", options={}))
    for image in birds.images.all():
        SaliencyMapFactory.create(image=image, vision_model=model, parameters_hash=settings)
    assert "5 images in 2 parts" in run("robustness", "--queue", "--shard-size", "3")


@pytest.mark.slow
def test_a_machine_that_only_asks_needs_no_torch() -> None:
    program = """
import sys
import django
django.setup()
from importlib import import_module
for name in ("explain", "robustness", "select_examples", "probe"):
    import_module(f"studyapp.management.commands.{name}")
heavy = {"torch", "torchvision", "explain"} & set(sys.modules)
sys.exit(f"loaded: {sorted(heavy)}" if heavy else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
