from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from studyapp import queue
from studyapp.compute.tasks import VERBS
from studyapp.explain_in_shards import explain_in_shards
from studyapp.explanation import make_request, settings_of
from studyapp.models import ImageSet, SaliencyMap
from studyapp.vocabulary import JobState
from tests.factories.dataset import ImageSetFactory, ShownImageFactory
from tests.studyapp.compute.conftest import CHANNELS
from tests.studyapp.compute.test_explain import break_file

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
