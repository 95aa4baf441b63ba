"""The blind cross-check, from the drawing to the figure: what the page shows and what it hides."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.urls import reverse

from studyapp.exports.cross_check import cross_check_tables
from studyapp.models import CrossCheckAnswer, CrossCheckItem, Study
from studyapp.people import make_researcher
from studyapp.reports import kept_report
from tests.studyapp.pipeline.test_cross_check import a_closed_study, draw
from tests.studyapp.web.rate_walk import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_researcher("owner", password="correct-horse-battery")


@pytest.fixture
def study(owner: User) -> Study:
    """Six decided questions, two of them accepted, all drawn."""
    study, decided = a_closed_study(images=6)
    Study.objects.filter(pk=study.pk).update(owner=owner)
    study.refresh_from_db()
    draw(study, decided, size=6)
    return study


def walk(client: Client, address: str) -> Page:
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return Page(response)


def post(client: Client, page: Page, **fields: str) -> Page:
    form = page.forms["trial"]
    response = client.post(form.action, {**form.fields, **fields}, follow=True)
    return Page(response)


@pytest.mark.slow
def test_from_the_first_picture_to_the_figure(study: Study, owner: User, client: Client) -> None:
    client.force_login(owner)
    report = kept_report(study)
    assert report.cross_check is not None
    assert (report.cross_check.complete, report.cross_check.false_yes) == (False, None)
    assert cross_check_tables(study, report) == ()
    page = walk(client, reverse("cross-check-look", args=[study.name]))
    model = study.vision_models.get().name
    for number in range(6):
        for hidden in ("accepted", "rejected", "verdict", model):
            assert hidden not in page.text.lower()
        assert f"{number + 1} of 6" in page.text
        if number == 1:
            # The first answer is taken back and given anew.
            undo = page.forms["undo"]
            page = Page(client.post(undo.action, undo.fields, follow=True))
            assert page.forms["trial"].fields["sequence"] == "1"
            page = post(client, page, answer="no")
        item = CrossCheckItem.objects.get(pk=page.forms["trial"].fields["trial"])
        agrees = "yes" if item.verdict == "accepted" else "no"
        page = post(client, page, answer="no" if number == 0 else agrees)
    assert "Figures of the cross-check" in page.text
    found = kept_report(study).cross_check
    assert found is not None
    assert found.complete
    assert found.n_changed == 1
    assert found.false_yes is not None
    assert found.false_no is not None
    accepted = CrossCheckItem.objects.filter(verdict="accepted")
    wrong = accepted.filter(position=0).count()
    assert (found.false_yes.n, found.false_yes.n_contradicted) == (2, wrong)
    assert (found.false_no.n, found.false_no.n_contradicted) == (4, 0)
    report_page = client.get(reverse("study-report", args=[study.name])).content.decode()
    assert "4 rejected questions in it (4 in all)" in report_page
    (table,) = cross_check_tables(study, kept_report(study))
    assert [row[2:4] for row in table.rows if row[2] == "rejected"] == [("rejected", "no")] * 4


@pytest.mark.slow
def test_only_who_may_change_the_study_answers(study: Study, owner: User, client: Client) -> None:
    look = reverse("cross-check-look", args=[study.name])
    save = reverse("cross-check-save", args=[study.name])
    assert client.get(look).status_code == 302
    client.force_login(make_researcher("stranger", password="correct-horse-battery"))
    assert client.get(look).status_code == 404
    client.force_login(owner)
    page = walk(client, look)
    fields = page.forms["trial"].fields | {"answer": "yes"}
    client.logout()
    for token in ("", "made-up", signing.dumps([1, owner.pk], salt="another")):
        assert client.post(save, fields | {"token": token}).status_code == 403
    other, decided = a_closed_study(images=1)
    draw(other, decided, size=1)
    foreign = reverse("cross-check-save", args=[other.name])
    assert client.post(foreign, fields).status_code == 403
    item = CrossCheckItem.objects.get(check_of__study=other)
    assert client.post(save, fields | {"trial": str(item.pk)}).status_code == 404
    assert client.post(save, fields | {"answer": "perhaps", "via": "script"}).status_code == 409
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.post(save, fields).status_code == 403
    assert not CrossCheckAnswer.objects.exists()


def test_drawing_is_a_post_of_who_may(owner: User, client: Client) -> None:
    study, _ = a_closed_study(images=2)
    Study.objects.filter(pk=study.pk).update(owner=owner)
    draw_it = reverse("cross-check-draw", args=[study.name])
    assert client.post(draw_it, {"size": "2"}).status_code == 302
    client.force_login(owner)
    assert client.get(draw_it).status_code == 405
    page = client.get(reverse("study-cross-check", args=[study.name]))
    assert b"Draw the sample" in page.content
    said = client.post(draw_it, {"size": "lots"}, follow=True)
    assert b"a sample of 0 cannot be" in said.content
    assert not CrossCheckItem.objects.exists()
