from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from studyapp import queue
from studyapp.compute.explain import explain
from studyapp.compute.tasks import VERBS
from studyapp.explain_in_shards import explain_in_shards
from studyapp.explanation import make_request, settings_of
from studyapp.models import (
    AuditEntry,
    Box,
    Example,
    ImageSet,
    Job,
    ProbeResult,
    RobustnessScore,
    SaliencyMap,
)
from studyapp.probe_in_shards import probe_in_shards
from studyapp.probing import ProbeRequest
from studyapp.robustness_in_shards import robustness_in_shards
from studyapp.select_in_shards import select_in_shards
from studyapp.selection import SelectionRequest
from studyapp.vocabulary import JobState, ProbeKind
from tests.factories.dataset import ImageSetFactory, ShownImageFactory
from tests.studyapp.compute.conftest import CHANNELS
from tests.studyapp.compute.test_explain import break_file, request_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_calls_no_code_the_operator_did_not_allow(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create()
    ShownImageFactory.create(image_set=image_set)
    folder = tmp_path / "var"
    folder.mkdir()
    arguments = {"set": image_set.name, "model": "shutil:rmtree", "weights": str(folder)}
    job = queue.enqueue("predict", arguments=arguments)
    queue.run(job.pk, verbs=VERBS)
    job.refresh_from_db()
    assert folder.exists()
    assert job.state == JobState.FAILED
    assert "MODEL_CALLABLES" in job.message


def test_explaining_calls_no_code_the_operator_did_not_allow(corners: ImageSet) -> None:
    request = make_request(
        "corners", model="channels", settings=settings_of("saliency", options={})
    )
    job = explain_in_shards(request, size=3)
    assert job is not None
    for part in job.shards.all():
        queue.run(part.pk, verbs=VERBS)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "MODEL_CALLABLES" in job.message
    assert not SaliencyMap.objects.exists()


def test_an_image_that_failed_is_named_by_the_whole(corners: ImageSet, settings: Settings) -> None:
    settings.MODEL_CALLABLES = [CHANNELS]
    break_file("image-1")
    request = make_request(
        "corners", model="channels", settings=settings_of("saliency", options={})
    )
    job = explain_in_shards(request, size=3)
    assert job is not None
    for part in job.shards.all():
        queue.run(part.pk, verbs=VERBS)
    job.refresh_from_db()
    assert (job.state, job.done, SaliencyMap.objects.count()) == (JobState.DONE, 4, 3)
    assert "image-1: not an image" in job.message


def work_off(whole: Job) -> Job:
    """Do every part there is, those made meanwhile too."""
    while part := whole.shards.filter(state=JobState.QUEUED).order_by("pk").first():
        queue.run(part.pk, verbs=VERBS)
    whole.refresh_from_db()
    return whole


def test_robustness_is_shared_out_and_its_classes_are_of_all_maps(corners: ImageSet) -> None:
    explain(request_of())
    image = corners.images.get(image_id="image-0")
    Box.objects.create(image=image, label_class=image.label, x0=0, y0=0, x1=16, y1=32)
    whole = work_off(robustness_in_shards(request_of(), size=2))
    assert (whole.state, whole.done, whole.shards.count()) == (JobState.DONE, 4, 3)
    assert "1 of 4 maps scored" in whole.message
    assert "Classes with the lowest crs (of 1 with one)" in whole.message
    assert RobustnessScore.objects.count() == 4
    assert AuditEntry.objects.get(verb="robustness").summary["maps"] == 4


@pytest.mark.parametrize("method", ["mmd", "uniform"])
def test_example_sets_are_chosen_once_from_what_the_parts_made(
    corners: ImageSet, settings: Settings, method: str
) -> None:
    settings.MODEL_CALLABLES = [CHANNELS]
    model = None if method == "uniform" else "channels"
    request = SelectionRequest("corners", method, model=model, prototypes=1, criticisms=0)  # type: ignore[arg-type]
    whole = work_off(select_in_shards(request, size=2))
    parts = 1 if method == "uniform" else 3
    assert (whole.state, whole.shards.count()) == (JobState.DONE, parts)
    assert f"{method}: example sets of 2 classes (2 now)" in whole.message
    assert Example.objects.count() == 2
    assert AuditEntry.objects.filter(verb="select_examples").count() == 1


def test_examples_of_a_model_nobody_allowed_are_refused(corners: ImageSet) -> None:
    request = SelectionRequest("corners", "confidence", model="channels", prototypes=1)
    whole = work_off(select_in_shards(request, size=3))
    assert whole.state == JobState.FAILED
    assert "MODEL_CALLABLES" in whole.message
    assert not Example.objects.exists()


@pytest.mark.parametrize(("kind", "answers"), [(ProbeKind.TILES, 20), (ProbeKind.PAIRS, 2)])
def test_probes_are_shared_out(
    corners: ImageSet, settings: Settings, kind: ProbeKind, answers: int
) -> None:
    settings.MODEL_CALLABLES = [CHANNELS]
    whole = work_off(probe_in_shards(ProbeRequest("corners", "channels", kind), size=2))
    assert (whole.state, whole.done, whole.shards.count()) == (JobState.DONE, 5, 4)
    assert f"of {answers} answers name another class" in whole.message
    assert ProbeResult.objects.count() == answers
    assert AuditEntry.objects.filter(verb="probe").count() == 1


def test_a_last_part_tells_that_it_lives_and_leaves_the_count_alone(
    corners: ImageSet, settings: Settings
) -> None:
    settings.MODEL_CALLABLES = [CHANNELS]
    whole = probe_in_shards(ProbeRequest("corners", "channels", ProbeKind.CAPTIONS), size=5)
    assert work_off(whole).shards.order_by("-pk").values_list("done", "total")[0] == (0, None)
    assert (whole.done, whole.total) == (5, 5)
