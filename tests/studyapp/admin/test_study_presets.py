from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.models import Study
from studyapp.people import make_researcher
from studyapp.presets import presets
from tests.factories.dataset import ImageSetFactory, VisionModelFactory

pytestmark = pytest.mark.django_db

URL = "admin:studyapp_study_from_preset"


@pytest.fixture
def mara(client: Client) -> User:
    image_set = ImageSetFactory.create(name="birds")
    VisionModelFactory.create(name="net", class_list=image_set.class_list)
    user = make_researcher("mara", password="a long secret")
    client.force_login(user)
    return user


def chosen(**changes: object) -> dict[str, object]:
    return {
        "preset": "adversarial_attention",
        "name": "mine",
        "image_set": "birds",
        "models": ["net"],
    } | changes


def test_the_page_tells_of_every_preset_and_the_list_leads_to_it(
    client: Client, mara: User
) -> None:
    page = client.get(reverse(URL)).content.decode()
    for preset in presets():
        assert f'value="{preset.name}"' in page
    assert reverse(URL) in client.get(reverse("admin:studyapp_study_changelist")).content.decode()


@pytest.mark.slow
def test_a_preset_becomes_a_draft_of_who_chose_it(client: Client, mara: User) -> None:
    answer = client.post(reverse(URL), chosen())
    study = Study.objects.get()
    assert answer["Location"] == reverse("admin:studyapp_study_change", args=[study.pk])
    assert (study.owner, study.state, study.population) == (mara, "draft", "flipped")
    assert list(study.conditions.values_list("name", flat=True)) == ["whole", "attention"]
    page = client.get(answer["Location"]).content.decode()
    assert "Images predicted right until an attack flipped them: 0" in page
    assert 'name="conditions-0-name" value="whole"' in page


@pytest.mark.parametrize(
    "changes", [{"preset": "top6"}, {"name": "no name"}, {"models": ["x"]}, {"image_set": "x"}]
)
def test_what_cannot_be_makes_nothing(
    client: Client, mara: User, changes: dict[str, object]
) -> None:
    assert client.post(reverse(URL), chosen(**changes)).status_code == 200
    assert not Study.objects.exists()


def test_a_name_in_use_is_said(client: Client, mara: User) -> None:
    client.post(reverse(URL), chosen())
    page = client.post(reverse(URL), chosen(preset="top5_a"), follow=True).content.decode()
    assert "There is a study of this name already" in page or "of this name already" in page
    assert Study.objects.get().population == "flipped"


def test_only_who_may_add_a_study_may(client: Client, mara: User) -> None:
    client.force_login(User.objects.create_user("guest", is_staff=True))
    assert client.get(reverse(URL)).status_code == 403
    assert client.post(reverse(URL), chosen()).status_code == 403
