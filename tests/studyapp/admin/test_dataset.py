"""Asking for explanations on the page of an image set."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from studyapp.models import ImageSet, Job, VisionModel
from studyapp.people import make_researcher
from studyapp.shards import settle
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, mistakes

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(client: Client) -> User:
    user = make_researcher("mara", password="a long secret")
    client.force_login(user)
    return user


@pytest.fixture
def birds() -> ImageSet:
    """Three pictures, of which the model gets two wrong."""
    image_set = ImageSetFactory.create(name="birds")
    for number in range(3):
        ShownImageFactory.create(image_set=image_set, image_id=f"i{number}", label_index=0)
    mistakes(image_set, model="net", wrong={"i0": 1, "i1": 2})
    VisionModel.objects.update(source="resnet18")
    return image_set


def ask(client: Client, image_set: ImageSet, **changes: str) -> str:
    address = reverse("admin:studyapp_imageset_explain", args=[image_set.pk])
    data = {"kind": "attention", "model": "net", "method": "", "n_samples": "", "weights": ""}
    return client.post(address, {**data, **changes}, follow=True).content.decode()


def test_the_workers_are_asked_for_what_is_missing(
    client: Client, mara: User, birds: ImageSet
) -> None:
    page = ask(client, birds)
    whole = Job.objects.get(parent=None)
    assert (whole.verb, whole.total, whole.requested_by) == ("explain", 2, mara)
    assert whole.arguments["options"]["n_samples"] == 1000
    assert "Asked for: 2 images" in page
    assert f'data-job="{reverse("job-state", args=[whole.pk])}"' in page


def test_the_page_tells_the_progress_of_the_whole(
    client: Client, mara: User, birds: ImageSet
) -> None:
    ask(client, birds)
    part = Job.objects.exclude(parent=None).get()
    part.done = 1
    part.save()
    settle(part.parent_id or 0)
    answer = client.get(reverse("job-state", args=[part.parent_id])).json()
    assert (answer["state"], answer["done"], answer["total"]) == ("running", 1, 2)
    jobs = client.get(reverse("admin:studyapp_job_changelist")).content.decode()
    assert jobs.count("1 of 2") == 1


def test_an_option_of_another_kind_is_refused_in_words(
    client: Client, mara: User, birds: ImageSet
) -> None:
    page = ask(client, birds, kind="adversarial", n_samples="50")
    assert "--n-samples means nothing here" in page
    assert not Job.objects.exists()


def test_code_the_operator_did_not_allow_is_refused(
    client: Client, mara: User, birds: ImageSet, settings: Settings
) -> None:
    VisionModel.objects.update(source="lab.models:mine")
    assert "MODEL_CALLABLES" in ask(client, birds)
    settings.MODEL_CALLABLES = ["lab.models:mine"]
    assert "Asked for" in ask(client, birds)


def test_a_model_that_only_has_imported_answers_is_not_offered(
    client: Client, mara: User, birds: ImageSet
) -> None:
    VisionModel.objects.update(source="imported")
    ask(client, birds)
    assert not Job.objects.exists()


def test_only_those_who_may_ask_can(client: Client, birds: ImageSet) -> None:
    client.force_login(User.objects.create(username="staff", is_staff=True))
    address = reverse("admin:studyapp_imageset_explain", args=[birds.pk])
    assert client.post(address, {}).status_code == 403
