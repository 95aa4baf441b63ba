from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studyapp.models import ImageSet, Prediction, Study, VisionModel
from studyapp.pipeline.import_votes import import_votes
from studyapp.reports.rectify_study import rectify_study
from studyapp.web import rectify_actions
from tests.factories.dataset import ImageFactory, ImageSetFactory, label_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def image_set() -> ImageSet:
    image_set = ImageSetFactory.create(name="pets")
    for name in "abcd":
        ImageFactory.create(
            image_set=image_set, image_id=name, label=label_class(image_set, index=0)
        )
    return image_set


@pytest.fixture
def ledger(image_set: ImageSet, tmp_path: Path) -> Study:
    file = tmp_path / "v.csv"
    votes = "".join(f"a,1,R{number},yes\n" for number in range(4))
    file.write_text(f"image_id,class_index,rater_id,answer\n{votes}b,1,R0,no\n")
    import_votes(image_set, study="elsewhere", file=file)
    return Study.objects.get(name="elsewhere")


@pytest.fixture
def owner(ledger: Study, client: Client) -> Client:
    user = User.objects.create_user("owner", password="x", is_staff=True)
    for name in ("add_study", "add_prediction"):
        user.user_permissions.add(Permission.objects.get(codename=name))
    Study.objects.filter(pk=ledger.pk).update(owner=user)
    client.force_login(user)
    return client


def _upload(client: Client, content: bytes, **more: str) -> str:
    file = SimpleUploadedFile("p.csv", content)
    response = client.post(
        reverse("rectify-upload"), {"ledger": "elsewhere", "predictions": file, **more}, follow=True
    )
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def _cell(page: str, label: str) -> str:
    row = re.search(rf"<summary>{label}</summary>.*?</tr>", page, re.DOTALL)
    assert row, label
    return re.sub("<.*?>", "", row[0].rpartition('<td class="number">')[2]).strip()


def test_predictions_in_table_out_and_the_rest_becomes_a_draft(
    owner: Client, ledger: Study
) -> None:
    page = owner.get(reverse("rectify"), {"ledger": "elsewhere"}).content.decode()
    assert "No model has a prediction on pets yet." in page
    page = _upload(owner, b"image_id,net\na,1\nb,1\nc,2\nd,0\n")
    assert "pets: 4 images, 1 model." in page
    assert [_cell(page, label) for label in ("Images", "Misclassified", "Covered")] == [
        "4",
        "3",
        "2 (66.67 %)",
    ]
    assert _cell(page, "Accepted") == "1"
    assert _cell(page, "Not covered") == "1"
    assert _cell(page, "Rectified top-1 error") == "50.00 %"
    assert _cell(page, "If the rest were alike") == "37.50 %"
    assert _cell(page, "Bounds") == "[0.00, 50.00] %"
    assert "1 different pair of an image and a class is a mistake" in page
    assert "Only 0 of them can be asked about" in page
    (line,) = re.findall(r"<li>(1 trial .*?)</li>", page)
    assert line == rectify_study(ledger).cost.lines()[0]
    made = owner.post(
        reverse("rectify-ask"), {"ledger": "elsewhere", "model": ["net"], "name": "rest"}
    )
    study = Study.objects.get(name="rest")
    assert made["Location"] == reverse("admin:studyapp_study_change", args=[study.pk])
    assert (study.leaves_out, study.owner) == (ledger, User.objects.get(username="owner"))


@pytest.mark.slow
def test_what_cannot_be_is_said_and_nothing_is_kept(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "predictions.csv, line 2: net is 'x'" in _upload(owner, b"image_id,net\na,x\n")
    assert "Send the plain CSV" in _upload(owner, b"\x1f\x8b\x08")
    monkeypatch.setattr(rectify_actions, "LARGEST_UPLOAD", 5)
    assert "Use manage.py import_predictions" in _upload(owner, b"image_id,net\na,1\n")
    assert Prediction.objects.count() == VisionModel.objects.count() == 0
    response = owner.post(reverse("rectify-upload"), {"ledger": "elsewhere"}, follow=True)
    assert "no file was sent" in response.content.decode()
    response = owner.post(
        reverse("rectify-ask"), {"ledger": "elsewhere", "name": "rest"}, follow=True
    )
    assert "no model was chosen" in response.content.decode()
    assert not Study.objects.filter(name="rest").exists()


def test_the_rule_lies_in_the_address(owner: Client) -> None:
    _upload(owner, b"image_id,net\na,1\nb,1\nc,2\nd,0\n")
    url = reverse("rectify")
    page = owner.get(url, {"ledger": "elsewhere", "accept": "5"}).content.decode()
    assert _cell(page, "Accepted") == "0"
    assert "A look around, not the plan." in page
    odd = owner.get(url, {"ledger": "elsewhere", "accept": "9"})
    assert odd.status_code == 400
    assert "This address asks for what cannot be" in odd.content.decode()


def test_who_may_see_and_do_what(owner: Client, ledger: Study, client: Client) -> None:
    fresh = Client()
    for name in ("rectify", "rectify-upload", "rectify-ask"):
        assert fresh.get(reverse(name)).status_code == 302, "sign in first"
    for name in ("rectify-upload", "rectify-ask"):
        assert owner.get(reverse(name)).status_code == 405
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger", is_staff=True))
    assert "no imported votes here for you" in stranger.get(reverse("rectify")).content.decode()
    assert stranger.get(reverse("rectify"), {"ledger": "elsewhere"}).status_code == 404
    for name in ("rectify-upload", "rectify-ask"):
        assert stranger.post(reverse(name), {"ledger": "elsewhere"}).status_code == 403
    reader = User.objects.create_user("reader", is_staff=True)
    ledger.members.add(reader)
    stranger.force_login(reader)
    page = stranger.get(reverse("rectify"), {"ledger": "elsewhere"}).content.decode()
    assert reverse("rectify-upload") not in page
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="owner"))
    for name in ("rectify-upload", "rectify-ask"):
        assert strict.post(reverse(name), {"ledger": "elsewhere"}).status_code == 403
