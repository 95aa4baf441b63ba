from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.models import Study
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


@pytest.fixture
def owner(client: Client) -> Client:
    made = hand_study()
    add_votes_that_do_not_count(made)
    user = User.objects.create_user("owner", password="x", is_staff=True)
    Study.objects.filter(pk=made.study.pk).update(owner=user)
    client.force_login(user)
    return client


@pytest.mark.slow
def test_every_bar_of_yes_votes_leads_to_its_mistakes(owner: Client) -> None:
    report = owner.get(reverse("study-report", args=["hand"])).content.decode()
    for yes, mistakes in ((5, ["i4"]), (4, ["i5"]), (3, ["i6"]), (0, [])):
        link = f"/studies/hand/gallery/?model=alpha&amp;yes={yes}"
        assert link in report
        page = owner.get(html.unescape(link)).content.decode()
        assert re.findall(r'<img src="[^"]*" alt="(i\d)"', page) == mistakes
        assert f"{yes} of 5 yes" in page
    looser = owner.get("/studies/hand/gallery/?model=alpha&yes=3&unsure=yes").content.decode()
    assert "0 mistakes" not in looser
    for hostile in ("6", "-1", "x", "00"):
        page = owner.get(f"/studies/hand/gallery/?model=alpha&yes={hostile}").content.decode()
        assert " of 5 yes" not in page


@pytest.mark.slow
def test_the_marks_of_the_figures_lead_there_too(owner: Client) -> None:
    page = owner.get(f"{reverse('study-report', args=['hand'])}?unsure=yes").content.decode()
    drawn = set(re.findall(r'<a [^>]*xlink:href="([^"#]+)"', page))
    shown = {f"/studies/hand/gallery/?model=alpha&amp;yes={n}&amp;unsure=yes" for n in range(6)}
    assert len(drawn & shown) >= 2, "one for every number of yes that occurs"
    assert "/studies/hand/gallery/?model=alpha&amp;verdict=rejected&amp;unsure=yes" in drawn
    for link in drawn:
        assert owner.get(html.unescape(link)).status_code == 200
    assert all('tabindex="-1"' in tag for tag in re.findall(r"<a [^>]*xlink:href[^>]*>", page))
    file = owner.get(reverse("study-figure", args=["hand", "yes-votes", "pdf"]))
    assert b"gallery" not in file.getvalue()
