from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db
PAGE = "/studies/hand/votes/"


@pytest.mark.slow
def test_the_page_and_its_files(client: Client) -> None:
    add_votes_that_do_not_count(hand_study())
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_superuser("root"))
    page = client.get(PAGE).content.decode()
    assert page.count("<svg") == 4
    assert "2 + 2 + 1" in page
    assert "Raters by the votes of theirs that count: 5, from 1 to 6" in page
    for figure in ("votes-per-rater", "answer-times"):
        url = reverse("study-figure", args=["hand", figure, "png"])
        assert client.get(url).content.startswith(b"\x89PNG")
    narrow = client.get(PAGE, {"seconds_max": "4", "seconds_min": ""})
    assert "not the plan" in narrow.content.decode()
    assert client.get(PAGE, {"seconds_max": "x"}).status_code == 400


def test_others_see_nothing_and_a_new_study_has_nothing(client: Client) -> None:
    hand_study()
    StudyFactory.create(name="new")
    client.force_login(User.objects.create_user("other", is_staff=True))
    assert client.get(PAGE).status_code == 404
    client.force_login(User.objects.create_superuser("root"))
    assert "Nobody has voted yet" in client.get("/studies/new/votes/").content.decode()
    assert client.get("/studies/new/figures/answer-times.pdf").status_code == 404
