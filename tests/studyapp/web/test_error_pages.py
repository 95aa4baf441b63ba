from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


def test_a_form_without_its_token_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/admin/login/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "The form was too old" in answer.content.decode()


def test_somebody_without_the_right_is_told(client: Client) -> None:
    user = User.objects.create_user("guest", password="a long secret", is_staff=True)
    study = StudyFactory.create(owner=user)
    client.force_login(user)
    answer = client.post(f"/admin/studyapp/study/{study.pk}/act/", {"verb": "publish"})
    assert answer.status_code == 403
    assert "may not do this" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "words", "way"),
    [
        ("/marketplace/nonsense", "the task in it is not yours", "/marketplace/"),
        ("/studies/nonsense/more", "a study that is not yours", "/"),
    ],
)
def test_a_wrong_address_is_explained_to_whom_it_belongs(
    client: Client, path: str, words: str, way: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert words in answer.content.decode()
    assert f'class="button" href="{way}"' in answer.content.decode()


def test_the_page_of_an_error_needs_no_database(rf: RequestFactory) -> None:
    assert "Something went wrong here" in server_error(rf.get("/")).content.decode()
