from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.exports import export_study
from studyapp.models import Rater, Study
from tests.factories.crowd import RaterIdentityFactory
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]
PAGE = "/studies/hand/raters/"


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    return made


@pytest.fixture
def owner(made: HandStudy, client: Client) -> Client:
    user = User.objects.create_user("owner", password="x", is_staff=True)
    Study.objects.filter(pk=made.study.pk).update(owner=user)
    client.force_login(user)
    return client


def column(page: str, label: str) -> list[str]:
    """The cells below a heading, from the top."""
    heads = [
        html.unescape(re.sub(r"<[^>]+>", "", cell)).rstrip(" ↓↑")
        for cell in re.findall(r"<th scope=\"col\".*?</th>", page, re.DOTALL)
    ]
    place = heads.index(label)
    rows = re.findall(r'<tr(?: class="flagged")?><th scope="row">.*?</tr>', page, re.DOTALL)
    found = []
    for row in rows:
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        found.append(html.unescape(re.sub(r"<details><summary>(.*?)</summary>.*", r"\1",
                                          cells[place], flags=re.DOTALL)))  # fmt: skip
    return found


@pytest.mark.slow
def test_the_page_the_csv_and_the_export_agree(
    owner: Client, made: HandStudy, tmp_path: Path
) -> None:
    page = owner.get(PAGE).content.decode()
    download = owner.get(reverse("study-raters-csv", args=["hand"])).content
    export_study(made.study, out=tmp_path / "out")
    assert download == (tmp_path / "out" / "raters.csv").read_bytes()
    rows = {row["rater_id"]: row for row in csv.DictReader(io.StringIO(download.decode()))}
    names = [re.sub(r"<[^>]+>", "", cell) for cell in column(page, "Rater")]
    assert set(names) == set(rows)
    assert [rows[name]["n_votes"] for name in names] == column(page, "Votes")
    assert [rows[name]["n_valid"] for name in names] == column(page, "Count")
    assert [rows[name]["flags"] != "" for name in names] == [
        cell != "" for cell in column(page, "Unusual")
    ]
    excluded = {name: sum(int(rows[name][key]) for key in rows[name]
                          if key.startswith("n_") and key not in {"n_votes", "n_valid", "n_unsure"})
                for name in names}  # fmt: skip
    assert [str(excluded[name]) for name in names] == column(page, "Do not")
    assert page.count("<svg") == 2


@pytest.mark.slow
def test_columns_sort_both_ways_without_a_script(owner: Client) -> None:
    first = owner.get(PAGE).content.decode()
    votes = [int(cell) for cell in column(first, "Votes")]
    assert votes == sorted(votes, reverse=True)
    assert 'aria-sort="descending"' in first
    (link,) = re.findall(r'href="\?(sort=yes&amp;down=1)#table"', first)
    falling = owner.get(f"{PAGE}?{html.unescape(link)}").content.decode()
    assert "sort=yes&amp;down=0#table" in falling
    rising = owner.get(f"{PAGE}?sort=yes&down=0").content.decode()
    assert 'aria-sort="ascending"' in rising
    shares = [cell for cell in column(falling, "Yes") if cell != "–"]
    assert [float(cell.split(" %")[0]) for cell in shares] == sorted(
        (float(cell.split(" %")[0]) for cell in shares), reverse=True
    )
    # Raters without a figure come last, whichever way it is sorted.
    assert column(falling, "Yes")[-1] == column(rising, "Yes")[-1] == "–"
    assert column(rising, "Yes")[: len(shares)] != column(falling, "Yes")[: len(shares)]


@pytest.mark.slow
@pytest.mark.parametrize("query", ["sort=<script>", "sort=yes&down=7", "down=0", "page=-1&sort="])
def test_a_hostile_sort_is_the_usual_one(owner: Client, query: str) -> None:
    response = owner.get(f"{PAGE}?{query}")
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


@pytest.mark.slow
def test_filters_hold_for_page_and_file(owner: Client) -> None:
    page = owner.get(PAGE, {"seconds_min": "10", "seconds_max": ""}).content.decode()
    assert set(column(page, "Count")) == {"0", "1"}
    assert "not the plan" in page
    assert "seconds_min=10&amp;seconds_max=" in page
    link = reverse("study-raters-csv", args=["hand"])
    rows = list(csv.DictReader(io.StringIO(
        owner.get(link, {"seconds_min": "10", "seconds_max": ""}).content.decode())))  # fmt: skip
    assert {row["n_valid"] for row in rows} == {"0", "1"}
    for wrong in ({"seconds_min": "-1"}, {"seconds_min": "60"}, {"seconds_max": "1e3"}):
        assert owner.get(PAGE, wrong).status_code == 400
        assert owner.get(link, wrong).status_code == 400


def test_no_identity_is_on_the_page(owner: Client) -> None:
    identities = [RaterIdentityFactory.create(rater=rater) for rater in Rater.objects.all()]
    page = owner.get(PAGE).content.decode()
    assert identities
    for identity in identities:
        assert identity.worker_id not in page
        assert str(identity.rater.public_id) not in page
        assert identity.rater.public_id.hex not in page


def test_others_see_nothing(made: HandStudy, client: Client) -> None:
    for url in (PAGE, reverse("study-raters-csv", args=["hand"])):
        assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("other", is_staff=True))
    for url in (PAGE, reverse("study-raters-csv", args=["hand"])):
        assert client.get(url).status_code == 404
        assert client.post(url).status_code == 405


def test_before_any_vote(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    StudyFactory.create(name="new")
    page = client.get("/studies/new/raters/").content.decode()
    assert "Nobody has voted yet" in page
    assert client.get("/studies/new/figures/raters.pdf").status_code == 404


@pytest.mark.slow
def test_the_plot_can_be_taken_away(owner: Client) -> None:
    response = owner.get(reverse("study-figure", args=["hand", "raters", "pdf"]))
    assert response.content.startswith(b"%PDF")


@pytest.mark.slow
def test_right_answers_have_columns_only_where_some_are_known(
    owner: Client, made: HandStudy
) -> None:
    assert "Right where known" in owner.get(PAGE).content.decode()
    for image in made.images.values():
        image.real_labels.all().delete()
    assert "Right where known" not in owner.get(PAGE).content.decode()
