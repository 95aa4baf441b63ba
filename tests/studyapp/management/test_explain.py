from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import ImageSet, Job, SaliencyMap, VisionModel
from studyapp.vocabulary import JobState
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, mistakes

pytestmark = pytest.mark.django_db


def run(*command: str) -> str:
    out = io.StringIO()
    call_command("explain", "--set", "birds", "--model", "net", *command, stdout=out)
    return out.getvalue()


@pytest.fixture
def birds() -> ImageSet:
    image_set = ImageSetFactory.create(name="birds")
    for number in range(5):
        ShownImageFactory.create(image_set=image_set, image_id=f"i{number}", label_index=0)
    mistakes(image_set, model="net", wrong={"i0": 1})
    VisionModel.objects.update(source="resnet18")
    return image_set


def test_left_to_the_workers_it_is_a_job_in_parts(birds: ImageSet) -> None:
    said = run("--kind", "saliency", "--queue", "--shard-size", "2")
    whole = Job.objects.get(parent=None)
    assert f"5 images in 3 parts (job {whole.pk})" in said
    assert (whole.state, whole.shards.count()) == (JobState.RUNNING, 3)
    assert not SaliencyMap.objects.exists()
    assert (
        run("--kind", "saliency", "--queue", "--shard-size", "2").split("(")[1]
        == said.split("(")[1]
    )


def test_where_nothing_is_missing_nothing_is_asked_for(birds: ImageSet) -> None:
    birds.images.all().update(label=None)
    assert "Nothing is missing" in run("--kind", "saliency", "--queue")
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["--kind", "saliency", "--top-k", "3"], "--top-k means nothing here"),
        (["--kind", "saliency", "--queue", "--shard-size", "0"], "must be at least 1"),
        (["--kind", "adversarial", "--among", "mistakes"], "Leave out --of and --among"),
    ],
)
def test_what_cannot_be_done_is_said(birds: ImageSet, command: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*command)
