from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studyapp.reports.design import design_study
from studyapp.reports.wishes import PAPER
from studyapp.web.design_form import fields_of, filled
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def value(page: str, name: str) -> str:
    found = re.search(rf'<input [^>]*name="{name}"[^>]*>', page)
    assert found, name
    shown = re.search(r'value="([^"]*)"', found[0])
    return shown[1] if shown else ""


def test_without_a_study_it_starts_from_the_paper(root: Client) -> None:
    page = root.get("/design/").content.decode()
    assert (value(page, "images"), value(page, "mistakes")) == ("50000", "11345")
    design = design_study(PAPER)
    assert f"ask about {design.n_asked:,} of the" in page
    assert f"{design.cost:,.2f} USD" in page
    assert page.count("<svg") == 2


@pytest.mark.slow
def test_the_address_is_the_design(root: Client) -> None:
    given = {"images": "1000", "mistakes": "400", "width": "2", "people": "300", "reward": "0.25"}
    page = root.get("/design/", given).content.decode()
    for name, text in given.items():
        assert value(page, name) == text
    data = root.get("/design/design.json", given).json()
    assert data["wish"]["n_errors"] == 400
    assert data["wish"]["reward"] == "0.25"
    form = filled(PAPER, given)
    assert form.is_valid()
    assert data == json.loads(json.dumps(design_study(form.wish()).to_dict()))
    assert f"/design/design.pdf?{urlencode(given).replace('&', '&amp;')}" in page
    assert root.get("/design/design.pdf", given).content.startswith(b"%PDF")
    assert root.get("/design/design.png", given).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"images": "10", "mistakes": "11"}, "more mistakes than images"),
        ({"accept": "6"}, "lower it, or ask more raters"),
        ({"people": "4"}, "as many people as raters"),
        ({"yes": "<script>"}, "Enter a number"),
        ({"yes": "nan"}, "Enter a number"),
        ({"width": "0"}, "greater than or equal to"),
        ({"images": "9" * 400}, "less than or equal to"),
        ({"reward": "1e400"}, "Ensure"),
        ({"lost": ""}, "This field is required"),
        ({"yes": "0"}, "leaves nothing to find out"),
    ],
)
def test_what_cannot_be_is_said_beside_its_number(
    root: Client, given: dict[str, str], message: str
) -> None:
    response = root.get("/design/", given)
    page = response.content.decode()
    assert response.status_code == 400
    assert message in page
    assert "<script>" not in page
    assert root.get("/design/design.json", given).status_code == 400
    assert root.get("/design/design.pdf", given).status_code == 404


@pytest.mark.slow
def test_a_study_brings_its_own_numbers_and_its_own_votes(root: Client) -> None:
    add_votes_that_do_not_count(hand_study())
    page = root.get("/studies/hand/design/").content.decode()
    shown = [value(page, name) for name in ("images", "mistakes", "raters")]
    assert shown == ["10", "6", "5"]
    assert "From hand: the votes lost, how often two models differ" in page
    assert value(page, "lost") == "13.79"
    without = root.get("/studies/hand/design/", {"pilot": ""}).content.decode()
    assert value(without, "lost") == "5"
    assert "From hand" not in without


@pytest.mark.slow
def test_a_pilot_must_be_one_that_the_person_may_see(client: Client) -> None:
    made = hand_study()
    user = User.objects.create_user("owner", is_staff=True)
    client.force_login(user)
    assert client.get("/design/", {"pilot": "hand"}).status_code == 404
    assert client.get("/studies/hand/design/").status_code == 404
    assert "hand" not in re.findall(
        r"<option[^>]*>([^<]*)", client.get("/design/").content.decode()
    )
    made.study.members.add(user)
    page = client.get("/design/", {"pilot": "hand"}).content.decode()
    assert '<option value="hand" selected>' in page


def test_a_pilot_fills_what_it_knows_and_leaves_the_rest(root: Client) -> None:
    page = root.get("/design/", {"width": "0.7"}).content.decode()
    form = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    kept = dict(form)
    assert kept["width"] == "0.7"
    assert "yes" not in kept
    assert set(fields_of(PAPER)) - set(kept) == {"yes", "differ", "spread", "lost", "discordant"}


def test_outsiders_sign_in_first(client: Client) -> None:
    StudyFactory.create(name="new")
    for url in ("/design/", "/design/design.json", "/studies/new/design/"):
        assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("worker"))
    assert client.get("/design/").status_code == 200
    assert client.get("/studies/new/design/").status_code == 404
