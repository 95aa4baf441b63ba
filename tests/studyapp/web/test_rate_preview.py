"""A researcher sees the rater's page of a draft; nobody else does, and nothing is stored."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studyapp.models import Stimulus, Study, Vote
from tests.factories.dataset import ShownImageFactory, mistakes
from tests.factories.study import StudyFactory, TrialFactory
from tests.studyapp.web.rate_walk import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", is_staff=True)


@pytest.fixture
def study(owner: User) -> Study:
    study = StudyFactory.create(owner=owner, render_resize=40, render_crop=32)
    for number in range(3):
        ShownImageFactory.create(
            image_set=study.image_set, image_id=f"picture-{number}", number=number
        )
    mistakes(study.image_set, model="m", wrong={"picture-1": 4, "picture-2": 2})
    study.vision_models.set(study.image_set.class_list.models.all())
    return study


def pages(client: Client, study: Study, query: str = "") -> Page:
    response = client.get(f"/studies/{study.name}/preview/{query}")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    return Page(response)


def test_mistakes_are_rendered_while_there_are_no_trials(
    client: Client, study: Study, owner: User
) -> None:
    client.force_login(owner)
    page = pages(client, study)
    assert page.class_name == "spoon", "what the model said about the first wrong picture"
    assert page.images[0].startswith("data:image/png;base64,")
    data = json.loads(page.text.split('type="application/json">')[1].split("</script>")[0])
    assert [trial["class_name"] for trial in data["trials"]] == ["spoon", "crane"]
    assert data["preview"] is True
    assert {trial["width"] for trial in data["trials"]} == {64}
    assert not Stimulus.objects.exists()
    assert not Vote.objects.exists()


def test_trials_are_shown_once_they_exist(client: Client, study: Study, owner: User) -> None:
    TrialFactory.create(condition=study.conditions.get())
    client.force_login(owner)
    stimulus = Stimulus.objects.get()
    assert pages(client, study).images == [f"/stimuli/{stimulus.stimulus_hash}.png"]


def test_a_damaged_picture_is_left_out(client: Client, study: Study, owner: User) -> None:
    study.image_set.images.filter(image_id="picture-1").update(file="images/gone.png")
    client.force_login(owner)
    assert pages(client, study).class_name == "crane"


def test_the_welcome_page_and_the_empty_study(client: Client, study: Study, owner: User) -> None:
    client.force_login(owner)
    welcome = pages(client, study, "?page=welcome")
    assert study.consent_text in welcome.text
    assert "disabled" in welcome.text
    study.vision_models.clear()
    assert "Nothing to show yet" in pages(client, study).text


def test_only_who_may_see_the_study_sees_its_preview(client: Client, study: Study) -> None:
    address = f"/studies/{study.name}/preview/"
    assert client.get(address).status_code == 404
    client.force_login(User.objects.create_user("other", is_staff=True))
    assert client.get(address).status_code == 404


def test_every_page_of_the_preview_leads_on_and_back(
    client: Client, study: Study, owner: User
) -> None:
    client.force_login(owner)
    back = f'href="/admin/studyapp/study/{study.pk}/change/"'
    pictures = pages(client, study).text
    assert back in pictures
    assert 'href="?page=welcome"' in pictures
    welcome = pages(client, study, "?page=welcome").text
    assert back in welcome
    assert f'href="/studies/{study.name}/preview/"' in welcome
    study.vision_models.clear()
    assert back in pages(client, study).text
