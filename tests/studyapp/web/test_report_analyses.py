from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from studyapp.models import NamedAnalysis, Study
from studyapp.pipeline.launch_study import launch_study
from tests.factories.study import StudyFactory
from tests.recruiting import a_draft, add_predictions
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db
PAGE = "/studies/hand/analyses/"
NAME = "/studies/hand/analyses/name/"


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    return made


@pytest.fixture
def owner(made: HandStudy, client: Client) -> Client:
    user = User.objects.create_user("owner", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_study"))
    Study.objects.filter(pk=made.study.pk).update(owner=user)
    client.force_login(user)
    return client


def test_settings_are_named_listed_and_led_back_to(owner: Client) -> None:
    sent = {"name": "three", "accept": "3", "unsure": "no", "seconds_min": "2", "seconds_max": "",
            "note": "<b>why</b>"}  # fmt: skip
    page = owner.post(NAME, sent, follow=True).content.decode()
    kept = NamedAnalysis.objects.get()
    assert (kept.accept_at, kept.unsure, kept.seconds_min, kept.seconds_max) == (3, "no", 2, None)
    assert kept.author is not None
    assert kept.author.username == "owner"
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    assert "accepted at 3 of 5, “cannot tell” as no, votes of at least 2 s" in page
    link = "accept=3&amp;unsure=no&amp;seconds_min=2&amp;seconds_max="
    assert f"/studies/hand/?{link}" in page
    report = owner.get("/studies/hand/", {"accept": "3", "unsure": "no", "seconds_min": "2",
                                          "seconds_max": ""}).content.decode()  # fmt: skip
    assert "A look around, not the plan." in report
    assert "1 unplanned analysis" in report


def test_what_cannot_be_named_is_said_and_not_kept(owner: Client) -> None:
    for sent in (
        {"name": "a b", "accept": "3"},
        {"name": "plan"},
        {"name": "x", "accept": "9"},
        {"name": "x", "accept": "3", "seconds_min": "nan"},
        {"accept": "3"},
    ):
        page = owner.post(NAME, sent, follow=True).content.decode()
        assert "note error" in page, sent
    assert not NamedAnalysis.objects.exists()


def test_only_who_may_change_the_study_names(made: HandStudy, client: Client) -> None:
    sent = {"name": "three", "accept": "3"}
    assert client.post(NAME, sent).status_code == 302
    reader = User.objects.create_user("reader", is_staff=True)
    made.study.members.add(reader)
    client.force_login(reader)
    assert "Name it" not in client.get(PAGE).content.decode()
    assert client.post(NAME, sent).status_code == 403
    stranger = User.objects.create_user("stranger", is_staff=True)
    stranger.user_permissions.add(Permission.objects.get(codename="change_study"))
    client.force_login(stranger)
    assert client.post(NAME, sent).status_code == 404
    assert client.get(PAGE).status_code == 404
    assert client.get(NAME).status_code == 405
    assert not NamedAnalysis.objects.exists()


def test_a_form_without_its_token_is_refused(owner: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="owner"))
    assert strict.post(NAME, {"name": "three", "accept": "3"}).status_code == 403


def test_a_stamped_plan_is_shown_with_its_hash_and_marks(client: Client) -> None:
    study = a_draft(images=4, name="stamped")
    add_predictions(study, name="b", wrong={"i000": 4})
    Study.objects.filter(pk=study.pk).update(
        planned_contrasts="b vs stamped-a", plan_note="<i>b wins</i>"
    )
    study.refresh_from_db()
    launch_study(study, check_funds=False)
    client.force_login(User.objects.create_superuser("root"))
    page = client.get("/studies/stamped/analyses/").content.decode()
    data = client.get("/studies/stamped/report.json").json()
    assert data["planned"] is True
    assert data["plan"]["plan_hash"] in page
    assert study.protocol_hash in page
    assert "b vs stamped-a" in page
    assert "&lt;i&gt;b wins" in page
    report = client.get("/studies/stamped/").content.decode()
    assert f"SHA-256 {data['plan']['plan_hash'][:12]}" in report
    assert report.count('<span class="mark">planned</span>') == 6
    pairs = client.get("/studies/stamped/models/").content.decode()
    assert pairs.count('b <span class="mark">planned</span></th>') == 2
    assert "the 1 planned pair by itself" in pairs
    looked = client.get("/studies/stamped/", {"accept": "3"}).content.decode()
    assert '<span class="mark">planned</span>' not in looked
    assert reverse("study-analyses", args=["stamped"]) + "?accept=3#name" in looked


def test_a_draft_has_neither_plan_nor_form(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    StudyFactory.create(name="new")
    page = client.get("/studies/new/analyses/").content.decode()
    assert "it is not launched" in page
    assert "Name it" not in page
