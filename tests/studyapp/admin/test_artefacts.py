from __future__ import annotations

import io
import re

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from PIL import Image as PILImage

from studyapp.models import RobustnessScore
from studyapp.people import make_researcher
from tests.factories.artefacts import (
    AdversarialImageFactory,
    AttentionImageFactory,
    ExampleSetFactory,
    ProbeResultFactory,
    SaliencyMapFactory,
)

pytestmark = pytest.mark.django_db

FACTORIES = [
    AttentionImageFactory,
    AdversarialImageFactory,
    SaliencyMapFactory,
    ProbeResultFactory,
    ExampleSetFactory,
]


@pytest.fixture
def mara(client: Client) -> User:
    user = make_researcher("mara", password="a long secret")
    client.force_login(user)
    return user


def page_of(client: Client, row: Model) -> str:
    address = reverse(f"admin:studyapp_{row._meta.model_name}_change", args=[row.pk])
    return client.get(address).content.decode()


def pictures(page: str) -> list[tuple[str, str]]:
    """Address and alternative text of every picture of an artefact on the page."""
    return re.findall(r'<img src="([^"]*/picture/[^"]*)" alt="([^"]*)"', page)


def pixels(client: Client, address: str) -> np.ndarray:
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    return np.asarray(PILImage.open(io.BytesIO(answer.content)))


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_artefact_has_a_list_and_a_page_of_pictures(
    client: Client, mara: User, factory: type[AttentionImageFactory]
) -> None:
    row = factory.create()
    listing = reverse(f"admin:studyapp_{row._meta.model_name}_changelist")
    assert client.get(listing).status_code == 200
    shown = pictures(page_of(client, row))
    assert shown
    for address, text in shown:
        assert text
        assert pixels(client, address).ndim == 3


def test_the_superpixels_that_are_shown_stand_out(client: Client, mara: User) -> None:
    row = AttentionImageFactory.create()
    address = reverse("admin:studyapp_attentionimage_picture", args=[row.pk, "superpixels"])
    drawn = pixels(client, address)
    assert drawn.shape == (32, 32, 3)
    inside = [tuple(drawn[4, 8 * number + 4]) for number in range(4)]
    light, dimmed = (100, 120, 140), (55, 66, 77)
    assert inside == [light, dimmed, light, dimmed]


def test_the_weights_are_bars_the_strongest_first(client: Client, mara: User) -> None:
    page = page_of(client, AttentionImageFactory.create())
    assert re.findall(r'artefact-value">([^<]*)<', page) == [
        "0.5000",
        "0.1250",
        "0.0000",
        "-0.2500",
    ]
    assert re.findall(r"width: ([\d.]+)%", page) == ["100.0", "25.0", "0.0", "50.0"]
    assert page.count("artefact-against") == 1


def test_the_path_is_shown_frame_by_frame(client: Client, mara: User) -> None:
    shown = pictures(page_of(client, AttentionImageFactory.create()))
    frames = [address for address, _ in shown if "path-" in address]
    assert len(frames) == 2
    assert all(pixels(client, address).shape == (16, 16, 3) for address in frames)


def test_a_map_and_its_scores(client: Client, mara: User) -> None:
    row = SaliencyMapFactory.create()
    RobustnessScore.objects.create(
        saliency_map=row, boxes=[[0, 0, 8, 16]], parameters_hash="h", score=0.125, area=0.5
    )
    page = page_of(client, row)
    assert "0.125" in page
    drawn = pixels(client, reverse("admin:studyapp_saliencymap_picture", args=[row.pk, "map"]))
    # The box frames the left half; inside it stays the map's dark end, right of it its light one.
    assert tuple(drawn[0, 0]) == (255, 210, 0)
    assert drawn[8, 12].sum() > drawn[8, 4].sum()


def test_what_an_attack_added_is_seen_around_grey(client: Client, mara: User) -> None:
    row = AdversarialImageFactory.create()
    address = reverse("admin:studyapp_adversarialimage_picture", args=[row.pk, "flip-change"])
    assert tuple(pixels(client, address)[0, 0]) == (255, 1, 128)


def test_a_probe_shows_both_answers(client: Client, mara: User) -> None:
    page = page_of(client, ProbeResultFactory.create())
    assert "0.6250" in page
    assert "0.7500" in page


def test_a_fall_back_is_called_so(client: Client, mara: User) -> None:
    page = page_of(client, ExampleSetFactory.create())
    assert "Criticism 1, best of the rest" in page
    assert "Prototype 1:" in page


@pytest.mark.parametrize("factory", FACTORIES)
def test_nobody_without_the_right_sees_a_picture(
    client: Client, factory: type[AttentionImageFactory]
) -> None:
    row = factory.create()
    client.force_login(make_researcher("mara", password="a long secret"))
    address, _ = pictures(page_of(client, row))[0]
    client.force_login(User.objects.create(username="staff", is_staff=True))
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


def test_a_picture_that_is_not_there_is_a_404(client: Client, mara: User) -> None:
    row = AttentionImageFactory.create()
    name = "admin:studyapp_attentionimage_picture"
    assert client.get(reverse(name, args=[row.pk, "nothing"])).status_code == 404
    assert client.get(reverse(name, args=[row.pk + 1, "input"])).status_code == 404
    default_storage.delete(row.file)
    assert client.get(reverse(name, args=[row.pk, "attention"])).status_code == 404


def test_nothing_can_be_changed(client: Client, mara: User) -> None:
    row = AttentionImageFactory.create()
    page = page_of(client, row)
    assert 'name="_save"' not in page
    address = reverse("admin:studyapp_attentionimage_delete", args=[row.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
