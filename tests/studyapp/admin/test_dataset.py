"""Asking for explanations on the page of an image set."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from studyapp.explanation import parameters_hash, settings_of
from studyapp.models import ImageSet, Job, VisionModel
from studyapp.people import make_researcher
from studyapp.shards import settle
from tests.factories.artefacts import SaliencyMapFactory
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, mistakes
from tests.factories.study import StudyFactory

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


def ask_for(client: Client, image_set: ImageSet, verb: str, **data: str) -> str:
    address = reverse("admin:studyapp_imageset_ask", args=[image_set.pk, verb])
    assert client.get(address).status_code == 200
    return client.post(address, data, follow=True).content.decode()


@pytest.mark.parametrize(
    ("verb", "data", "total"),
    [
        ("select_examples", {"condition": "mmd+criticisms", "model": "net"}, 3),
        ("select_examples", {"condition": "uniform"}, 0),
        ("probe", {"kind": "tiles", "model": "net", "rows": "3"}, 3),
    ],
)
def test_examples_and_probes_are_asked_for_on_a_page(
    client: Client, mara: User, birds: ImageSet, verb: str, data: dict[str, str], total: int
) -> None:
    page = ask_for(client, birds, verb, **data)
    whole = Job.objects.get(parent=None)
    assert (whole.verb, whole.total, whole.requested_by) == (verb, total, mara)
    assert f'data-job="{reverse("job-state", args=[whole.pk])}"' in page


def test_the_maps_there_are_can_be_scored(client: Client, mara: User, birds: ImageSet) -> None:
    settings = settings_of("saliency", options={"method": "score_cam", "variant": "official"})
    for image in birds.images.all():
        SaliencyMapFactory.create(
            image=image,
            vision_model=VisionModel.objects.get(),
            parameters=settings.parameters(),
            parameters_hash=parameters_hash(settings),
        )
    key = f"net/{parameters_hash(settings)[:12]}"
    ask_for(client, birds, "robustness", maps=key)
    whole = Job.objects.get(parent=None)
    assert (whole.total, whole.arguments["options"]["variant"]) == (3, "official")


@pytest.mark.parametrize(
    ("verb", "data", "message"),
    [
        ("robustness", {"maps": "net/nothing"}, "There are no saliency maps of this set yet"),
        ("select_examples", {"condition": "mmd"}, "this method asks a model"),
        ("probe", {"kind": "captions", "model": "net", "rows": "2"}, "--rows means nothing here"),
        ("probe", {"kind": "insertion", "model": "net"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_for_is_said_on_the_page(
    client: Client, mara: User, birds: ImageSet, verb: str, data: dict[str, str], message: str
) -> None:
    assert message in ask_for(client, birds, verb, **data)
    assert not Job.objects.exists()


def test_a_study_of_somebody_else_cannot_be_named(
    client: Client, mara: User, birds: ImageSet
) -> None:
    StudyFactory.create(name="hidden")
    page = ask_for(client, birds, "select_examples", condition="uniform", avoid="hidden")
    assert "Select a valid choice" in page
    assert not Job.objects.exists()


def test_nothing_else_can_be_asked_for(client: Client, mara: User, birds: ImageSet) -> None:
    address = reverse("admin:studyapp_imageset_ask", args=[birds.pk, "predict"])
    assert client.get(address).status_code == 404
    client.force_login(User.objects.create(username="staff", is_staff=True))
    address = reverse("admin:studyapp_imageset_ask", args=[birds.pk, "probe"])
    assert client.get(address).status_code == 403
