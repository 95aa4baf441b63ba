from __future__ import annotations

import html
import io
import json
import re
import zipfile

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.models import AuditEntry, Prediction, Stimulus, Study, VisionModel
from studyapp.rendering import picture_hash
from studyapp.reports import build_report
from studyapp.selectors.populations import Picture
from studyapp.vocabulary import StudyState
from studyapp.web.report_comparison import p_value
from tests.factories.dataset import PredictionFactory, VisionModelFactory
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


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


def pages(name: str) -> list[str]:
    return [
        reverse("study-report", args=[name]),
        reverse("study-report-json", args=[name]),
        reverse("study-gallery", args=[name]),
        reverse("study-comparison", args=[name]),
        reverse("study-export", args=[name]),
        reverse("study-figure", args=[name, "errors", "pdf"]),
    ]


def status(client: Client, url: str) -> int:
    """The status of a page; a file is read to its end, which closes it."""
    response = client.get(url)
    if response.streaming:
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return response.status_code


def cells(page: str, label: str) -> list[str]:
    """The cells of the row whose name is `label`."""
    row = re.search(rf"<summary>{label}</summary>.*?</tr>", page, re.DOTALL)
    assert row, label
    found = re.findall(r'<td class="number">(?:<a [^>]*>)?(.*?)(?:</a>)?</td>', row[0])
    return [html.unescape(cell) for cell in found]


@pytest.mark.slow
def test_the_page_says_what_the_json_says(owner: Client, made: HandStudy) -> None:
    page = owner.get(reverse("study-report", args=["hand"])).content.decode()
    data = owner.get(reverse("study-report-json", args=["hand"])).json()
    assert data == json.loads(json.dumps(build_report(made.study).to_dict()))
    models = sorted(data["models"], key=lambda model: model["rectified_top1_error"])
    for label, key in (
        ("Images", "n_images"),
        ("Misclassified", "n_errors"),
        ("Asked", "n_asked"),
        ("Accepted", "n_accepted"),
        ("Rejected", "n_rejected"),
        ("Undecided", "n_undecided"),
        ("Not asked", "n_unasked"),
    ):
        assert cells(page, label) == [str(model[key]) for model in models], label
    assert cells(page, "Rectified top-1 error") == ["11.11 %", "40.00 %"]
    assert cells(page, "Bounds") == ["[11.11, 11.11] %", "[20.00, 40.00] %"]
    assert cells(page, "ReaL accuracy") == ["75.00 % (3 of 4)"] * 2
    assert page.count("<svg") == 8
    assert "Over 120 choices of rule and timing window, beta errs on" in page
    assert "Second vote of the same rater" in page


@pytest.mark.slow
def test_filters_are_in_the_address(owner: Client) -> None:
    url = reverse("study-report", args=["hand"])
    page = owner.get(url, {"accept": "3", "unsure": "no"}).content.decode()
    assert cells(page, "Accepted") == ["1", "4"]
    assert "not the plan" in page
    assert "accept=3&amp;unsure=no" in page
    assert "not the plan" not in owner.get(url, {"accept": "4"}).content.decode()
    data = owner.get(reverse("study-report-json", args=["hand"]), {"unsure": "yes"}).json()
    assert data["models"][0]["n_accepted"] == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        {"accept": "999"},
        {"accept": "-1"},
        {"accept": "0"},
        {"accept": "٣"},
        {"accept": "9" * 5000},
        {"unsure": "<script>alert(1)</script>"},
    ],
)
def test_an_impossible_filter_is_told_and_never_applied(
    owner: Client, query: dict[str, str]
) -> None:
    for name in ("study-report", "study-gallery", "study-comparison"):
        response = owner.get(reverse(name, args=["hand"]), query)
        assert response.status_code == 400
        page = response.content.decode()
        assert "asks for what cannot be" in page
        assert "<script>alert" not in page
    assert owner.get(reverse("study-report-json", args=["hand"]), query).status_code == 400
    assert owner.get(reverse("study-export", args=["hand"]), query).status_code == 400


@pytest.mark.slow
def test_a_hostile_model_name_stays_text(owner: Client, made: HandStudy) -> None:
    name = "<script>alert(1)</script>&\"'$\\frac"
    VisionModel.objects.filter(name="alpha").update(name=name)
    report = owner.get(reverse("study-report", args=["hand"])).content.decode()
    gallery = owner.get(reverse("study-gallery", args=["hand"]), {"model": name})
    assert gallery.status_code == 200
    assert "<script>alert" not in report + gallery.content.decode()
    assert html.escape("<script>") in report


def test_an_unknown_verdict_is_not_found(owner: Client) -> None:
    query = {"verdict": "nonsense"}
    assert owner.get(reverse("study-gallery", args=["hand"]), query).status_code == 404


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999999999", "x"])
def test_any_page_number_shows_a_page(owner: Client, page: str) -> None:
    response = owner.get(reverse("study-gallery", args=["hand"]), {"page": page})
    assert response.status_code == 200
    assert b"<figure>" in response.content


def test_strangers_see_nothing(client: Client, made: HandStudy) -> None:
    for url in pages("hand"):
        assert client.get(url)["Location"].startswith(reverse("admin:login"))
    for is_staff in (False, True):
        user = User.objects.create_user(f"stranger-{is_staff}", is_staff=is_staff)
        client.force_login(user)
        assert [status(client, url) for url in pages("hand")] == [404] * 6
        assert b"hand" not in client.get(reverse("study-list")).content


@pytest.mark.slow
def test_members_and_superusers_see_it(client: Client, made: HandStudy) -> None:
    member = User.objects.create_user("member", is_staff=True)
    made.study.members.add(member)
    for user in (member, User.objects.create_superuser("root")):
        client.force_login(user)
        assert [status(client, url) for url in pages("hand")] == [200] * 6
        assert b"hand" in client.get(reverse("study-list")).content


def test_pages_are_for_reading(owner: Client) -> None:
    assert [owner.post(url).status_code for url in pages("hand")] == [405] * 6


@pytest.mark.slow
def test_the_gallery_shows_each_outcome(owner: Client, made: HandStudy) -> None:
    expected = {
        "accepted": ["5 yes", "4 yes, 1 no"],
        "rejected": ["3 yes, 2 no"],
        "undecided": ["3 yes, 1 cannot tell, 1 no", "no votes"],
        "unasked": ["no votes"],
    }
    for outcome, votes in expected.items():
        page = owner.get(
            reverse("study-gallery", args=["hand"]), {"model": "alpha", "verdict": outcome}
        ).content.decode()
        assert re.findall(r'class="dots" role="img" aria-label="([^"]*)"', page) == votes
        pictures = re.findall(r'<img src="(/stimuli/[0-9a-f]{64}\.png)"', page)
        assert len(pictures) == (0 if outcome == "unasked" else len(votes))
        for picture in pictures:
            assert status(owner, picture) == 200
        assert "cat" in page
        assert "<strong>dog</strong>" in page
    # A picture that was made is shown before anybody has answered.
    (bare,) = re.findall(r'class="no-picture"><span>([^<]*)</span>', page)
    made.study.image_set.images.filter(image_id=bare).update(content_hash="b" * 64)
    image = made.study.image_set.images.get(image_id=bare)
    text = picture_hash(Picture(image, ()), study=made.study)
    Stimulus.objects.create(stimulus_hash=text, image=image, file="x.png", width=8, height=8)
    url, query = reverse("study-gallery", args=["hand"]), {"model": "alpha", "verdict": "unasked"}
    assert text in owner.get(url, query).content.decode()


def test_the_gallery_opens_where_there_are_mistakes(client: Client) -> None:
    made = hand_study()
    Prediction.objects.filter(image__image_id__in=["i4", "i5"]).delete()
    client.force_login(User.objects.create_superuser("root"))
    page = client.get(reverse("study-gallery", args=[made.study.name])).content.decode()
    assert 'aria-current="page" class="tab-rejected"' in page
    assert "<figure>" in page


@pytest.mark.slow
def test_the_gallery_has_pages(owner: Client, made: HandStudy) -> None:
    alpha = VisionModel.objects.get(name="alpha")
    Prediction.objects.filter(vision_model=alpha).delete()
    for n in range(130):
        PredictionFactory.create(
            vision_model=alpha,
            image__image_set=made.study.image_set,
            image__image_id=f"x{n:03d}",
            classes=[1],
        )
    url, query = reverse("study-gallery", args=["hand"]), {"verdict": "unasked"}
    shown: list[str] = []
    for number in ("1", "2", "3"):
        page = owner.get(url, query | {"page": number}).content.decode()
        shown += re.findall(r"<span>(x\d+)</span>", page)
    assert shown == [f"x{n:03d}" for n in range(130)]


@pytest.mark.slow
def test_a_count_leads_to_its_pictures(owner: Client) -> None:
    page = owner.get(reverse("study-report", args=["hand"]), {"accept": "3"}).content.decode()
    row = re.search(r"<summary>Accepted</summary>.*?</tr>", page, re.DOTALL)
    assert row
    links = re.findall(r'<a href="([^"]*)">(\d+)</a>', row[0])
    assert [count for _, count in links] == ["1", "4"]
    for link, count in links:
        gallery = owner.get(html.unescape(link)).content.decode()
        assert gallery.count("<figure>") == int(count)


@pytest.mark.slow
def test_downloads(owner: Client, made: HandStudy) -> None:
    response = owner.get(reverse("study-export", args=["hand"]), {"accept": "3"})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        report = json.loads(archive.read("hand/report.json"))
    assert report["protocol"]["accept_at"] == 3
    assert AuditEntry.objects.get(verb="export").actor == User.objects.get(username="owner")
    for suffix, start in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
        url = reverse("study-figure", args=["hand", "yes-votes", suffix])
        assert owner.get(url).content.startswith(start)
    for figure, suffix in (("errors", "svg"), ("nonsense", "pdf")):
        url = reverse("study-figure", args=["hand", figure, suffix])
        assert owner.get(url).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("with_model", [False, True])
def test_a_study_without_votes_or_predictions_has_its_pages(
    client: Client, with_model: bool
) -> None:
    study = StudyFactory.create(name="empty")
    if with_model:
        study.vision_models.add(VisionModelFactory.create())
    client.force_login(User.objects.create_superuser("root"))
    for url in pages("empty")[:5]:
        assert status(client, url) == 200
    assert status(client, pages("empty")[5]) == 404


def test_the_list_says_what_needs_a_person(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert b"no study here for you yet" in client.get(reverse("study-list")).content
    for state in (StudyState.DRAFT, StudyState.REVIEWED, StudyState.LIVE):
        StudyFactory.create(name=f"a-{state}", state=state)
    hand_study()
    page = client.get(reverse("study-list")).content.decode()
    for words in ("mark it as reviewed", "launch it", "without trials", "close the study"):
        assert words in page
    assert page.count("Needs you:") == 4
    assert '<a href="/marketplace/">Marketplace</a>' in page


def test_the_list_has_pages(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    StudyFactory.create_batch(21)
    first = client.get(reverse("study-list")).content.decode()
    second = client.get(reverse("study-list"), {"page": "2"}).content.decode()
    names = [re.findall(r'<h2><a href="/studies/([^/]+)/"', page) for page in (first, second)]
    assert [len(part) for part in names] == [20, 1]
    assert len({*names[0], *names[1]}) == 21


@pytest.mark.slow
def test_models_are_compared_under_the_rule_of_the_address(owner: Client) -> None:
    url = reverse("study-comparison", args=["hand"])
    assert url in owner.get(reverse("study-report", args=["hand"])).content.decode()
    page = owner.get(url).content.decode()
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">alpha</th>(.*?)</tr>", page)
    found = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert [row[:6] for row in found] == [
        ["beta", "9", "standard", "0", "3", "-33.33"],
        ["beta", "9", "rectified", "0", "2", "-22.22"],
    ]
    assert found[0][7:] == ["0.2500", "0.2500"]
    assert "not the plan" not in page
    assert "not the plan" in owner.get(url, {"accept": "3"}).content.decode()


def test_a_small_p_is_no_nought() -> None:
    assert [p_value(p) for p in (None, 1.0, 0.0312, 3e-9)] == ["–", "1.0000", "0.0312", "< 0.0001"]


@pytest.mark.slow
def test_a_timing_window_is_in_the_address(owner: Client, made: HandStudy) -> None:
    query = {"seconds_min": "0.4", "seconds_max": ""}
    page = owner.get(reverse("study-report", args=["hand"]), query).content.decode()
    assert "not the plan" in page
    assert "seconds_min=0.4&amp;seconds_max=" in page
    assert (
        'name="seconds_min" min="0" max="86400" step="any" inputmode="decimal" value="0.4"' in page
    )
    data = owner.get(reverse("study-report-json", args=["hand"]), query).json()
    assert (data["protocol"]["seconds_min"], data["protocol"]["seconds_max"]) == (0.4, None)
    assert data["protocol"]["as_planned"] is False
    counts = {row["reason"]: row["n_votes"] for row in data["votes"]["excluded"]}
    assert (counts["too_fast"], counts["too_slow"]) == (0, 0)
    planned = {row["model"]: row for row in data["sensitivity"] if row["planned"]}
    for model in data["models"]:
        assert planned[model["model"]]["n_accepted"] == model["n_accepted"]
    archive = owner.get(reverse("study-export", args=["hand"]), query)
    content = io.BytesIO(b"".join(archive.streaming_content))  # type: ignore[attr-defined]
    with zipfile.ZipFile(content) as file:
        assert json.loads(file.read("hand/report.json")) == data
    gallery = owner.get(reverse("study-gallery", args=["hand"]), query | {"model": "alpha"})
    assert "seconds_min=0.4&amp;seconds_max=&amp;" in gallery.content.decode().replace('"', "&amp;")


@pytest.mark.slow
def test_the_window_of_the_study_is_the_plan(owner: Client) -> None:
    url = reverse("study-report", args=["hand"])
    for query in ({"seconds_min": "1", "seconds_max": "60"}, {"seconds_min": "1.0"}):
        assert "not the plan" not in owner.get(url, query).content.decode()
    for wrong in ("-1", "1e3", "nan", "９", "86401", "60", "1" * 40):
        assert owner.get(url, {"seconds_min": wrong}).status_code == 400
